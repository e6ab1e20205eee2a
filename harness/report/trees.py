"""A plan tree as indented lines: what each node costs, how many rows it expects, what it does."""

from collections.abc import Iterator
from typing import Final

from harness.planner.model import Node
from harness.report.costs import cost_in_words
from harness.report.values import condition_without_values

MOST_LINES: Final = 60
"""A page is for reading; the record has the whole tree."""
LONGEST: Final = 160
"""Characters of one condition, as shown."""
READ: Final = 2_000
"""Characters of one condition that are read: lists of thousands of values are one mark in the end."""


def lines_of(root: Node) -> tuple[str, ...]:
    """`      cost       rows  node` and a line per node and condition, at most MOST_LINES of them.

    Values in conditions are left out.
    """
    lines = [(f"{'cost':>12}{'rows':>12}  node", ""), *_node(root, 0)]
    told = [
        start + (shortened(condition_without_values(condition[:READ])) if condition else "")
        for start, condition in lines[:MOST_LINES]
    ]
    left = len(lines) - MOST_LINES
    if left > 0:
        told.append(f"{'':>26}… and {left} more lines, in record.json")
    return tuple(told)


def _node(node: Node, depth: int) -> Iterator[tuple[str, str]]:
    """Each line as what it starts with, and the condition that it ends with."""
    indent = "  " * depth
    yield f"{cost_in_words(node.cost):>12}{node.rows:>12,.0f}  {indent}{name_of(node)}", ""
    for label, text in (
        ("index", node.index_cond),
        ("recheck", node.recheck_cond),
        ("join", node.join_cond),
        ("filter", node.filter),
        ("by", ", ".join(node.sort_key)),
    ):
        if text and not (label == "recheck" and node.index_cond):
            yield f"{'':>26}{indent}  {label}: ", text
    for child in node.children:
        yield from _node(child, depth + 1)


def name_of(node: Node) -> str:
    """`Index Scan of appointments a by appointments_pkey`, with its join and its role where they matter."""
    words = [node.kind]
    if node.join and node.join != "Inner":
        words.append(node.join.lower())
    if node.strategy and node.strategy != "Plain":
        words.append(f"({node.strategy.lower()})")
    source = node.relation or node.cte or node.function
    if source:
        words.append(f"of {source}")
        if node.alias and node.alias != source:
            words.append(node.alias)
    if node.index:
        words.append(f"by {node.index}")
    if node.role in {"InitPlan", "SubPlan"}:
        words.append(f"[{node.role}]")
    return " ".join(words)


def shortened(text: str, most: int = LONGEST) -> str:
    """The text on one line, cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 2].rstrip()} …"
