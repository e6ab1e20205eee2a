"""Values that are written into a text become bound ones, and what may be no value stays written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.planner.literals import INT4, INT8, NUMERIC, bound, literals, numbered, type_of_number
from harness.wires.fingerprint import fingerprint
from harness.wires.model import Parameter
from harness.wires.statements import Binding, Query
from harness.wires.tokens import Kind, tokens

TENANT = "b7f5d0c1-6f0e-4c1d-9a53-0e7c15fb4ae1"


def read(sql: str) -> tuple[str, list[bytes | None]]:
    """The text with `$n`, and the values."""
    found = literals(sql)
    return numbered(sql, found), [literal.parameter.value for literal in found]


def query(*texts: str, bindings: tuple[Binding, ...] = (Binding("real", ()),)) -> Query:
    return Query(fingerprint="f", sql=texts[0], user="app", bindings=bindings, literal_texts=texts)


@pytest.mark.parametrize(
    ("condition", "expected", "values"),
    [
        ("a = 'it''s' AND b <> 5", "a = $1 AND b <> $2", [b"it's", b"5"]),
        (f"a = '{TENANT}'::uuid", "a = $1::uuid", [TENANT.encode()]),
        ("a >= '2026-01-01'::timestamptz AND b", "a >= $1::timestamptz AND b", [b"2026-01-01"]),
        ("a = -5 OR b < - 0.5", "a = $1 OR b < $2", [b"-5", b"-0.5"]),
        ("a BETWEEN 1 AND 2.50", "a BETWEEN $1 AND $2", [b"1", b"2.50"]),
        ("a LIKE 'x%' OR 'y' = b", "a LIKE $1 OR $2 = b", [b"x%", b"y"]),
        ("a = E'back\\\\slash\\n\\''", "a = $1", [b"back\\slash\n'"]),
        ("lower(a) = lower('X')", "lower(a) = lower($1)", [b"X"]),
        ("a = CAST('1' AS bigint)", "a = CAST($1 AS bigint)", [b"1"]),
        ("a = ANY('{1,2}'::int[])", "a = ANY($1::int[])", [b"{1,2}"]),
        ("(a, b) < ('2026', -7) AND c", "(a, b) < ($1, $2) AND c", [b"2026", b"-7"]),
        ("data->>'kind' = 'note'", "data->>'kind' = $1", [b"note"]),
        ("EXISTS (SELECT FROM u WHERE a = 1 LIMIT 1)", "EXISTS (SELECT FROM u WHERE a = $1 LIMIT 1)", [b"1"]),
        ("a = 1 -- b = 2\n", "a = $1 -- b = 2\n", [b"1"]),
    ],
)  # fmt: skip
def test_what_a_column_is_compared_with_is_a_value(
    condition: str, expected: str, values: list[bytes]
) -> None:
    sql = "SELECT 1 FROM t WHERE "
    assert read(sql + condition) == (sql + expected, values)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, 1, 'x' FROM t ORDER BY 1, 2 LIMIT 5 OFFSET 10",
        "SELECT 1 FROM t GROUP BY 1 FETCH FIRST 5 ROWS ONLY",
        "SELECT 1 FROM t WHERE a > now() - interval '1 day' AND b = date '2026-01-01'",
        "SELECT 1 FROM t WHERE a > now() - '1 day'::interval AND b::numeric(10,2) = c",
        "SELECT 1 FROM t WHERE a = timestamp with time zone '2026-01-01' AND b IS NOT NULL AND c = true",
        "SELECT 1 FROM t WHERE a IN ('x', 'y') AND b IN (1) AND c = ANY(ARRAY['x', 'y'])",
        "SELECT 1 FROM t WHERE a->'b'->>'c' = d AND e ? 'f' AND date_trunc('day', g) = h AND i % 2 = j",
        "SELECT 1 FROM t WHERE a LIKE 'x' ESCAPE '!' AND b = 'x'\n'y' AND c = U&'x' AND d = B'1' AND e = 0xF",
        "SELECT count(*) FILTER (WHERE a = 'x'), CASE WHEN a = 'y' THEN 1 END FROM t",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        "SELECT 1 FROM t WHERE 1 = 1 AND (0 = 1 OR 'a' <> 'b')",
        "SELECT 1 FROM t WHERE (a, b, c) = (SELECT d, 5, e FROM u GROUP BY 1, 2, 3)",
        "SELECT 1 FROM t WHERE a = $1 AND b = 'x'",
        "SELECT 1 FROM t WHERE a = 'unclosed",
        "SELECT 1 FROM (VALUES (1, 'x')) v",
    ],
)
def test_what_may_be_no_value_stays_written(sql: str) -> None:
    assert literals(sql) == ()


def test_what_is_written_to_a_row_is_a_value() -> None:
    assert read("INSERT INTO t (a, b, c, d) VALUES ('x', -5, now() - interval '1 day', '{}'::json)") == (
        "INSERT INTO t (a, b, c, d) VALUES ($1, $2, now() - interval '1 day', $3::json)",
        [b"x", b"-5", b"{}"],
    )
    assert read("UPDATE t SET a = 'x', n = n + 1 WHERE id = 7") == (
        "UPDATE t SET a = $1, n = n + 1 WHERE id = $2",
        [b"x", b"7"],
    )


def test_a_number_has_the_type_that_the_server_reads_it_as() -> None:
    numbers = ("2147483647", "-2147483648", "2147483648", "9223372036854775808", "1.0", "1e3")
    assert [type_of_number(number) for number in numbers] == [INT4, INT8, INT8, NUMERIC, NUMERIC, NUMERIC]


def test_a_word_that_never_differs_may_be_a_constant_and_stays_written() -> None:
    sql = f"SELECT 1 FROM t WHERE tenant = '{TENANT}' AND state = 'open' AND kind = '{{}}' AND id = 7"
    found = bound(query(sql.format("a"), sql.format("b")))
    assert found.sql == "SELECT 1 FROM t WHERE tenant = $1 AND state = 'open' AND kind = $2 AND id = $3"
    assert found.bindings[0].parameters == (
        Parameter(TENANT.encode()),
        Parameter(b"a"),
        Parameter(b"7", oid=INT4),
    )
    assert found.literal_texts == ()


def test_bound_statements_and_those_without_values_are_left_as_they_are() -> None:
    sent = query("SELECT $1", bindings=(Binding("real", (Parameter(b"1"),)),))
    constant = query("SELECT 1 FROM t WHERE state = 'open'")
    assert bound(sent) is sent
    assert bound(constant) is constant


def quoted(text: str) -> str:
    """The text as a client of libpq quotes it (PQescapeLiteral)."""
    doubled = text.replace("'", "''")
    return "E'" + doubled.replace("\\", "\\\\") + "'" if "\\" in text else f"'{doubled}'"


OPERANDS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).map(quoted),
    st.integers().map(lambda number: f" {number}" if number < 0 else str(number)),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda number: f" {number:f}"),
    st.sampled_from([f"'{TENANT}'::uuid", "'2026-01-01'::date", "NULL", "now() - interval '1 day'", "b + 1"]),
)
CONDITIONS = st.tuples(
    st.sampled_from(["a", "lower(a)", "data->>'kind'", "a::numeric(10,2)", "b - 1"]),
    st.sampled_from(["=", "<>", "<", ">=", "LIKE", "@>"]),
    OPERANDS,
).map(" ".join)
STATEMENTS = st.tuples(
    st.sampled_from(["SELECT a, 'x' FROM t WHERE ", "DELETE FROM t WHERE ", "UPDATE t SET a = 'y' WHERE "]),
    st.lists(CONDITIONS, min_size=1, max_size=4).map(" AND ".join),
    st.sampled_from(["", " OR (a = 1 AND b IN (1, 2))", " -- route='x'"]),
).map("".join)


@given(STATEMENTS)
def test_values_put_back_give_the_same_statement(sql: str) -> None:
    text, values = read(sql)
    assert fingerprint(text) == fingerprint(sql)
    parts: list[str] = []
    position = 0
    for token in tokens(text):
        if token.kind == Kind.PARAMETER:
            literal = literals(sql)[int(token.text[1:]) - 1].parameter
            value = (values[int(token.text[1:]) - 1] or b"").decode()
            spelled = quoted(value) if literal.oid == 0 else value
            parts += text[position : token.start], spelled
            position = token.start + len(token.text)
    again = "".join((*parts, text[position:]))
    assert fingerprint(again) == fingerprint(sql)
    assert read(again) == (text, values)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.integers())
def test_numbers_are_bound_as_they_were_written(fraction: Decimal, whole: int) -> None:
    _, values = read(f"DELETE FROM t WHERE a = {fraction:f} AND b > {whole}")
    assert values == [f"{fraction:f}".encode(), str(whole).encode()]
