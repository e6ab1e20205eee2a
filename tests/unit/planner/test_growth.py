from hypothesis import given
from hypothesis import strategies as st

from harness.config.settings import GrowthSettings
from harness.planner.catalogue import Catalogue, Column, Key, Reference, Relation
from harness.planner.growth import Growth, stored_distinct
from harness.planner.model import Way
from harness.planner.tenants import Domains, find_tenant

TENANTS, ORDERS, LINES, COUNTERS, COUNTRIES, JOBS = 1, 2, 3, 4, 5, 6


def table(oid: int, name: str, rows: float) -> Relation:
    return Relation(
        oid=oid, schema="public", name=name, kind="r", rows=rows, pages=max(1, int(rows / 50)), visible=0
    )


def column(relation: int, number: int, name: str, distinct: float, type_: str = "bigint", **more) -> Column:
    category = {"bigint": "N", "text": "S", "uuid": "U", "boolean": "B", "date": "D"}[type_]
    return Column(
        relation=relation, number=number, name=name, type=type_, category=category, distinct=distinct, **more
    )


SHOP = Catalogue(
    relations=(
        table(TENANTS, "tenants", 40),
        table(ORDERS, "orders", 8_000),
        table(LINES, "lines", 20_000),
        table(COUNTERS, "counters", 40),
        table(COUNTRIES, "countries", 200),
        table(JOBS, "jobs", 30),
    ),
    columns=(
        column(TENANTS, 1, "id", -1, "uuid"),
        column(ORDERS, 1, "id", -1, "uuid"),
        column(ORDERS, 2, "tenant_id", 40, "uuid"),
        column(ORDERS, 3, "number", 200),
        column(ORDERS, 4, "status", 5, "text"),
        column(LINES, 1, "order_id", -0.4, "uuid"),
        column(LINES, 2, "position", 5),
        column(COUNTERS, 1, "tenant_id", -1, "uuid"),
        column(COUNTRIES, 1, "code", -1, "text"),
        column(JOBS, 1, "id", -1, counted=True),
    ),
    references=(
        Reference(relation=ORDERS, columns=(2,), parent=TENANTS, parent_columns=(1,)),
        Reference(relation=LINES, columns=(1,), parent=ORDERS, parent_columns=(1,)),
        Reference(relation=COUNTERS, columns=(1,), parent=TENANTS, parent_columns=(1,)),
    ),
    keys=(
        Key(relation=TENANTS, columns=(1,), primary=True),
        Key(relation=ORDERS, columns=(1,), primary=True),
        Key(relation=ORDERS, columns=(2, 3), primary=False),
        Key(relation=LINES, columns=(1, 2), primary=True),
        Key(relation=COUNTERS, columns=(1,), primary=True),
        Key(relation=COUNTRIES, columns=(1,), primary=True),
        Key(relation=JOBS, columns=(1,), primary=True),
    ),
)


def growth(written: frozenset[str] = frozenset(), **settings) -> Growth:
    domains = Domains(SHOP)
    return Growth(SHOP, domains, find_tenant(SHOP, domains, (), ""), written, GrowthSettings(**settings))


def test_with_more_tenants_all_that_belongs_to_them_grows() -> None:
    sizes = growth().sizes(Way.MORE, 10)
    assert sizes.rows == {TENANTS: 10, ORDERS: 10, LINES: 10, COUNTERS: 10, COUNTRIES: 1, JOBS: 1}
    assert sizes.values[ORDERS, 2] == 10
    assert sizes.values[LINES, 1] == 10


def test_with_bigger_tenants_everything_but_the_tenants_grows() -> None:
    sizes = growth().sizes(Way.BIGGER, 10)
    assert sizes.rows[TENANTS] == 1
    assert (sizes.rows[ORDERS], sizes.rows[LINES]) == (10, 10)
    assert sizes.values[ORDERS, 2] == 1
    assert sizes.values[LINES, 1] == 10


def test_one_row_per_tenant_stays_one_row_per_tenant() -> None:
    assert growth().sizes(Way.BIGGER, 10).rows[COUNTERS] == 1


def test_numbers_within_a_tenant_grow_with_its_size_only() -> None:
    assert growth().sizes(Way.MORE, 10).values[ORDERS, 3] == 1
    assert growth().sizes(Way.BIGGER, 10).values[ORDERS, 3] == 10


def test_kinds_of_things_stay_the_same() -> None:
    for way in (Way.MORE, Way.BIGGER):
        sizes = growth().sizes(way, 10)
        assert sizes.values[ORDERS, 4] == 1
        assert sizes.values[LINES, 2] == 1


def test_a_small_table_without_tenants_grows_where_statements_write_it() -> None:
    assert growth(frozenset({"jobs"})).sizes(Way.MORE, 10).rows[JOBS] == 10


def test_what_the_configuration_fixes_stays() -> None:
    assert growth(fixed=("public.lines",)).sizes(Way.BIGGER, 10).rows[LINES] == 1


def test_the_lift_brings_the_greatest_table_to_the_rows_asked_for() -> None:
    assert growth(rows=4_000_000, scales=(10, 100)).lift == 2
    assert growth(rows=1_000_000, scales=(10, 100)).lift == 1


@given(
    stored=st.one_of(st.floats(-1, -0.1), st.integers(1, 10_000).map(float)),
    rows=st.integers(10_000, 1_000_000),
    scale=st.integers(1, 100),
    values=st.sampled_from((1, None)),
)
def test_distinct_values_after_growth_are_possible_and_as_many_as_said(
    stored: float, rows: int, scale: int, values: int | None
) -> None:
    after = stored_distinct(stored, values or scale, rows, rows * scale)
    number = after if after > 0 else -after * rows * scale
    before = stored if stored > 0 else -stored * rows
    assert -1 <= after <= 0.1 * rows * scale
    assert abs(number - before * (values or scale)) <= 1 + before * scale * 1e-6


def test_what_is_unique_stays_unique() -> None:
    assert stored_distinct(-1.0, 100, 5, 500) == -1.0
