"""Plans and sizes in the words of findings."""

import re
from typing import Final

from harness.planner.model import Node, Plan, Way
from harness.wires.fingerprint import normalized

SQL_LENGTH: Final = 160
PARAMETER: Final = re.compile(r"\$\d")
IN_WORDS: Final = {
    "Seq Scan": "a sequential scan of {relation}",
    "Index Scan": "an index scan of {relation} by {index}",
    "Index Only Scan": "an index-only scan of {relation} by {index}",
    "Bitmap Heap Scan": "a bitmap scan of {relation}",
    "Sort": "a sort of {rows} rows",
}
WAY_IN_WORDS: Final = {
    Way.NOW: "with the data of now",
    Way.MORE: "with more tenants",
    Way.BIGGER: "with bigger tenants",
}


def short_sql(sql: str, length: int = SQL_LENGTH) -> str:
    """The statement on one line: comments out, the list of columns as …, cut at `length`.

    Values written into the text are left out: they are somebody's data, or a credential.
    """
    bare = sql if PARAMETER.search(sql) else normalized(sql)
    line = re.sub(r"\s+", " ", re.sub(r"--[^\n]*|/\*.*?\*/", " ", bare, flags=re.DOTALL)).strip()
    if len(line) > length:
        line = re.sub(r"(?i)^(select) .{20,}? (from) (?=[\w\"(])", r"\1 … \2 ", line)
    return line if len(line) <= length else line[: length - 2].rstrip() + " …"


def counted_number(value: float) -> str:
    """A number as one says it: two digits that mean something, thousands apart."""
    digits = max(0, len(str(int(value))) - 2)
    return f"{round(value, -digits):,.0f}"


def node_in_words(node: Node) -> str:
    """What one node does."""
    known = IN_WORDS.get(node.kind)
    if known is None:
        return f"a {node.kind.lower()}"
    return known.format(relation=node.relation, index=node.index, rows=counted_number(node.rows))


def size_in_words(plan: Plan) -> str:
    """Of what data a plan is: `at 100x with bigger tenants`."""
    return WAY_IN_WORDS[plan.way] if plan.way == Way.NOW else f"at {plan.scale}x {WAY_IN_WORDS[plan.way]}"


def within_in_words(plan: Plan) -> str:
    """Names the function whose body is meant, with a leading blank; empty for the statement itself."""
    return f" (inside the function {plan.within})" if plan.within else ""
