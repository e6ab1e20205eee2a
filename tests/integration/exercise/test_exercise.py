"""The exercise on a small service with known sins, over real wires: each is put down to its route."""

import json
from collections import Counter
from pathlib import Path

import pytest

from harness.config.settings import Settings
from harness.exercise.exercise import exercise
from harness.exercise.measure import measure
from harness.exercise.model import Exercise, Warmth, Window
from harness.model.progress import Silent
from harness.target.launch import launch

KIOSK = Path(__file__).with_name("kiosk.py")
ITEM = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
LIST = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {**ITEM["properties"], "notes": {"type": "array", "items": {"type": "string"}}},
            },
        }
    },
}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 20}}
NUMBER = {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}}
NEW = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 3, "maxLength": 40}},
}


def answers(status: int, schema: dict) -> dict:
    return {str(status): {"description": "", "content": {"application/json": {"schema": schema}}}}


def reads(schema: dict, *parameters: dict, **more) -> dict:
    return {"get": {"parameters": list(parameters), "responses": answers(200, schema), **more}}


CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "kiosk", "version": "1"},
    "paths": {
        "/items": {
            **reads(LIST, LIMIT),
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW}}},
                "responses": answers(201, ITEM),
            },
        },
        "/items/{item_id}": {
            **reads(ITEM, NUMBER),
            "delete": {"parameters": [NUMBER], "responses": {"204": {"description": "gone"}}},
        },
        **{
            f"/{name}": reads({"type": "object"})
            for name in ("parallel", "leaky", "cached", "named", "broken")
        },
    },
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    folder = tmp_path_factory.mktemp("kiosk")
    (folder / "openapi.json").write_text(json.dumps(CONTRACT))
    read = Settings.model_validate(
        {
            "target": {
                "name": "kiosk",
                "openapi": "openapi.json",
                "disposable": True,
                "process": {
                    "command": ["{python}", str(KIOSK), "{port}"],
                    "prepare": [["{python}", str(KIOSK), "seed"]],
                    "env": {"DATABASE_URL": "{postgres}", "REDIS_URL": "{redis}"},
                },
            },
            "services": {"postgres": {}, "redis": {}},
            "identities": [
                {"name": "north", "tenant": "north", "headers": {"X-Key": "north"}},
                {"name": "south", "tenant": "south", "headers": {"X-Key": "south"}},
            ],
            "exercise": {"idle_s": 2, "repeats": 2, "variants": 6},
        }
    )
    return read, folder


@pytest.fixture(scope="module")
def done(settings: tuple[Settings, Path], tmp_path_factory: pytest.TempPathFactory):
    """The exercise once for all tests, and what the record keeps of it."""
    import asyncio

    read, folder = settings

    async def once():
        async with launch(
            read,
            config_folder=folder,
            folder=tmp_path_factory.mktemp("run"),
            size=1,
            load=False,
            wired=True,
            progress=Silent(),
        ) as target:
            whole = await exercise(target, read, Silent())
            return whole, await measure(whole, target, read)

    return asyncio.run(once())


@pytest.fixture(scope="module")
def whole(done) -> Exercise:
    return done[0]


def windows(whole: Exercise, operation: str) -> list[Window]:
    return [one for one in whole.windows if one.call.operation == operation and 200 <= one.call.status < 300]


def texts(window: Window) -> list[str]:
    return [seen.statement.sql for seen in window.statements]


def test_every_operation_is_reached_but_the_broken_one(whole: Exercise) -> None:
    assert [one.operation for one in whole.operations if not one.reached] == ["GET /broken"]
    assert {one.identity for one in (window.call for window in whole.windows)} == {"north", "south"}
    assert [(one.operation, one.status) for one in whole.failures][:1] == [("GET /broken", 500)]


def test_n_plus_one_is_counted_exactly(whole: Exercise) -> None:
    pages = {}
    for window in windows(whole, "GET /items"):
        counted = sum("FROM notes" in text for text in texts(window))
        assert counted == window.call.lengths["/items"]
        assert sum("FROM items" in text for text in texts(window)) == 1
        pages[window.call.lengths["/items"]] = counted
    assert len(pages) >= 2, "page sizes vary"


def test_pipelined_statements_and_parallel_connections_are_the_routes(whole: Exercise) -> None:
    for window in windows(whole, "GET /parallel"):
        counted = Counter(text for text in texts(window) if text.startswith("SELECT"))
        assert counted == {"SELECT 'piped', 1": 1, "SELECT 'piped', 2": 1, "SELECT 'beside'": 1}
        assert len({seen.statement.connection for seen in window.statements}) == 2


def test_a_poller_is_nobodys(whole: Exercise) -> None:
    polls = [one for one in whole.idle if "from jobs" in one.sql.lower()]
    assert len(polls) == 1
    assert 6 <= polls[0].count <= 11
    for window in whole.windows:
        assert not any("FROM jobs" in text for text in texts(window))


def test_a_job_that_a_write_sets_off_comes_after_it(whole: Exercise) -> None:
    created = windows(whole, "POST /items")
    assert created
    for window in created:
        assert sum(text.startswith("INSERT") for text in texts(window)) == 2
        assert not any(text.startswith("UPDATE jobs") for text in texts(window))
        assert any(seen.statement.sql.startswith("UPDATE jobs") for seen in window.after)


def test_cold_and_warm_are_kept_apart(whole: Exercise) -> None:
    for window in windows(whole, "GET /cached"):
        cold = window.call.warmth is Warmth.COLD
        assert len(texts(window)) == (1 if cold else 0)
        assert [one.outcome for one in window.commands if one.name == "GET"] == ["miss" if cold else "hit"]


def test_a_transaction_left_open_is_found_where_it_was_left(whole: Exercise) -> None:
    assert all(window.left_open == 1 for window in windows(whole, "GET /leaky"))
    others = [window for window in whole.windows if window.call.operation != "GET /leaky"]
    assert not any(window.left_open for window in others)


def test_a_column_that_is_never_answered_is_unused(whole: Exercise) -> None:
    cold = [one for one in windows(whole, "GET /items") if one.call.warmth is Warmth.COLD]
    assert all([name for _, name in window.unused] == ["secret"] for window in cold)


def test_a_comment_that_names_another_route_disagrees(whole: Exercise) -> None:
    assert [(one.operation, one.comment) for one in whole.disagreements] == [("GET /named", "/items")]


def test_only_what_was_made_is_removed(whole: Exercise) -> None:
    removed = {window.call.target.rpartition("/")[2] for window in windows(whole, "DELETE /items/{item_id}")}
    assert removed
    assert all(int(number) > 30 for number in removed)


def test_the_record_keeps_counts_by_route_and_warmth(done) -> None:
    whole, kept = done
    (cold,) = [one for one in kept.routes if one.operation == "GET /cached" and one.warmth is Warmth.COLD]
    assert [(one.least, one.most) for one in cold.statements] == [(1, 1)]
    assert [(one.name, one.misses) for one in cold.commands if one.name == "GET"] == [("GET", cold.requests)]
    assert kept.statements == whole.statements > 0
    assert kept.wired == ("postgres", "redis")
    assert set(kept.undecodable.values()) <= {0}
    assert whole.took_s < 40
