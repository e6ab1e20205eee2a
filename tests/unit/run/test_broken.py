"""A check that could not be carried out leaves what others measured, and decides nothing by its absence."""

from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace

import pytest
from msgspec import Struct

from harness.config.settings import Settings, TargetSettings
from harness.errors import ServiceFailed
from harness.model.check import Check, Needs
from harness.model.progress import Silent
from harness.run import run as room
from harness.run.offered import Offered

TARGET = SimpleNamespace(
    services={},
    unwired={},
    identities=(),
    facts=(),
    contract=SimpleNamespace(operations=("GET /a",)),
    placement=SimpleNamespace(shared=tuple),
)


class Counted(Struct, frozen=True):
    statements: int


def check(name: str, measure, *, exercise: bool = False) -> Check:
    needs = Needs(wires=True, exercise=exercise)
    return Check(name=name, needs=needs, measurement=Counted, measure=measure, judge=lambda *_: ())


async def counted() -> Counted:
    return Counted(3)


async def refused() -> Counted:
    raise ServiceFailed("permission denied to create database")


def settings() -> Settings:
    return Settings(target=TargetSettings(name="a", openapi="a.json", disposable=True))


async def measured(monkeypatch: pytest.MonkeyPatch, tmp_path, *checks: Check) -> room.Taken:
    @asynccontextmanager
    async def launch(*_, **__):
        yield TARGET

    monkeypatch.setattr(room, "launch", launch)
    request = room.Request(
        settings=settings(), config_folder=tmp_path, profile="change", checks=(), out=tmp_path
    )
    taken = room.Taken()
    await room._measure(request, checks, None, tmp_path, taken=taken, progress=Silent())
    return taken


async def test_a_copy_that_is_refused_leaves_the_exercise_and_the_checks_after_it(
    monkeypatch, tmp_path
) -> None:
    checks = (check("exercise", counted), check("plans", refused, exercise=True), check("after", counted))
    taken = await measured(monkeypatch, tmp_path, *checks)
    assert list(taken.measurements) == ["exercise", "after"]
    assert [(one.check, one.reason) for one in taken.skipped] == [
        ("plans", "permission denied to create database")
    ]
    assert taken.broken == ["plans"]


async def test_a_failure_of_the_exercise_itself_ends_the_run(monkeypatch, tmp_path) -> None:
    with pytest.raises(ServiceFailed, match="permission denied"):
        await measured(monkeypatch, tmp_path, check("exercise", refused))


async def test_what_failed_is_not_tried_again_for_the_next_check(monkeypatch) -> None:
    asked = []

    async def planner(offered: Offered) -> object:
        asked.append(offered)
        raise ServiceFailed("permission denied to create database")

    monkeypatch.setattr(Offered, "_planner", planner)
    async with AsyncExitStack() as stack:
        offered = Offered(TARGET, settings(), Silent(), stack, {})
        for _ in range(2):
            with pytest.raises(ServiceFailed):
                await offered._get("planner")
    assert len(asked) == 1
