import pytest

from system.assistant.agents import AGENTS, normalize, route
from system.assistant.routes import STATEMENTS
from system.auth.permissions import Role


@pytest.mark.parametrize(
    ("question", "agent"),
    [
        ("What was our revenue this month?", "finance"),
        ("How much profit did we earn?", "finance"),
        ("How much GST do we owe?", "tax"),
        ("When is the next GSTR-1 return?", "tax"),
        ("Which invoices are overdue?", "collections"),
        ("Who pays late, whom should I remind?", "collections"),
        ("How is the sales pipeline?", "sales"),
        ("Any open deals or leads?", "sales"),
        ("How many customers do we have?", "contacts"),
        ("What is the weather like?", "general"),
    ],
)
def test_a_question_goes_to_the_agent_that_knows(question, agent):
    assert route(normalize(question), Role.OWNER).id == agent


def test_a_role_is_never_routed_past_its_permissions():
    assert route(normalize("revenue and profit and tax"), Role.VIEWER).id == "general"


def test_what_does_not_change_the_meaning_does_not_change_the_question():
    assert normalize("  How MUCH,  gst?! ") == normalize("how much GST") == "how much gst"
    assert normalize("ＧＳＴ") == "gst"
    assert normalize("?!") == ""


def test_every_agent_has_a_statement_for_its_facts():
    assert {agent.facts for agent in AGENTS} == set(STATEMENTS)
