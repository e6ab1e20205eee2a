import time

import httpx
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


def test_a_model_that_hangs_is_given_up_in_time(seeded, start, sign_in, hanging_url):
    url = start({**seeded, "OLLAMA_URL": hanging_url, "MODEL_DEADLINE_S": "1"})
    client = sign_in(organization="org-084", url=url)
    began = time.monotonic()
    answer = client.post("/assistant/ask", json=GST)
    assert answer.status_code == 503
    assert 1 <= time.monotonic() - began < 3


def test_the_health_of_the_process_does_not_depend_on_the_model(system_url):
    assert httpx.get(f"{system_url}/health", trust_env=False).json() == {"status": "ok"}
