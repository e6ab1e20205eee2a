"""EXPLAIN's JSON as a tree."""

import json

import pytest

from harness.planner.tree import indexes, read_tree, relations, shape, walk

SORT = {
    "Node Type": "Sort",
    "Startup Cost": 12.5,
    "Total Cost": 13.0,
    "Plan Rows": 20,
    "Plan Width": 8,
    "Actual Rows": 19.5,
    "Actual Loops": 2,
    "Sort Key": ["orders.total DESC", "orders.id"],
    "Sort Space Type": "Disk",
    "Shared Hit Blocks": 30,
    "Shared Read Blocks": 12,
    "Temp Written Blocks": 5,
    "Plans": [
        {
            "Node Type": "Index Scan",
            "Parent Relationship": "Outer",
            "Relation Name": "orders",
            "Alias": "o",
            "Index Name": "orders_pkey",
            "Index Cond": "(tenant_id = 2)",
            "Filter": "(total > 5)",
            "Startup Cost": 0.3,
            "Total Cost": 9.0,
            "Plan Rows": 20,
            "Plan Width": 8,
            "Actual Rows": 20,
            "Actual Loops": 2,
            "Rows Removed by Filter": 400,
            "Rows Removed by Index Recheck": 3,
            "Heap Fetches": 7,
        }
    ],
}


def answer(plan: object) -> bytes:
    return json.dumps([{"Plan": plan}]).encode()


def test_a_tree_has_costs_conditions_and_what_its_nodes_did() -> None:
    root = read_tree(answer(SORT), {"orders": "shop"})
    scan = root.children[0]
    assert (root.kind, root.cost, root.rows, root.sort_key) == (
        "Sort",
        13.0,
        20,
        ("orders.total DESC", "orders.id"),
    )
    assert (scan.role, scan.schema, scan.index, scan.index_cond, scan.filter) == (
        "Outer",
        "shop",
        "orders_pkey",
        "(tenant_id = 2)",
        "(total > 5)",
    )
    assert root.actual is not None
    assert scan.actual is not None
    assert (root.actual.blocks, root.actual.temp_blocks, root.actual.sort_disk) == (42, 5, True)
    assert (scan.actual.removed, scan.actual.removed_by_recheck, scan.actual.heap_fetches) == (400, 3, 7)


def test_a_plan_that_was_not_run_says_nothing_of_what_was_done() -> None:
    planned = {
        key: value for key, value in SORT["Plans"][0].items() if not key.startswith(("Actual", "Rows"))
    }
    assert read_tree(answer(planned)).actual is None


def test_the_shape_is_of_kinds_relations_and_indexes_in_their_order() -> None:
    root = read_tree(answer(SORT))
    assert shape(root) == ("Sort", "", "", ("Index Scan", "orders", "orders_pkey"))
    assert [node.kind for node in walk(root)] == ["Sort", "Index Scan"]
    assert relations(root) == {"orders"}
    assert indexes(root) == {"orders_pkey"}


@pytest.mark.parametrize("text", [b"", b"[]", b'[{"Query Text": ""}]', b'"Utility Statement"'])
def test_what_is_no_plan_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="something else than a plan"):
        read_tree(text)
