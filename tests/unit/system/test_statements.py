from pathlib import Path

import pytest

from system.db import read_statements

SYSTEM = Path(__file__).parents[3] / "system"
TENANTLESS = {"sign_in_user", "mark_overdue", "page"}
"""Two that run for no organization, and one that never runs alone; their files say why."""


def test_statements_are_found_by_name_without_comments(tmp_path):
    file = tmp_path / "a.sql"
    file.write_text("-- About.\n\n-- name: one\nSELECT 1\n-- why\n  + 1;\n\n-- name: two\nSELECT 2\n")
    statements = read_statements(file)
    assert {name: each.sql for name, each in statements.items()} == {
        "one": b"SELECT 1\n  + 1",
        "two": b"SELECT 2",
    }


def test_the_items_of_a_page_stand_inside_the_statement_of_all_pages(tmp_path):
    file = tmp_path / "a.sql"
    file.write_text("-- page: list_tasks\nSELECT id FROM tasks LIMIT 5\n\n-- name: two\nSELECT 2\n")
    statements = read_statements(file)
    assert b"FROM (SELECT id FROM tasks LIMIT 5) AS shown" in statements["list_tasks"].sql
    assert b"json_agg" in statements["list_tasks"].sql
    assert statements["two"].sql == b"SELECT 2"


@pytest.mark.parametrize("text", ["SELECT 1", "-- name: a\nSELECT 1\n-- name: a\nSELECT 2\n"])
def test_a_file_without_names_or_with_one_twice_is_refused(tmp_path, text):
    file = tmp_path / "b.sql"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"b\.sql"):
        read_statements(file)


def test_every_statement_of_a_request_filters_by_organization():
    files = [file for file in SYSTEM.rglob("*.sql") if file.parent.name not in {"migrations", "seed"}]
    assert len(files) >= 6
    for file in files:
        for name, statement in read_statements(file).items():
            assert (b"%(organization)s" in statement.sql) != (name in TENANTLESS), f"{file.name}: {name}"
