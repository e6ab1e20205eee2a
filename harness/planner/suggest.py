"""Candidate indexes built on disposable clones, and kept where they mend the plan that they were made for."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct, structs

from harness.planner.candidates import candidates
from harness.planner.laboratory import WAYS, Laboratory, Trial
from harness.planner.model import Plan, Way
from harness.planner.rules.case import Case
from harness.planner.rules.curves import cost_at_greatest, growth_of
from harness.planner.tree import indexes, relations
from harness.wires.statements import Query

LEAST_GAIN: Final = 0.5
"""An index is worth its upkeep where it saves half: Dexter's and Query Doctor's threshold."""
NOTICED: Final = 0.1
"""By how much another statement's cost must change to be named."""
TRIGRAMS: Final = b"SELECT FROM pg_extension WHERE extname = 'pg_trgm'"


class Want(Struct, frozen=True, kw_only=True):
    """A statement that breaks a rule which an index of one of these tables might mend."""

    case: Case
    tables: tuple[str, ...]


class Remedy(Struct, frozen=True, kw_only=True):
    """Indexes that mend a statement, tried: `definitions` are the few that its new plans use.

    `size_bytes` of all of them at the greatest scale; costs of the dearest counted plan there; `plans` are
    the statement's new ones. `gains` and `loses` are fingerprints of other statements that use them now
    and whose cost falls or rises by a tenth and more.
    """

    fingerprint: str
    route: str
    definitions: tuple[str, ...]
    size_bytes: int
    cost_before: float
    cost_after: float
    exponent_after: float
    plans: tuple[Plan, ...]
    gains: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()


async def suggest(
    laboratory: Laboratory,
    wants: Sequence[Want],
    queries: Sequence[Query],
    before: Sequence[Plan],
    mends: Callable[[Case], bool],
) -> tuple[Remedy, ...]:
    """Remedies for statements, at most one each; nothing for those that no candidate mends.

    All candidates are built together, once per clone: the planner then picks the cheapest for each
    statement. `queries` and `before` are all statements and their plans, to see who gains and loses; `mends`
    tells of a case with its new plans whether the rule that it broke is kept now.
    """
    trigrams = bool(await laboratory.rows(TRIGRAMS))
    wanted: dict[str, str] = {}
    for want in wants:
        for table in want.tables:
            taken = {_index_name(definition) for definition in wanted.values()}
            for definition in candidates(want.case, table, trigrams=trigrams, taken=taken):
                wanted.setdefault(_subject(definition), definition)
    if not wanted:
        return ()
    touched = {table for want in wants for table in want.tables}
    reading = {plan.fingerprint for plan in before if touched & relations(plan.root)}
    asked = [query for query in queries if query.fingerprint in reading]
    definitions = {_index_name(text): text for text in wanted.values()}
    trial = await laboratory.with_indexes(tuple(definitions.values()), asked, laboratory.scales)
    after = _by_fingerprint(trial.plans)
    changes = _changes(before, trial, laboratory.scales[-1])
    found = (_remedy(want.case, after, definitions, trial, changes) for want in wants)
    return tuple(remedy for remedy, case in found if remedy is not None and mends(case))


def _remedy(
    case: Case,
    after: Mapping[str, Sequence[Plan]],
    definitions: Mapping[str, str],
    trial: Trial,
    changes: Mapping[str, tuple[frozenset[str], float]],
) -> tuple[Remedy | None, Case]:
    plans = tuple(after.get(case.fingerprint, ()))
    # What was run on today's data was run without the index: it says nothing of the mended case.
    kept = tuple(plan for plan in case.plans if plan.way == Way.NOW and plan.root.actual is None)
    mended = structs.replace(case, plans=kept + plans)
    used = sorted({name for plan in plans for name in indexes(plan.root)} & definitions.keys())
    cost_before, cost_after = cost_at_greatest(case), cost_at_greatest(mended)
    if not used or cost_after > LEAST_GAIN * cost_before:
        return None, mended
    slopes = [slope.exponent for way in WAYS if (slope := growth_of(mended, way)) is not None]
    others = {
        fingerprint: change
        for fingerprint, (names, change) in changes.items()
        if fingerprint != case.fingerprint and names & set(used)
    }
    return Remedy(
        fingerprint=case.fingerprint,
        route=case.route,
        definitions=tuple(definitions[name] for name in used),
        size_bytes=sum(trial.sizes_bytes.get(name, 0) for name in used),
        cost_before=cost_before,
        cost_after=cost_after,
        exponent_after=max(slopes, default=0.0),
        plans=plans,
        gains=tuple(fingerprint for fingerprint, change in others.items() if change <= -NOTICED),
        loses=tuple(fingerprint for fingerprint, change in others.items() if change >= NOTICED),
    ), mended


def _changes(before: Sequence[Plan], trial: Trial, scale: int) -> dict[str, tuple[frozenset[str], float]]:
    """Per statement the indexes of its new plans, and by which share the dearest way's cost changed."""
    old, new = _dearest(before, scale), _dearest(trial.plans, scale)
    names: dict[str, frozenset[str]] = defaultdict(frozenset)
    for plan in trial.plans:
        names[plan.fingerprint] |= indexes(plan.root)
    return {
        fingerprint: (names[fingerprint], new[fingerprint] / max(old[fingerprint], 0.01) - 1)
        for fingerprint in new.keys() & old.keys()
    }


def _dearest(plans: Sequence[Plan], scale: int) -> dict[str, float]:
    costs: dict[str, float] = {}
    for plan in plans:
        if plan.way in WAYS and plan.scale == scale and plan.binding == "real" and not plan.within:
            costs[plan.fingerprint] = max(plan.root.cost, costs.get(plan.fingerprint, 0.0))
    return costs


def _by_fingerprint(plans: Sequence[Plan]) -> dict[str, list[Plan]]:
    found: dict[str, list[Plan]] = defaultdict(list)
    for plan in plans:
        found[plan.fingerprint].append(plan)
    return found


def _subject(definition: str) -> str:
    """What the index is on: two statements may want the same one under two names."""
    return definition.split(" ON ", 1)[1]


def _index_name(definition: str) -> str:
    return definition.removeprefix("CREATE INDEX ").split(" ON ", 1)[0].strip('"')
