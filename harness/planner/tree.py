"""What EXPLAIN prints as JSON, as a tree of nodes."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from harness.planner.model import Actual, Node

Shape = tuple[Any, ...]
"""Kind, relation and index of a node, then the shapes of its children in their order."""


def read_tree(answer: bytes, schemas: Mapping[str, str] | None = None) -> Node:
    """The tree of one `EXPLAIN (FORMAT JSON)`; `schemas` say where a table is whose name is known once.

    Raises ValueError where the answer is no plan.
    """
    try:
        described = msgspec.json.decode(answer)[0]["Plan"]
    except (msgspec.DecodeError, LookupError, TypeError) as error:
        raise ValueError(f"Postgres explained something else than a plan: {answer[:80]!r}") from error
    return _node(described, schemas or {})


def walk(root: Node) -> Iterator[Node]:
    """The node and everything below it, parents before children, in EXPLAIN's order."""
    yield root
    for child in root.children:
        yield from walk(child)


def shape(root: Node) -> Shape:
    """What a plan is, apart from its costs and values: two plans of one shape do the same work."""
    return (root.kind, root.relation, root.index, *(shape(child) for child in root.children))


def relations(root: Node) -> frozenset[str]:
    """The names of all tables that the plan reads or writes."""
    return frozenset(node.relation for node in walk(root) if node.relation)


def indexes(root: Node) -> frozenset[str]:
    """The names of all indexes that the plan uses."""
    return frozenset(node.index for node in walk(root) if node.index)


def _node(told: dict[str, Any], schemas: Mapping[str, str]) -> Node:
    relation = told.get("Relation Name", "")
    return Node(
        kind=told["Node Type"],
        role=told.get("Parent Relationship", ""),
        relation=relation,
        schema=told.get("Schema", "") or schemas.get(relation, ""),
        alias=told.get("Alias", ""),
        index=told.get("Index Name", ""),
        join=told.get("Join Type", ""),
        strategy=told.get("Strategy", "") or told.get("Operation", ""),
        function=told.get("Function Name", ""),
        cte=told.get("CTE Name", ""),
        index_cond=told.get("Index Cond", "") or told.get("TID Cond", ""),
        recheck_cond=told.get("Recheck Cond", ""),
        filter=" AND ".join(told[key] for key in ("Filter", "One-Time Filter") if key in told),
        join_cond=" AND ".join(
            told[key] for key in ("Hash Cond", "Merge Cond", "Join Filter") if key in told
        ),
        sort_key=tuple(told.get("Sort Key", ())),
        presorted_key=tuple(told.get("Presorted Key", ())),
        startup_cost=told["Startup Cost"],
        cost=told["Total Cost"],
        rows=told["Plan Rows"],
        width=told.get("Plan Width", 0),
        subplans_removed=told.get("Subplans Removed", 0),
        actual=_actual(told) if "Actual Rows" in told else None,
        children=tuple(_node(child, schemas) for child in told.get("Plans", ())),
    )


def _actual(told: dict[str, Any]) -> Actual:
    return Actual(
        rows=told["Actual Rows"],
        loops=told["Actual Loops"],
        removed=told.get("Rows Removed by Filter", 0) + told.get("Rows Removed by Join Filter", 0),
        removed_by_recheck=told.get("Rows Removed by Index Recheck", 0),
        blocks=told.get("Shared Hit Blocks", 0) + told.get("Shared Read Blocks", 0),
        temp_blocks=told.get("Temp Written Blocks", 0),
        heap_fetches=told.get("Heap Fetches", 0),
        lossy_blocks=told.get("Lossy Heap Blocks", 0),
        exact_blocks=told.get("Exact Heap Blocks", 0),
        batches=max(told.get("Hash Batches", 1), told.get("HashAgg Batches", 1), 1),
        sort_disk=told.get("Sort Space Type", "") == "Disk",
        disk_kb=told.get("Disk Usage", 0),
    )
