"""Catalogue rows and lost plans to findings; pure."""

from collections.abc import Iterator
from typing import Final

from harness.indexes.model import CatalogueRow, ForeignKeyCost, IndexesMeasurement, IndexWorth, Loss
from harness.model.finding import Effect, Finding, Severity
from harness.model.policy import Policy
from harness.planner.candidates import quoted

FOREIGN_KEY: Final = "indexes/unindexed-foreign-key"
DUPLICATE: Final = "indexes/duplicate"
PREFIX: Final = "indexes/prefix"
INVALID: Final = "indexes/invalid"
UNVALIDATED: Final = "indexes/unvalidated"
NO_PRIMARY_KEY: Final = "indexes/no-primary-key"
LOW_VALUE_LEADING: Final = "indexes/low-value-leading"
BLOAT: Final = "indexes/bloat"
SEQUENCE: Final = "indexes/sequence"
UNUSED: Final = "indexes/unused"
DEAD_WEIGHT: Final = "indexes/dead-weight"
BLIND_SPOT: Final = "indexes/blind-spot"

RULES: Final = {
    "unindexed_foreign_key": FOREIGN_KEY,
    "duplicate": DUPLICATE,
    "prefix": PREFIX,
    "invalid": INVALID,
    "unvalidated": UNVALIDATED,
    "no_primary_key": NO_PRIMARY_KEY,
    "low_value_leading": LOW_VALUE_LEADING,
    "bloat": BLOAT,
    "sequence": SEQUENCE,
    "unused": UNUSED,
}
FOR_READING: Final = frozenset({BLOAT, SEQUENCE})
"""They depend on the life of one database, which a copy of test data has not had."""
WORTHWHILE: Final = 2.0
"""Dexter's least saving for an index: half the cost."""
MISSED: Final = 10.0
"""A loss by this factor is one that a rule ought to notice: a tenth of a decade's growth is not."""
LEAST_MISSED: Final = 1000.0
"""Planner units. Below it (about a thousand pages read in order) nobody waits, whatever the factor."""


def judge(measured: IndexesMeasurement, _: Policy) -> Iterator[Finding]:
    """One finding for each row of a rule, and for each index that is dead weight or a blind spot."""
    costs = {cost.constraint: cost for cost in measured.foreign_keys}
    double = {row.object for row in measured.rows if row.rule in {"duplicate", "prefix", "invalid"}}
    dead = {worth.name for worth in measured.worth if is_dead_weight(worth) and worth.name not in double}
    for row in measured.rows:
        # An index that no plan misses, and one that there is twice, is told of once.
        if row.rule == "unused" and (row.object in dead or row.object in double):
            continue
        yield from_row(row, measured, costs.get(row.object))
    unused = {row.object for row in measured.rows if row.rule == "unused"}
    for worth in measured.worth:
        if worth.name in dead:
            yield dead_weight(worth, measured, unused=worth.name in unused)
        elif lost := tuple(loss for loss in worth.losses if is_missed(loss)):
            yield blind_spot(worth, lost)


def from_row(row: CatalogueRow, measured: IndexesMeasurement, cost: ForeignKeyCost | None) -> Finding:
    """The finding of one row of the catalogue."""
    rule = RULES[row.rule]
    error, why = is_error(row, measured)
    idle = rule == FOREIGN_KEY and (stays(row.other, measured) or not gains(cost))
    reading = rule in FOR_READING or (idle and not error)
    severity = Severity.INFO if reading else Severity.ERROR if error else Severity.WARNING
    evidence = [why] if why else []
    remedy = row.remedy
    if cost:
        remedy = cost.definition.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY") + ";"
        evidence.append(
            f"For each deleted row of {row.other} the server looks here: cost {cost.cost_without:,.0f} at "
            f"{measured.scales[-1]}x of today's rows, {cost.cost_with:,.0f} with the index "
            f"({cost.size_bytes / 2**20:,.0f} MB there)."
        )
    if row.rule == "unused" and measured.reached < measured.operations:
        evidence.append(f"{measured.reached} of {measured.operations} operations were reached.")
    return Finding(
        rule=rule,
        severity=severity,
        effect=Effect.FAIL if severity is Severity.ERROR else Effect.NONE,
        subject=row.subject,
        detail=row.detail,
        remedy=remedy,
        evidence=tuple(evidence),
    )


