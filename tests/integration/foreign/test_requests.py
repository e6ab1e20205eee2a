"""Requests that are built from the clinic's contract alone are taken by the clinic."""

from collections import Counter

import httpx

from harness.exercise.operations import Operation, read_operations
from harness.exercise.pool import Pool
from harness.exercise.requests import Prepared, prepare, variants

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROUNDS = 3
SUCCESS = range(200, 300)


def sent(clinic: httpx.Client, pool: Pool, prepared: Prepared) -> int:
    """The status of the answer, from which the pool has learned."""
    answer = clinic.request(
        prepared.operation.method,
        prepared.target,
        headers=dict(prepared.headers),
        content=prepared.content,
    )
    value = answer.json() if answer.content else None
    location = answer.headers.get("location", "")
    name, status = prepared.operation.name, answer.status_code
    pool.learn(name, prepared.target, status, value, prepared.body, location)
    if prepared.removes and status in SUCCESS:
        pool.forget(prepared.operation.path, prepared.removes)
    return status


def in_order(clinic: httpx.Client) -> list[Operation]:
    """The operations of the contract, what makes ids known first."""
    operations = read_operations(clinic.get("/openapi.json").content)
    return sorted(operations, key=lambda one: (METHODS.index(one.method), one.path.count("{")))


def test_every_operation_is_reached_without_a_hint(clinic: httpx.Client) -> None:
    pool, statuses = Pool("desk"), {}
    for number in range(ROUNDS):
        for operation in in_order(clinic):
            creates = operation.method == "POST" and "{" not in operation.path
            if creates or statuses.get(operation.name) not in SUCCESS:
                prepared = prepare(operation, pool, None, number)
                statuses[operation.name] = (
                    sent(clinic, pool, prepared) if isinstance(prepared, Prepared) else 0
                )
    assert {name: status for name, status in statuses.items() if status not in SUCCESS} == {}


def test_forms_of_requests_are_taken_too(clinic: httpx.Client) -> None:
    pool = Pool("forms")
    outcome: Counter[bool] = Counter()
    refused = {}
    for operation in in_order(clinic):
        prepared = prepare(operation, pool, None, 0)
        if not isinstance(prepared, Prepared) or (operation.method == "DELETE" and not prepared.owned):
            continue
        sent(clinic, pool, prepared)
        for form in variants(operation, pool, None, 7):
            status = sent(clinic, pool, form)
            outcome[status in SUCCESS] += 1
            if status not in SUCCESS:
                refused[f"{operation.name} {form.variant}"] = status
    assert refused == {}
    assert outcome[True] > 40
