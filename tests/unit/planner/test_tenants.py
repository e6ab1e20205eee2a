import pytest

from harness.planner.catalogue import Catalogue, Column, Key, Policy, Reference, Relation
from harness.planner.tenants import Domains, Tenant, find_tenant, written_tables
from harness.wires.model import Parameter
from harness.wires.statements import Binding, Query


def made(tables: dict[str, str], references: str = "", policies: tuple[str, ...] = ()) -> Catalogue:
    """Tables by name with their columns, the first being the key; references as `a.b>c.d`."""
    names = {name: oid for oid, name in enumerate(tables, 1)}
    numbers = {name: {c: n for n, c in enumerate(columns.split(), 1)} for name, columns in tables.items()}
    ties = []
    for tie in references.split():
        child, parent = (side.split(".") for side in tie.split(">"))
        ties.append(
            Reference(
                relation=names[child[0]],
                columns=(numbers[child[0]][child[1]],),
                parent=names[parent[0]],
                parent_columns=(numbers[parent[0]][parent[1]],),
            )
        )
    return Catalogue(
        relations=tuple(
            Relation(oid=oid, schema="public", name=name, kind="r", rows=100, pages=1, visible=1)
            for name, oid in names.items()
        ),
        columns=tuple(
            Column(relation=names[name], number=n, name=c, type="uuid", category="U")
            for name, columns in numbers.items()
            for c, n in columns.items()
        ),
        references=tuple(ties),
        keys=tuple(Key(relation=oid, columns=(1,), primary=True) for oid in names.values()),
        policies=tuple(
            Policy(relation=names[name], condition=text) for name, text in zip(names, policies, strict=False)
        ),
    )


def found(catalogue: Catalogue, *queries: Query, configured: str = "") -> Tenant:
    return find_tenant(catalogue, Domains(catalogue), queries, configured)


def query(sql: str, *bindings: tuple[str, ...]) -> Query:
    bound = tuple(
        Binding("real", tuple(Parameter(value.encode()) for value in values)) for values in bindings or ((),)
    )
    return Query(fingerprint=sql, sql=sql, user="", bindings=bound)


def test_declared_foreign_keys_lead_to_the_table_of_tenants_past_users_and_plans() -> None:
    catalogue = made(
        {
            "plans": "id",
            "orgs": "id plan_id",
            "people": "id org_id",
            "docs": "id org_id author",
            "notes": "id doc author",
            "files": "id org_id author",
        },
        "orgs.plan_id>plans.id people.org_id>orgs.id docs.org_id>orgs.id docs.author>people.id "
        "notes.doc>docs.id notes.author>people.id files.org_id>orgs.id files.author>people.id",
    )
    assert found(catalogue).column == "public.orgs.id"


def test_without_declared_keys_names_tie_the_tables() -> None:
    catalogue = made({"companies": "id", "items": "id company_id", "sales": "id company_id item_id"})
    tenant = found(catalogue)
    assert tenant.column == "public.companies.id"
    assert len(tenant.places) == 3


def test_a_column_without_a_table_of_its_own_is_the_tenant_by_its_name() -> None:
    tenant = found(made({"items": "id tenant_id", "sales": "id tenant_id item_id"}))
    assert (tenant.column, tenant.root) == ("tenant_id", 0)


def test_statements_find_a_column_that_no_name_gives_away() -> None:
    catalogue = made({"items": "id realm_id", "sales": "id realm_id item_id", "logs": "id item_id"})
    queries = [
        query("SELECT * FROM items WHERE realm_id = $1 AND id = $2", ("a", "1"), ("b", "2")),
        query("SELECT * FROM sales s WHERE s.realm_id = $1", ("a",), ("b",)),
        query("UPDATE sales SET item_id = $2 WHERE realm_id = $1", ("a", "9")),
    ]
    tenant = found(catalogue, *queries)
    assert (tenant.column, tenant.how) == ("realm_id", "statements")


def test_values_written_into_the_text_count_as_well() -> None:
    catalogue = made({"items": "id realm_id", "sales": "id realm_id item_id", "logs": "id item_id"})
    queries = [
        query("SELECT * FROM items WHERE realm_id = 7 AND id = 'a'"),
        query("SELECT * FROM sales s WHERE s.realm_id = 7"),
    ]
    assert found(catalogue, *queries).how == "statements"


def test_row_security_speaks_for_its_column() -> None:
    condition = "(scope_id = current_scope())"
    catalogue = made({"a": "id scope_id", "b": "id scope_id", "c": "id scope_id"}, policies=(condition,) * 3)
    tenant = found(catalogue)
    assert (tenant.column, tenant.how) == ("scope_id", "row security")


def test_a_database_of_unrelated_tables_has_no_tenant() -> None:
    assert found(made({"countries": "id name", "rates": "id value"})) == Tenant()


@pytest.mark.parametrize("configured", ["people.id", "public.people.id"])
def test_the_configuration_wins(configured: str) -> None:
    catalogue = made(
        {"orgs": "id", "people": "id org_id", "docs": "id org_id author"},
        "people.org_id>orgs.id docs.org_id>orgs.id docs.author>people.id",
    )
    tenant = found(catalogue, configured=configured)
    assert (tenant.column, tenant.how) == ("public.people.id", "configuration")


def test_tables_that_statements_write_are_told() -> None:
    texts = (
        "INSERT INTO public.orders (id) VALUES ($1)",
        'UPDATE ONLY "Items" SET a = 1',
        "WITH gone AS (DELETE FROM jobs WHERE id = $1 RETURNING *) SELECT * FROM gone JOIN people USING (id)",
    )
    assert written_tables(query(text) for text in texts) == {"orders", "items", "jobs"}
