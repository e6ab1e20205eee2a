"""Mutants of the foreign service: faults of work, never of answers."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from harness.prove.mutant import Mutant, find_mutants
from tests.integration.foreign.conftest import FOREIGN, serving

MUTANTS = find_mutants(FOREIGN / "mutants")
READ = (
    "/practitioners",
    "/practitioners/3/agenda",
    "/patients?per_page=7&page=3",
    "/patients?prefix=han&per_page=50",
    "/patients?prefix=Zz",
    "/patients/50",
    "/patients/999999",
    "/patients/50/notes?page=2",
    "/appointments",
    "/appointments?per_page=50&page=50",
    "/appointments?status=missed&per_page=10",
    "/appointments?include=treatments&per_page=30",
    "/appointments?status=done&include=treatments",
    "/appointments/40",
    "/appointments/999999",
    "/reports/utilisation",
)
NEW = {
    "patient_id": 50,
    "practitioner_id": 3,
    "starts_at": "2031-03-04T09:30:00Z",
    "minutes": 30,
    "reason": "rash",
    "treatments": [{"code": "x-ray", "price_cents": 4500}, {"code": "bandage", "price_cents": 900}],
}


def answers(client: httpx.Client) -> list[tuple[str, int, object]]:
    """What a client gets for a fixed walk through the service."""
    got = [(path, client.get(path)) for path in READ]
    got.append(("made", client.post("/appointments", json=NEW)))
    made = got[-1][1].json()["appointment_id"]
    got.append(("changed", client.put(f"/appointments/{made}/status", json={"status": "arrived"})))
    got.append(("read again", client.get(f"/appointments/{made}")))
    return [(name, answer.status_code, answer.json()) for name, answer in got]


@pytest.fixture(scope="module")
def clean_answers(copied: Callable[[str], str]) -> list[tuple[str, int, object]]:
    with serving(copied("asked")) as client:
        return answers(client)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_changes_no_answer(
    mutant: Mutant, copied: Callable[[str], str], clean_answers: list[tuple[str, int, object]]
) -> None:
    with serving(copied(Path(mutant.id).name), mutant.path) as client:
        assert answers(client) == clean_answers


def test_pages_without_a_highest_number_are_so_in_the_contract_too(copied: Callable[[str], str]) -> None:
    mutant = FOREIGN / "mutants" / "plans" / "unbounded_offset.py"
    with serving(copied("unbounded"), mutant) as client:
        page = client.get("/openapi.json").json()["components"]["parameters"]["page"]
        assert "maximum" not in page["schema"]
        assert client.get("/appointments?page=500000").json()["items"] == []
