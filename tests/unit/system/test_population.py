from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from system.identifiers import make_id, new_id
from system.seed.population import Population, shares

TODAY = date(2026, 11, 23)


def test_the_same_scale_and_day_give_the_same_rows():
    first, second = Population(1, TODAY), Population(1, TODAY)
    organization = first.organizations[40]
    assert first.organizations == second.organizations
    assert list(first.contact_rows(organization)) == list(second.contact_rows(organization))


def test_organizations_differ():
    people = Population(1, TODAY)
    one, other = people.organizations[40:42]
    assert not {row[1] for row in people.contact_rows(one)} & {row[1] for row in people.contact_rows(other)}


def test_invoices_are_numbered_without_gaps_and_their_lines_add_up():
    people = Population(1, TODAY)
    organization = people.organizations[60]
    contacts = [row[1] for row in people.contact_rows(organization)]
    lines = []
    invoices = list(people.invoice_rows(organization, contacts, lines))
    assert [row[3] for row in invoices] == list(range(1, organization.invoices + 1))
    for invoice in invoices:
        own = [line for line in lines if line[1] == invoice[1]]
        assert sum(line[8] for line in own) == invoice[7]
        assert sum(line[9] for line in own) == invoice[8]
        assert invoice[6] >= invoice[5]
        assert invoice[4] != "overdue" or invoice[6] < TODAY


@given(st.integers(1, 500), st.integers(0, 100_000))
def test_shares_add_up_and_never_grow(parts, extra):
    split = shares(parts + extra, parts)
    assert sum(split) == parts + extra
    assert len(split) == parts
    assert min(split) >= 1
    assert all(earlier >= later - 1 for earlier, later in pairwise(split))


@given(st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 74) - 1))
def test_an_id_is_a_uuid_of_version_7_with_its_time(at_ms, bits):
    made = make_id(at_ms, bits)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == at_ms


def test_ids_made_now_differ():
    assert len({new_id() for _ in range(1000)}) == 1000