def is_error(row: CatalogueRow, measured: IndexesMeasurement) -> tuple[bool, str]:
    """Whether the row decides the verdict, and what was seen of the target that makes it so."""
    if row.rule == "unindexed_foreign_key":
        grows = any(
            max(table.growth.values(), default=1) > 1
            for table in measured.tables
            if (table.schema, table.name) == (row.schema, row.relation)
        )
        if not grows:
            return False, f"{row.relation} is taken not to grow."
        if row.other in measured.deleted:
            return True, f"The target deletes from {row.other}."
        return (
            row.error,
            f"Deleting from {row.other} is declared to reach {row.relation}." if row.error else "",
        )
    if row.rule == "no_primary_key" and row.relation in measured.written:
        return True, f"The target changes rows of {row.relation}."
    return row.error, ""


def stays(name: str | None, measured: IndexesMeasurement) -> bool:
    """Whether a table, one of countries perhaps, is taken not to grow and nothing was deleted from it."""
    found = [table for table in measured.tables if table.name == name]
    still = all(max(table.growth.values(), default=1) <= 1 for table in found)
    return bool(found) and still and name not in measured.deleted


def gains(cost: ForeignKeyCost | None) -> bool:
    """Whether the look-up behind a foreign key would be half as dear with an index; True where not tried."""
    return cost is None or cost.cost_without >= WORTHWHILE * cost.cost_with


def is_dead_weight(worth: IndexWorth) -> bool:
    """Whether its table had statements, none is planned worse without it, and it enforces nothing."""
    return worth.tried > 0 and not (worth.enforces or worth.serves_key or worth.losses or worth.failed)


def is_missed(loss: Loss) -> bool:
    """Whether the statement loses so much that a rule should say so, and none does."""
    return (
        not loss.noticed and loss.cost_after >= MISSED * loss.cost_before and loss.cost_after >= LEAST_MISSED
    )


def dead_weight(worth: IndexWorth, measured: IndexesMeasurement, *, unused: bool) -> Finding:
    """An index that every write pays for and no plan misses."""
    evidence = [
        f"{worth.tried} statements on {worth.table} were planned without it, at {measured.scales[-1]}x."
    ]
    if unused:
        evidence.append("also indexes/unused: nothing that was tried has read it.")
    if measured.reached < measured.operations:
        evidence.append(f"{measured.reached} of {measured.operations} operations were reached.")
    named = ".".join(quoted(part) for part in (worth.schema, worth.name) if part)
    return Finding(
        rule=DEAD_WEIGHT,
        severity=Severity.WARNING,
        effect=Effect.NONE,
        subject=worth.name,
        detail=f"No statement that was seen is planned worse without {worth.name} on {worth.table}.",
        remedy=f"DROP INDEX CONCURRENTLY {named}; unless something that was not tried needs it.",
        evidence=tuple(evidence),
    )


def blind_spot(worth: IndexWorth, lost: tuple[Loss, ...]) -> Finding:
    """An index whose loss would cost dearly, and that no rule of this gate would report."""
    return Finding(
        rule=BLIND_SPOT,
        severity=Severity.INFO,
        effect=Effect.NONE,
        subject=worth.name,
        detail=f"If {worth.name} were lost, no rule would say so, and {routes(lost)} would pay for it.",
        remedy="Give the route a class or a budget that holds it, so that the gate sees the loss.",
        evidence=tuple(
            f"{loss.sql}: planner cost {loss.cost_before:,.0f} with it, {loss.cost_after:,.0f} without, "
            f"with {loss.way} data"
            for loss in lost
        ),
    )


def routes(lost: tuple[Loss, ...]) -> str:
    """The routes that lose, in their order of cost."""
    return ", ".join(dict.fromkeys(route for loss in lost for route in loss.routes)) or "work behind no route"
