"""What is made of the catalogue's rows and of plans without an index: fault and repair."""

import msgspec
import pytest

from harness.indexes.judge import judge
from harness.indexes.model import CatalogueRow, ForeignKeyCost, IndexesMeasurement, IndexWorth, Loss
from harness.model.finding import Effect, Severity
from harness.model.policy import Policy
from harness.planner.model import Table, Way

POLICY = Policy(profile="change", required=(), operations=(), routes=(), caches=(), load=None, waivers=())
GROWING = Table(
    schema="public", name="parcels", rows=1000, size_bytes=1, growth={Way.MORE: 10, Way.BIGGER: 10}
)
FIXED = msgspec.structs.replace(GROWING, growth={Way.MORE: 1, Way.BIGGER: 1})
MEASURED = IndexesMeasurement(
    server="18.4",
    simulated=True,
    scales=(1, 10, 100),
    tenant="shops.id",
    tables=(GROWING,),
    rows=(),
    worth=(),
    foreign_keys=(),
    deleted=(),
    written=(),
    reached=4,
    operations=4,
)
LOSS = Loss(
    fingerprint="abc",
    sql="SELECT … FROM parcels",
    routes=("GET /parcels",),
    way="bigger",
    cost_before=10,
    cost_after=50_000,
    noticed=("plans/seq-scan",),
)
WORTH = IndexWorth(
    name="parcels_order_idx",
    table="parcels",
    definition="CREATE INDEX …",
    size_bytes=8192,
    enforces=False,
    tried=3,
    losses=(LOSS,),
)


def row(rule: str, *, error: bool = False, other: str | None = "orders") -> CatalogueRow:
    return CatalogueRow(
        rule=rule,
        subject="parcels_order_idx",
        schema="public",
        relation="parcels",
        other=other,
        object="parcels_order_idx",
        columns=None,
        error=error,
        amount=None,
        detail="what is wrong",
        remedy="what to do;",
    )


def found(**changes: object) -> list[tuple[str, Severity]]:
    judged = judge(msgspec.structs.replace(MEASURED, **changes), POLICY)
    return [(finding.rule, finding.severity) for finding in judged]


def test_an_index_that_no_plan_misses_is_dead_weight() -> None:
    idle = msgspec.structs.replace(WORTH, losses=())
    assert found(worth=(idle,)) == [("indexes/dead-weight", Severity.WARNING)]
    assert found(worth=(WORTH,)) == []


def test_an_index_that_enforces_something_is_never_dead_weight() -> None:
    assert found(worth=(msgspec.structs.replace(WORTH, losses=(), enforces=True),)) == []


def test_an_index_that_begins_with_a_foreign_key_is_never_dead_weight() -> None:
    assert found(worth=(msgspec.structs.replace(WORTH, losses=(), serves_key=True),)) == []


def test_an_index_of_a_table_that_no_statement_touched_is_not_called_dead_weight() -> None:
    untouched = msgspec.structs.replace(WORTH, losses=(), tried=0)
    assert found(worth=(untouched,)) == []
    assert found(worth=(untouched,), rows=(row("unused"),)) == [("indexes/unused", Severity.WARNING)]


def test_the_remedy_of_dead_weight_can_be_pasted_whatever_the_index_is_called() -> None:
    idle = msgspec.structs.replace(WORTH, losses=(), schema="public", name="Parcels_idx")
    (finding,) = judge(msgspec.structs.replace(MEASURED, worth=(idle,)), POLICY)
    assert finding.remedy.startswith('DROP INDEX CONCURRENTLY public."Parcels_idx";')


def test_an_index_that_could_not_be_tried_is_not_called_dead_weight() -> None:
    assert found(worth=(msgspec.structs.replace(WORTH, losses=(), failed="no permission"),)) == []


def test_dead_weight_that_nothing_has_read_is_told_once() -> None:
    idle = msgspec.structs.replace(WORTH, losses=())
    (finding,) = judge(msgspec.structs.replace(MEASURED, worth=(idle,), rows=(row("unused"),)), POLICY)
    assert finding.rule == "indexes/dead-weight"
    assert any("also indexes/unused" in line for line in finding.evidence)


def test_an_unused_index_that_some_plan_would_miss_is_still_mentioned() -> None:
    assert found(worth=(WORTH,), rows=(row("unused"),)) == [("indexes/unused", Severity.WARNING)]


