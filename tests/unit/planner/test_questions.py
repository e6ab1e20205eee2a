"""What is asked about one statement."""

import pytest

from harness.planner.parsing import readable, split, substituted
from harness.planner.questions import is_plannable, questions, whole_number
from harness.wires.model import BINARY, Parameter
from harness.wires.statements import Binding, Query

INT4 = 23


def query(sql: str, *parameters: Parameter, texts: tuple[str, ...] = ()) -> Query:
    return Query(
        fingerprint="f",
        sql=sql,
        user="app",
        bindings=(Binding("real", parameters),),
        literal_texts=texts,
    )


@pytest.mark.parametrize(
    ("sql", "plannable"),
    [
        ("/* route='x' */ -- why\n select 1", True),
        ("(SELECT 1) UNION (SELECT 2)", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", True),
        ("MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", True),
        ("SET search_path = x", False),
        ("COPY a FROM STDIN", False),
        ("BEGIN", False),
        ("", False),
    ],
)
def test_only_what_has_a_plan_is_asked(sql: str, plannable: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_plannable(sql) is plannable
    assert bool(list(questions(query(sql)))) is plannable


def test_a_generic_plan_is_asked_with_the_limit_that_was_sent() -> None:
    sql = "SELECT 1 FROM t WHERE a = $1 LIMIT $2 + 1 OFFSET $3"
    parameters = (Parameter(b"x"), Parameter((20).to_bytes(4), BINARY, INT4), Parameter(None))
    real, generic = questions(query(sql, *parameters))
    assert (real.sql, real.parameters, real.real) == (sql, parameters, True)
    assert generic.sql == "SELECT 1 FROM t WHERE a = $1 LIMIT 20 + 1 OFFSET $3"
    assert (generic.label, generic.real) == ("generic", False)
    assert generic.parameters[1] == Parameter(None, oid=INT4)


def test_further_bindings_are_asked_and_are_not_real() -> None:
    asked = list(questions(query("SELECT $1", Parameter(b"1")), (Binding("absent", (Parameter(b"0"),)),)))
    assert [(question.label, question.real) for question in asked] == [
        ("real", True),
        ("absent", False),
        ("generic", False),
    ]


def test_texts_with_their_values_written_in_are_asked_one_by_one() -> None:
    asked = list(questions(query("SELECT 1", texts=("SELECT 1", "SELECT 2"))))
    assert [(question.sql, question.number) for question in asked] == [("SELECT 1", 0), ("SELECT 2", 1)]


def test_written_values_are_asked_as_they_are_and_the_generic_plan_without_them() -> None:
    sql = "SELECT 1 FROM t WHERE a = {} LIMIT 5"
    first, second, absent, generic = questions(
        query(sql.format(1), texts=(sql.format(1), sql.format(2))), (Binding("absent", (Parameter(b"0"),)),)
    )
    assert [(each.sql, each.parameters, each.real) for each in (first, second)] == [
        (sql.format(1), (), True),
        (sql.format(2), (), True),
    ]
    assert [(each.sql, each.label, each.real) for each in (absent, generic)] == [
        (sql.format("$1"), "absent", False),
        (sql.format("$1"), "generic", False),
    ]


@pytest.mark.parametrize(
    ("parameter", "number"),
    [
        (Parameter(b"20"), 20),
        (Parameter((300).to_bytes(8), BINARY), 300),
        (Parameter(b"-1"), None),
        (Parameter(b"\xff\xff", BINARY), None),
        (Parameter(b"abc", BINARY), None),
        (Parameter(None), None),
    ],
)
def test_a_whole_number_is_read_in_both_formats(parameter: Parameter, number: int | None) -> None:
    assert whole_number(parameter) == number


def test_parameters_are_told_from_dollar_quotes_and_text() -> None:
    assert readable("a IN ($1,$2) AND b = '$3' AND c = $tag$ $4 $tag$ -- $5") == (
        'a IN ("$1","$2") AND b = \'$3\' AND c = $tag$ $4 $tag$ -- $5'
    )


def test_a_body_is_split_and_its_arguments_become_parameters() -> None:
    assert split("SELECT ';'; /* ; */ DELETE FROM a;\n") == ["SELECT ';'", "/* ; */ DELETE FROM a"]
    body = "SELECT o.state, 'state' FROM o WHERE o.state = f.state AND size = words AND words(1)"
    assert substituted(body, {"f.state": 1, "words": 2}) == (
        "SELECT o.state, 'state' FROM o WHERE o.state = $1 AND size = $2 AND words(1)"
    )
