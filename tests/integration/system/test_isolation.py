"""The second wall: what row security keeps, were a statement to forget its organization."""

import psycopg
import pytest

from system.invoices.routes import STATEMENTS
from system.paging import FIRST

ENTER = "SELECT set_config('app.organization_id', %s, true)"
TABLES = ("organizations", "users", "contacts", "invoice_counters", "invoices", "invoice_lines")


@pytest.fixture
def connection(seeded):
    with psycopg.connect(seeded["DATABASE_URL"]) as made:
        yield made


@pytest.mark.parametrize("table", TABLES)
def test_without_an_organization_no_row_is_seen(connection, table):
    connection.execute("SET ROLE system_app")
    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    connection.execute(ENTER, ("",))
    assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@pytest.mark.parametrize("table", TABLES)
def test_with_an_organization_only_its_rows_are_seen(connection, table):
    organization = connection.execute("SELECT min(organization_id::text) FROM organizations").fetchone()[0]
    connection.execute("SET ROLE system_app")
    connection.execute(ENTER, (organization,))
    seen = connection.execute(f"SELECT DISTINCT organization_id::text FROM {table}").fetchall()
    assert seen == [(organization,)]


def test_a_search_keeps_to_the_organization_that_was_entered(connection):
    rows = connection.execute("SELECT organization_id::text FROM organizations LIMIT 2").fetchall()
    connection.execute("SET ROLE system_app")
    for (organization,) in rows:
        connection.execute(ENTER, (organization,))
        outside = connection.execute(
            "SELECT count(*) FROM search_contacts('kumar') AS id WHERE id NOT IN (SELECT id FROM contacts)"
        ).fetchone()
        assert outside == (0,)


def test_a_row_cannot_be_written_into_another_organization(connection):
    mine, theirs = [
        row[0] for row in connection.execute("SELECT organization_id::text FROM organizations LIMIT 2")
    ]
    connection.execute("SET ROLE system_app")
    connection.execute(ENTER, (mine,))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(
            "INSERT INTO contacts (organization_id, id, name) VALUES (%s, gen_random_uuid(), 'Spy')",
            (theirs,),
        )


def test_the_search_reads_the_index_and_not_the_tenant(connection):
    organization = connection.execute(
        "SELECT organization_id::text FROM contacts GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()[0]
    plan = connection.execute(
        "EXPLAIN SELECT id FROM contacts WHERE organization_id = %s::uuid"
        " AND search @@ contact_query(%s::uuid, 'ravi sh')",
        (organization, organization),
    ).fetchall()
    assert any("contacts_search_idx" in row[0] for row in plan)


@pytest.mark.parametrize(
    ("name", "index"),
    [("list_invoices", "invoices_pkey"), ("list_invoices_of_status", "invoices_status_idx")],
)
def test_a_page_of_invoices_is_read_from_its_index(connection, name, index):
    organization = connection.execute(
        "SELECT organization_id FROM invoices GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()[0]
    connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    plan = connection.execute(
        b"EXPLAIN " + STATEMENTS[name].sql,
        {"organization": organization, "cursor": FIRST, "limit": 50, "status": "paid"},
        prepare=True,
    ).fetchall()
    assert any(index in row[0] for row in plan), plan
    assert not any("Seq Scan" in row[0] for row in plan)
