"""What findings show of statements and numbers."""

from harness.planner.rules.wording import counted_number, short_sql


def test_values_written_into_a_statement_are_not_shown() -> None:
    shown = short_sql("SELECT id FROM keys WHERE hash = 'secret' -- by the gate\n LIMIT 1")
    assert "secret" not in shown
    assert "gate" not in shown
    assert shown.lower().startswith("select id from keys where hash =")


def test_a_long_list_of_columns_gives_way_to_what_matters() -> None:
    columns = ", ".join(f"column_{number}" for number in range(30))
    assert short_sql(f"SELECT {columns} FROM orders WHERE id = $1") == "SELECT … FROM orders WHERE id = $1"
    assert len(short_sql("SELECT $1 " + "x" * 900)) <= 160


def test_numbers_are_rounded_to_what_they_mean() -> None:
    assert [counted_number(value) for value in (0.4, 41.4, 138_640, 1_117_639)] == [
        "0",
        "41",
        "140,000",
        "1,100,000",
    ]
