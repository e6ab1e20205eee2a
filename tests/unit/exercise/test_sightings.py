"""A resource that the first parent does not show is looked for under others."""

import json

from harness.exercise.operations import read_operations
from harness.exercise.pool import Pool
from harness.exercise.sightings import MOST_PARENTS, missing, sightings

ID = {"type": "string", "format": "uuid"}
TASK = {
    "type": "object",
    "properties": {
        "id": ID,
        "checklist": {"type": "array", "items": {"type": "object", "properties": {"id": ID}}},
    },
}


def operation(schema: dict, *names: str) -> dict:
    return {
        "parameters": [{"name": name, "in": "path", "required": True, "schema": ID} for name in names],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}},
    }


OPERATIONS = read_operations(
    json.dumps({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/tasks/{task_id}": {"get": operation(TASK, "task_id")},
            "/tasks/{task_id}/history": {"get": operation({"type": "object"}, "task_id")},
            "/tasks/{task_id}/checklist/{item_id}": {"patch": operation({}, "task_id", "item_id")},
        },
    }).encode()
)  # fmt: skip
READ = {one.name for one in OPERATIONS if one.method == "GET"}


def pool(tasks: int) -> Pool:
    known = Pool()
    found = [{"id": f"{n:08d}-0000-4000-8000-000000000000", "title": "t"} for n in range(tasks)]
    known.learn("GET /tasks", "/tasks", 200, {"items": found})
    return known


def test_other_parents_are_looked_into_for_what_the_first_did_not_show() -> None:
    known = pool(20)
    wanted = missing(OPERATIONS, READ, known)
    assert wanted == {"checklist"}
    first, second, _ = OPERATIONS
    asked = [one.target for one in sightings(first, known, None, wanted)]
    assert len(set(asked)) == MOST_PARENTS
    assert list(sightings(second, known, None, wanted)) == []


def test_nothing_is_looked_for_where_it_is_known() -> None:
    known = pool(2)
    task = "00000000-0000-4000-8000-000000000000"
    item = {"id": "10000000-0000-4000-8000-000000000000"}
    known.learn("GET /tasks/{task_id}", f"/tasks/{task}", 200, {"id": task, "checklist": [item]})
    assert missing(OPERATIONS, READ, known) == set()
