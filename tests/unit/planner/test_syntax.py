"""What the text of a statement says."""

import pytest

from harness.planner.rules.case import Comparison, Syntax
from harness.planner.syntax import read_syntax

COLUMNS = {
    "contacts": ("id", "tenant_id", "name", "email", "created_at", "active"),
    "people": ("id", "contact_id", "phone"),
}


def read(sql: str) -> Syntax:
    return read_syntax(sql, COLUMNS)


def compared(sql: str) -> list[tuple[str, str, str]]:
    return [(c.relation, c.column, c.operator) for c in read(sql).comparisons]


def one(condition: str) -> Comparison:
    (comparison,) = read(f"SELECT id FROM contacts c WHERE {condition}").comparisons
    return comparison


def test_aliases_and_bare_columns_are_told_by_their_tables() -> None:
    assert compared(
        "SELECT c.id FROM contacts c JOIN crm.people AS p ON p.contact_id = c.id "
        "WHERE c.tenant_id = $1 AND phone = $2"
    ) == [
        ("people", "contact_id", "="),
        ("contacts", "id", "="),
        ("contacts", "tenant_id", "="),
        ("people", "phone", "="),
    ]


def test_names_of_common_tables_and_subqueries_are_no_tables_and_are_looked_through() -> None:
    syntax = read(
        "WITH page AS (SELECT id, email AS address FROM contacts WHERE tenant_id = $1) "
        "SELECT * FROM page JOIN (SELECT contact_id FROM people) AS known ON known.contact_id = page.id "
        "WHERE page.address = $2"
    )
    assert set(syntax.tables) == {"contacts", "people"}
    assert {(c.relation, c.column, c.parameter) for c in syntax.comparisons} == {
        ("contacts", "tenant_id", 1),
        ("people", "contact_id", 0),
        ("contacts", "id", 0),
        ("contacts", "email", 2),
    }


def test_a_common_table_may_have_the_name_of_the_table_that_it_reads() -> None:
    assert read("WITH contacts AS (SELECT * FROM contacts WHERE id = $1) SELECT * FROM contacts").tables == (
        "contacts",
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("lower(c.email) = lower($1)", {"column": "email", "operator": "=", "parameter": 1}),
        ("id::text = $1", {"column": "id", "expression": "CAST(id AS TEXT)", "parameter": 1}),
        ("id = $1::uuid", {"column": "id", "expression": "", "parameter": 1}),
        ("$1 < created_at", {"column": "created_at", "operator": ">", "parameter": 1}),
        ("id IN ($1,$2)", {"operator": "in", "parameter": 0}),
        ("id = ANY($1::uuid[])", {"operator": "in", "parameter": 1}),
        ("name LIKE 'Ann%'", {"operator": "like", "literal": "Ann%"}),
        ("name ILIKE '%' || $1 || '%'", {"operator": "ilike", "literal": "%…%", "parameter": 1}),
        ("name NOT LIKE 'x%'", {"operator": "like", "negated": True}),
        ("email IS NOT NULL", {"operator": "is null", "negated": True}),
        ("active", {"operator": "=", "literal": "true"}),
        ("NOT active", {"operator": "=", "literal": "true", "negated": True}),
        ("name = 'it''s'", {"literal": "it's"}),
        ("to_tsvector('simple', name) @@ to_tsquery($1)", {"operator": "@@", "column": "name"}),
        ("name <% $1", {"operator": "%", "parameter": 1}),
        ('name COLLATE "C" = $1', {"expression": 'name COLLATE "C"'}),
        ("created_at BETWEEN $1 AND $2", {"operator": "between", "parameter": 1}),
        ("($1::text IS NULL OR name = $1)", {"operator": "=", "disjunct": True, "parameter": 1}),
    ],
)
def test_a_condition_becomes_a_comparison(condition: str, expected: dict[str, object]) -> None:
    comparison = one(condition)
    assert comparison.relation == "contacts"
    assert {name: getattr(comparison, name) for name in expected} == expected


def test_rows_are_compared_column_by_column() -> None:
    comparisons = read("SELECT 1 FROM contacts WHERE (created_at, id) < ($1,$2)").comparisons
    assert [(c.column, c.operator, c.parameter) for c in comparisons] == [
        ("created_at", "<", 1),
        ("id", "<", 2),
    ]


def test_assignments_are_no_comparisons() -> None:
    assert compared("UPDATE contacts SET name = $1 WHERE id = $2") == [("contacts", "id", "=")]


