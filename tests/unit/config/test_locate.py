"""Lines of keys and tables in TOML text."""

from hypothesis import given
from hypothesis import strategies as st

from harness.config.locate import Lines

NAMES = st.text(alphabet="abcdefghij", min_size=1, max_size=8)


@given(st.dictionaries(NAMES, st.lists(NAMES, unique=True, max_size=5), max_size=6))
def test_every_key_is_found_on_the_line_it_was_written_on(tables: dict[str, list[str]]) -> None:
    written: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for table, keys in tables.items():
        written.append(f'["{table}"]  # a comment')
        expected[(table,)] = len(written)
        for key in keys:
            written.append(f"  {key} = 1")
            expected[(table, key)] = len(written)
    lines = Lines("\n".join(written))
    assert {path: lines.line(path) for path in expected} == expected


def test_quoted_and_dotted_keys_are_split() -> None:
    lines = Lines('[routes."GET /a.b"]\nclass = "page"\na."b c" = 1\n')
    assert lines.line(("routes", "GET /a.b", "class")) == 2
    assert lines.line(("routes", "GET /a.b", "a", "b c")) == 3


def test_items_of_an_array_of_tables_are_counted() -> None:
    lines = Lines("[[one]]\na = 1\n[[one]]\na = 2\n[one.two]\nb = 1\n")
    assert lines.line(("one", 0, "a")) == 2
    assert lines.line(("one", 1, "a")) == 4
    assert lines.line(("one", 1, "two", "b")) == 6


def test_a_key_inside_an_inline_table_has_its_tables_line() -> None:
    assert Lines("x = 1\n[a]\nb = { c = 1 }\n").line(("a", "b", "c")) == 3


def test_an_unknown_path_is_on_the_first_line() -> None:
    assert Lines("x = 1\n").line(("nowhere",)) == 1
