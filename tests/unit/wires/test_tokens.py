"""SQL text as tokens, and divided into statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wires.tokens import split, tokens


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; ; SELECT ';' ;", ["SELECT 1", "SELECT ';'"]),
        ("SELECT E'it\\';s'; SELECT 2", ["SELECT E'it\\';s'", "SELECT 2"]),
        ("SELECT 'a\\'; SELECT 2", ["SELECT 'a\\'", "SELECT 2"]),
        ('SELECT ";"; SELECT 2', ['SELECT ";"', "SELECT 2"]),
        ("DO $x$ BEGIN; $$ END; $x$; SELECT 2", ["DO $x$ BEGIN; $$ END; $x$", "SELECT 2"]),
        ("SELECT $1; SELECT $2", ["SELECT $1", "SELECT $2"]),
        ("SELECT 1 /* ; /* ; */ ; */; SELECT 2", ["SELECT 1 /* ; /* ; */ ; */", "SELECT 2"]),
        ("SELECT 1; -- the end;\n", ["SELECT 1"]),
        ("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", None),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; SELECT 3",
            None,
        ),
        ("BEGIN; SELECT 1; END; SELECT 2", ["BEGIN", "SELECT 1", "END", "SELECT 2"]),
        ("SELECT a-1;--x", ["SELECT a-1"]),
        ("/* nothing */", []),
        ("", []),
    ],
)
def test_statements_end_where_the_server_ends_them(sql, parts):
    found = split(sql)
    if parts is None:
        assert len(found) == 2
        assert found[1] == "SELECT 3"
    else:
        assert found == parts


def test_signs_are_no_part_of_an_operator_before_them():
    assert [token.text for token in tokens("a=-1 b<>-.5e-3 c@-d e->>'f'--g")] == [
        "a", "=", "-", "1", "b", "<>", "-", ".5e-3", "c", "@-", "d", "e", "->>", "'f'", "--g",
    ]  # fmt: skip


@given(st.text("ab1 '\"$/*-;()\\eE\n.:=é", max_size=80))
def test_tokens_are_the_text_less_its_blanks(sql):
    found = list(tokens(sql))
    position = 0
    for token in found:
        assert not sql[position : token.start].strip()
        assert sql.startswith(token.text, token.start)
        position = token.start + len(token.text)
    assert not sql[position:].strip()