@pytest.mark.parametrize(
    ("sql", "limit", "offset"),
    [
        ("SELECT id FROM contacts ORDER BY id LIMIT 20 OFFSET $2", "20", "$2"),
        ("SELECT id FROM contacts FETCH FIRST $1 ROWS ONLY", "$1", ""),
        ("SELECT id FROM contacts OFFSET 5 ROWS FETCH NEXT ROW ONLY", "1", "5"),
        ("SELECT id FROM contacts LIMIT ALL", "", ""),
        (
            "SELECT coalesce(json_agg(x), '[]') FROM (SELECT id FROM contacts ORDER BY name LIMIT $3 + 1) x",
            "$3",
            "",
        ),
        ("WITH page AS (SELECT id FROM contacts LIMIT 5) SELECT * FROM page", "5", ""),
        ("SELECT (SELECT json_agg(x) FROM (SELECT id FROM contacts LIMIT 7) x) AS items", "7", ""),
        ("SELECT id FROM contacts WHERE id IN (SELECT contact_id FROM people LIMIT 3)", "", ""),
        (
            (
                "WITH found AS (SELECT id FROM f($1) AS id LIMIT $2) "
                "SELECT name FROM contacts WHERE id IN (SELECT id FROM found) ORDER BY id"
            ),
            "$2",
            "",
        ),
        (
            "SELECT c.id, (SELECT phone FROM people p WHERE p.contact_id = c.id LIMIT 1) FROM contacts c",
            "",
            "",
        ),
    ],
)
def test_the_limit_is_that_of_the_rows_that_the_answer_is_made_of(sql: str, limit: str, offset: str) -> None:
    assert (read(sql).limit, read(sql).offset) == (limit, offset)


def test_the_order_is_that_of_the_page() -> None:
    page = "SELECT id FROM contacts c ORDER BY c.created_at DESC, lower(name) LIMIT 5"
    assert read(f"SELECT json_agg(x) FROM ({page}) x").order == ("created_at desc", "LOWER(name)")


@pytest.mark.parametrize(
    ("sql", "aggregates", "counts"),
    [
        ("SELECT count(*) FROM contacts", True, True),
        ("SELECT coalesce(sum(id), 0), max(id) FROM contacts", True, False),
        ("SELECT json_agg(c) FROM contacts c", False, False),
        ("SELECT jsonb_agg(c) FROM contacts c", False, False),
        ("SELECT name, count(*) FROM contacts GROUP BY name", False, True),
        ("SELECT id, count(*) OVER () FROM contacts", False, True),
    ],
)
def test_one_aggregate_is_one_row_unless_it_holds_a_list(sql: str, aggregates: bool, counts: bool) -> None:  # noqa: FBT001 - a table of cases
    assert (read(sql).aggregates, read(sql).counts) == (aggregates, counts)


@pytest.mark.parametrize(
    ("condition", "searches"),
    [
        ("name ILIKE $1", True),
        ("name LIKE '%ann'", True),
        ("name LIKE 'ann%'", False),
        ("name ~ $1", True),
        ("name % $1", True),
        ("id = $1", False),
        ("id % 2 = 0", False),
    ],
)
def test_a_search_is_told_from_a_comparison(condition: str, searches: bool) -> None:  # noqa: FBT001 - a table of cases
    assert read(f"SELECT id FROM contacts WHERE {condition}").search is searches


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "select"),
        ("VALUES (1)", "select"),
        ("INSERT INTO contacts (id) VALUES ($1,$2)", "insert"),
        ("WITH gone AS (DELETE FROM contacts WHERE id = $1 RETURNING id) SELECT * FROM gone", "delete"),
        (
            "MERGE INTO contacts c USING people p ON c.id = p.id WHEN MATCHED THEN UPDATE SET name = 'x'",
            "update",
        ),
        ("VACUUM contacts", "other"),
    ],
)
def test_the_kind_is_what_a_statement_does_to_rows(sql: str, kind: str) -> None:
    assert read(sql).kind == kind


def test_a_text_that_cannot_be_parsed_still_tells_its_tables_and_its_limit() -> None:
    syntax = read("SELECT id FROM contacts c NATURALLY JOIN people ?? WHERE OF LIMIT $1")
    assert syntax == Syntax(kind="select", tables=("contacts", "people"), limit="$1", parsed=False)
