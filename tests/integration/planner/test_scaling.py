"""Simulated size predicts the plans of data that is really there."""

import pytest

from harness.model.progress import Silent
from harness.planner.accuracy import compare, lines
from harness.planner.clones import open_clones


@pytest.mark.parametrize("version", ["18", "16"])
async def test_plans_of_ten_times_the_data_are_predicted_in_both_ways(
    version: str, open_target, growing, workspace_queries
) -> None:
    async with open_target(version) as target:
        queries = workspace_queries(target.services["postgres"])
        async with open_clones(target, growing(), queries, Silent(), rewritten=True) as clones:
            accuracy = await compare(clones, queries, 10)
    table = "\n".join(lines(accuracy))
    assert len(accuracy.pairs) >= 150
    assert accuracy.unplanned == 0
    assert accuracy.share >= 0.95, table
    assert accuracy.error[0] <= 0.05, table