def test_a_loss_that_no_rule_notices_is_a_blind_spot_of_the_gate() -> None:
    unseen = msgspec.structs.replace(WORTH, losses=(msgspec.structs.replace(LOSS, noticed=()),))
    assert found(worth=(unseen,)) == [("indexes/blind-spot", Severity.INFO)]
    assert found(worth=(WORTH,)) == []


@pytest.mark.parametrize("cost_after", [90.0, 900.0])
def test_a_small_loss_is_no_blind_spot(cost_after: float) -> None:
    small = msgspec.structs.replace(LOSS, noticed=(), cost_after=cost_after)
    assert found(worth=(msgspec.structs.replace(WORTH, losses=(small,)),)) == []


def test_an_unindexed_foreign_key_fails_where_the_target_deletes_what_it_refers_to() -> None:
    key = (row("unindexed_foreign_key"),)
    assert found(rows=key) == [("indexes/unindexed-foreign-key", Severity.WARNING)]
    assert found(rows=key, deleted=("orders",)) == [("indexes/unindexed-foreign-key", Severity.ERROR)]


def test_an_unindexed_foreign_key_that_is_declared_to_cascade_fails() -> None:
    key = (row("unindexed_foreign_key", error=True),)
    assert found(rows=key) == [("indexes/unindexed-foreign-key", Severity.ERROR)]


def test_an_unindexed_foreign_key_of_a_table_that_stays_small_is_only_mentioned() -> None:
    key = (row("unindexed_foreign_key", error=True),)
    assert found(rows=key, tables=(FIXED,), deleted=("orders",)) == [
        ("indexes/unindexed-foreign-key", Severity.WARNING)
    ]


def test_an_unindexed_foreign_key_to_a_table_that_nobody_changes_is_for_reading() -> None:
    key = (row("unindexed_foreign_key", other="countries"),)
    countries = msgspec.structs.replace(FIXED, name="countries")
    assert found(rows=key, tables=(GROWING, countries)) == [("indexes/unindexed-foreign-key", Severity.INFO)]
    many = msgspec.structs.replace(GROWING, name="countries")
    assert found(rows=key, tables=(GROWING, many)) == [("indexes/unindexed-foreign-key", Severity.WARNING)]
    assert found(rows=key, tables=(GROWING, countries), deleted=("countries",)) == [
        ("indexes/unindexed-foreign-key", Severity.ERROR)
    ]


def test_the_remedy_of_a_foreign_key_is_the_index_that_was_tried() -> None:
    cost = ForeignKeyCost(
        constraint="parcels_order_idx",
        definition="CREATE INDEX parcels_order_id_idx ON public.parcels (order_id)",
        cost_without=40_000,
        cost_with=8,
        size_bytes=4 << 20,
    )
    changed = msgspec.structs.replace(MEASURED, rows=(row("unindexed_foreign_key"),), foreign_keys=(cost,))
    (finding,) = judge(changed, POLICY)
    assert finding.remedy == "CREATE INDEX CONCURRENTLY parcels_order_id_idx ON public.parcels (order_id);"
    assert any("40,000" in line and "8 with the index" in line for line in finding.evidence)


def test_a_foreign_key_that_an_index_would_hardly_help_is_for_reading() -> None:
    cost = ForeignKeyCost(
        constraint="parcels_order_idx", definition="", cost_without=750, cost_with=600, size_bytes=0
    )
    key = row("unindexed_foreign_key")
    poor = msgspec.structs.replace(MEASURED, rows=(key,), foreign_keys=(cost,))
    assert [one.severity for one in judge(poor, POLICY)] == [Severity.INFO]
    deletes = msgspec.structs.replace(poor, deleted=("orders",))
    assert [one.severity for one in judge(deletes, POLICY)] == [Severity.ERROR]


def test_a_table_without_a_key_fails_where_the_target_changes_its_rows() -> None:
    keyless = (row("no_primary_key", other=None),)
    assert found(rows=keyless) == [("indexes/no-primary-key", Severity.WARNING)]
    assert found(rows=keyless, written=("parcels",)) == [("indexes/no-primary-key", Severity.ERROR)]


def test_a_duplicate_that_is_dead_weight_too_is_told_once_and_fails() -> None:
    idle = msgspec.structs.replace(WORTH, losses=())
    judged = list(
        judge(msgspec.structs.replace(MEASURED, worth=(idle,), rows=(row("duplicate", error=True),)), POLICY)
    )
    assert [(one.rule, one.effect) for one in judged] == [("indexes/duplicate", Effect.FAIL)]
