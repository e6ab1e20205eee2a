"""Predicted plans and those of data that was really loaded, side by side: the proof of the simulation."""

import asyncio
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from msgspec import Struct

from harness.planner.clones import Clones
from harness.planner.explain import Explainer
from harness.planner.model import Node, Plan, Way
from harness.planner.questions import questions
from harness.planner.tree import shape
from harness.wires.statements import Query

TIE: Final = 1.2
"""Plans whose costs are so close are a toss-up: the next ANALYZE may change the real planner's mind."""
CLOSE_COST: Final = 1.0
"""Planner units: below that a difference is rounding."""


class Pair(Struct, frozen=True, kw_only=True):
    """One statement with one binding at one size: the predicted plan and the real one."""

    way: Way
    scale: int
    sql: str
    binding: str
    predicted: Node
    real: Node

    @property
    def ratio(self) -> float:
        """Predicted cost over real cost."""
        return (self.predicted.cost + CLOSE_COST) / (self.real.cost + CLOSE_COST)

    @property
    def same(self) -> bool:
        """Whether both trees do the same work: kinds of nodes, tables and indexes, in order."""
        return shape(self.predicted) == shape(self.real)

    @property
    def tied(self) -> bool:
        """Whether the trees differ, at costs so close that either may be chosen."""
        return not self.same and 1 / TIE <= self.ratio <= TIE


class Accuracy(Struct, frozen=True, kw_only=True):
    """All pairs; `unplanned` counts those that one side could not plan."""

    pairs: tuple[Pair, ...]
    unplanned: int = 0

    @property
    def share(self) -> float:
        """The share of pairs with the same tree, ties included."""
        return sum(pair.same or pair.tied for pair in self.pairs) / len(self.pairs) if self.pairs else 0.0

    @property
    def error(self) -> tuple[float, float]:
        """The median and the greatest deviation of a cost, 0.1 for a tenth too high or too low."""
        errors = [max(pair.ratio, 1 / pair.ratio) - 1 for pair in self.pairs]
        return (median(errors), max(errors)) if errors else (0.0, 0.0)


async def compare(clones: Clones, queries: Sequence[Query], scale: int) -> Accuracy:
    """Plan every statement on simulated and on really loaded data, in both ways."""
    pairs: list[Pair] = []
    unplanned = 0
    for way in (Way.MORE, Way.BIGGER):
        predicted = await plans(await clones.scaled(way, scale), queries, way, scale)
        async with clones.loaded(way, scale) as address:
            real = await plans(address, queries, way, scale)
        unplanned += len(predicted.keys() ^ real.keys())
        pairs += [
            Pair(
                way=way,
                scale=scale,
                sql=key[0],
                binding=key[1],
                predicted=predicted[key].root,
                real=real[key].root,
            )
            for key in predicted.keys() & real.keys()
        ]
    pairs.sort(key=lambda pair: (pair.way, pair.sql, pair.binding))
    return Accuracy(pairs=tuple(pairs), unplanned=unplanned)


async def plans(address: str, queries: Sequence[Query], way: Way, scale: int) -> dict[tuple[str, str], Plan]:
    """Plans by statement and binding."""

    def explain() -> dict[tuple[str, str], Plan]:
        found: dict[tuple[str, str], Plan] = {}
        with Explainer(address, {}) as explainer:
            for query in queries:
                for plan in explainer.plan(questions(query), way, scale):
                    if isinstance(plan, Plan):
                        found[query.sql, f"{plan.binding} {plan.number}"] = plan
        return found

    return await asyncio.to_thread(explain)


def lines(accuracy: Accuracy) -> Iterable[str]:
    """A table for people: every pair, then the shares and errors."""
    yield f"{'way':7} {'binding':10} {'predicted':>12} {'real':>12} {'ratio':>6}  tree"
    for pair in accuracy.pairs:
        tree = "same" if pair.same else "tie" if pair.tied else "OTHER"
        yield (
            f"{pair.way:7} {pair.binding:10} {pair.predicted.cost:12.2f} {pair.real.cost:12.2f} "
            f"{pair.ratio:6.2f}  {tree:5}  {' '.join(pair.sql.split())[:100]}"
        )
        if not pair.same:
            yield f"        predicted {outline(pair.predicted)}"
            yield f"        real      {outline(pair.real)}"
    middle, worst = accuracy.error
    same = sum(pair.same for pair in accuracy.pairs)
    tied = sum(pair.tied for pair in accuracy.pairs)
    yield (
        f"{len(accuracy.pairs)} plans: {same} the same, {tied} ties within 20 % of the cost, "
        f"{len(accuracy.pairs) - same - tied} others: {accuracy.share:.1%}; "
        f"cost error median {middle:.1%}, greatest {worst:.1%}; {accuracy.unplanned} without a pair"
    )


def outline(node: Node) -> str:
    """A tree in one line."""
    name = node.kind + "".join(f" {part}" for part in (node.relation, node.index) if part)
    return name + (f" ({', '.join(outline(child) for child in node.children)})" if node.children else "")
