"""One name for all forms of one statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wires.fingerprint import fingerprint, normalized, route_comment


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ('SELECT b , count( * )\n FROM "t" AS a -- why\n LIMIT 5', "select b, count(*) from t as a limit ?"),
        ("SELECT 1 /* a /* nested */ one */ + $2;", "select ? + ?"),
        ("SELECT * FROM t WHERE id IN ($1, $2,$3)", "select * from t where id in (?)"),
        ("SELECT * FROM t WHERE id IN ('a'::uuid, 'b'::uuid)", "select * from t where id in (?::uuid)"),
        ("SELECT * FROM t WHERE n IN ('a'::varchar(3), NULL)", "select * from t where n in (?::varchar(?))"),
        ("SELECT * FROM t WHERE id = ANY(ARRAY[1, -2, 3])", "select * from t where id = any (array[?])"),
        ("SELECT * FROM t WHERE a IS NOT NULL AND b = TRUE", "select * from t where a is not null and b = ?"),
        ("INSERT INTO t (a, b) VALUES (1, 'x'), (2, E'\\'')", "insert into t(a, b) values (?)"),
        ("INSERT INTO t VALUES (1, now()), (2, now())", "insert into t values (?, now())"),
        ("SELECT a -1, b - 2.5, -3 FROM t LIMIT -1", "select a - ?, b - ?, ? from t limit ?"),
        ("SELECT x->>'k', y::numeric(10, 2) FROM t", "select x ->> ?, y::numeric(?) from t"),
        ('SELECT "Mixed", "plain" FROM Tall', 'select "Mixed", plain from tall'),
        ("SELECT $$a literal$$", "select ?"),
        ('DECLARE "c_1" CURSOR WITH HOLD FOR SELECT a FROM t', "select a from t"),
        ("/* route */ COPY (SELECT a FROM t WHERE b IN (1, 2)) TO STDOUT", "select a from t where b in (?)"),
        ("COPY t FROM STDIN", "copy t from stdin"),
        ("SAVEPOINT sa_savepoint_12", "savepoint ?"),
        ('ROLLBACK TO SAVEPOINT "_pg3_1"', "rollback to savepoint ?"),
        ('FETCH FORWARD 100 FROM "c_1"', "fetch forward ? from ?"),
        ("ROLLBACK", "rollback"),
        ("SELECT 'never closed", "select ?"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_statement_is_written_in_one_form(sql, text):
    assert normalized(sql) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE b = 1", "select a\nfrom t where b=$1"),
        ("SELECT a FROM t WHERE b = -1", "SELECT a FROM t WHERE b=2 /*traceparent='00-1'*/"),
        ("INSERT INTO t (a) VALUES (1)", "INSERT INTO t(a) VALUES (1), (2), (3);"),
        ("SELECT a FROM t WHERE b = NULL", "SELECT a FROM t WHERE b = 'x'"),
        ("DECLARE c CURSOR FOR SELECT 1 FROM t", "SELECT 2 FROM t"),
    ],
)
def test_forms_of_one_statement_share_its_name(one, other):
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE c = 1"),
        ("SELECT a FROM t WHERE b IS NULL", "SELECT a FROM t WHERE b IS NOT NULL"),
        ('SELECT "A" FROM t', "SELECT a FROM t"),
        ("SELECT a FROM t LIMIT 5", "SELECT a FROM t"),
        ("SELECT a - 1 FROM t", "SELECT a, 1 FROM t"),
    ],
)
def test_other_statements_have_other_names(one, other):
    assert fingerprint(one) != fingerprint(other)


@given(st.text(max_size=60))
def test_any_text_has_a_name(sql):
    assert len(fingerprint(sql)) == 12
    assert int(fingerprint(sql), 16) >= 0


@given(
    st.lists(st.integers(-99, 99), min_size=1, max_size=6),
    st.lists(st.integers(-99, 99), min_size=1, max_size=6),
)
def test_lists_of_any_length_share_a_name(first, second):
    texts = [
        f"SELECT * FROM t WHERE id IN ({', '.join(map(str, each))}) AND x > {each[0]}"
        for each in (first, second)
    ]

    assert fingerprint(texts[0]) == fingerprint(texts[1])


@pytest.mark.parametrize(
    ("sql", "route"),
    [
        ("SELECT 1 /*action='x',route='%2Fitems%2F%7Bid%7D',traceparent='0'*/", "/items/{id}"),
        ("SELECT 1 /* route='GET /items' */", "GET /items"),
        ("SELECT 1 /*application:shop,route:GET /items,line:3*/", "GET /items"),
        ("SELECT 1 -- route: GET /items\n", "GET /items"),
        ("SELECT 'route=''/no''' /* nothing */", ""),
        ("SELECT route FROM routes", ""),
        ("SELECT 1", ""),
    ],
)
def test_the_route_that_a_comment_names_is_read(sql, route):
    assert route_comment(sql) == route
