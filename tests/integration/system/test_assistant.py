import asyncio
import time

import httpx
import psycopg
import pytest

from system.assistant.agents import AGENTS

GST = {"question": "How much GST do we owe?"}


@pytest.mark.usefixtures("model_url")
def test_an_agent_answers_from_figures_and_the_answer_is_kept(sign_in):
    client = sign_in(organization="org-080")
    first = client.post("/assistant/ask", json=GST)
    assert first.status_code == 200, first.text
    assert first.headers["cache-status"] == "system; fwd=miss; stored"
    assert first.json()["agent"] == "tax"
    assert first.json()["facts"]["gstPaise"] > 0
    assert first.json()["answer"]

    again = client.post("/assistant/ask", json={"question": "  how MUCH gst do we owe"})
    assert again.headers["cache-status"] == "system; hit"
    assert again.content == first.content


@pytest.mark.usefixtures("model_url")
def test_answers_are_kept_apart_by_organization_and_role(sign_in):
    sign_in(organization="org-081").post("/assistant/ask", json=GST)
    other = sign_in(organization="org-082").post("/assistant/ask", json=GST)
    role = sign_in("accountant", organization="org-081").post("/assistant/ask", json=GST)
    assert other.headers["cache-status"] == "system; fwd=miss; stored"
    assert role.headers["cache-status"] == "system; fwd=miss; stored"


@pytest.mark.usefixtures("model_url")
def test_a_role_without_finance_gets_an_agent_that_knows_no_revenue(sign_in):
    answer = sign_in("sales").post("/assistant/ask", json={"question": "What is our revenue?"})
    assert answer.json()["agent"] == "general"
    assert set(answer.json()["facts"]) == {"organization", "plan"}


@pytest.mark.usefixtures("model_url")
@pytest.mark.parametrize(
    ("role", "sees_money"), [("owner", True), ("accountant", True), ("sales", False), ("viewer", False)]
)
def test_only_roles_that_read_finance_learn_how_much_is_overdue(sign_in, role, sees_money):
    answer = sign_in(role, organization="org-002").post("/assistant/ask", json={"question": "overdue?"})
    assert answer.json()["agent"] == "collections"
    facts = answer.json()["facts"]
    assert facts["overdueInvoices"] > 0
    assert (facts["overduePaise"] is not None) == sees_money


@pytest.mark.usefixtures("model_url")
def test_every_agent_has_its_facts(sign_in):
    client = sign_in()
    for agent in AGENTS:
        question = f"tell me about {' '.join(agent.keywords[:1])}"
        answer = client.post("/assistant/ask", json={"question": question})
        assert (answer.status_code, answer.json()["agent"]) == (200, agent.id)


def test_without_a_model_the_answer_is_a_503_that_is_not_kept(seeded, start, sign_in):
    url = start({**seeded, "OLLAMA_URL": "http://127.0.0.1:9"})
    client = sign_in(organization="org-083", url=url)
    for _ in range(2):
        answer = client.post("/assistant/ask", json=GST)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert client.get("/contacts").status_code == 200


@pytest.mark.parametrize("deadline", ["MODEL_DEADLINE_S", "ANSWER_S"])
def test_a_model_that_hangs_is_given_up_in_time(seeded, start, sign_in, hanging_url, deadline):
    url = start({**seeded, "OLLAMA_URL": hanging_url, deadline: "1"})
    client = sign_in(organization="org-084", url=url)
    began = time.monotonic()
    answer = client.post("/assistant/ask", json=GST)
    assert answer.status_code == 503
    assert 1 <= time.monotonic() - began < 3


@pytest.fixture
def locked_invoices(seeded):
    with psycopg.connect(seeded["DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE invoices IN ACCESS EXCLUSIVE MODE")
        yield connection


@pytest.mark.usefixtures("model_url")
def test_facts_that_hang_on_a_lock_are_given_up_in_time_and_asked_again_afterwards(
    seeded, start, sign_in, locked_invoices
):
    client = sign_in(organization="org-087", url=start({**seeded, "ANSWER_S": "1", "POOL_SIZE": "1"}))
    began = time.monotonic()
    answer = client.post("/assistant/ask", json=GST)
    assert 1 <= time.monotonic() - began < 2
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    # The one connection is free again while the lock still stands.
    assert client.get("/contacts").status_code == 200
    locked_invoices.rollback()
    assert client.post("/assistant/ask", json=GST).status_code == 200


@pytest.mark.usefixtures("model_url")
@pytest.mark.parametrize("redis", [True, False], ids=["with Redis", "without"])
async def test_a_database_that_falls_silent_does_not_hold_the_answer_up(seeded, start, sign_in, relay, redis):
    changes = {"DATABASE_URL": await relay.open(seeded["DATABASE_URL"]), "ANSWER_S": "1"}
    if not redis:
        changes["REDIS_URL"] = "redis://127.0.0.1:9/0"
    url = await asyncio.to_thread(start, {**seeded, **changes})
    client = await asyncio.to_thread(sign_in, "owner", "org-088", url)
    relay.lost = b"never among the replies"
    began = time.monotonic()
    answer = await asyncio.to_thread(client.post, "/assistant/ask", json={"question": f"tax? {redis}"})
    assert 1 <= time.monotonic() - began < 2
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "model_unavailable")


def test_the_health_of_the_process_does_not_depend_on_the_model(system_url):
    assert httpx.get(f"{system_url}/health", trust_env=False).json() == {"status": "ok"}
