"""Which column names the tenant: from the configuration, statements, row security, foreign keys or names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from harness.errors import ConfigurationError
from harness.planner.catalogue import Catalogue
from harness.wires.statements import Query

Place = tuple[int, int]
"""A column: oid of its table, and its number."""

EQUATED: Final = re.compile(
    r"""(?<![\w.])(?:"?\w+"?\.){0,2}"?(?P<column>\w+)"?(?:::[\w ]+)?\s*=\s*
        (?:any\s*\()?\s*(?:\$(?P<number>\d+)|(?P<literal>'[^']*'|-?\d+\b)|(?P<session>\(?\s*(?:select\s+)?[\w.]+\())""",
    re.IGNORECASE | re.VERBOSE,
)
"""A column compared for equality with a parameter, a literal, or what a function says of the session."""
WRITTEN: Final = re.compile(
    r"""\b(?:insert\s+into|update|delete\s+from|merge\s+into|copy)\s+(?:only\s+)?
        (?:"?\w+"?\s*\.\s*)?"?(?P<table>\w+)"?""",
    re.IGNORECASE | re.VERBOSE,
)
WORD: Final = re.compile(r"\w+")
TENANT: Final = re.compile(
    r"^(tenant|org|organi[sz]ation|account|company|workspace|customer|merchant|team|shop|store|client|site)"
    r"s?(_?(id|key|uuid|code|no|slug))?$"
)
GENERIC: Final = frozenset(
    {"id", "uuid", "key", "name", "code", "slug", "type", "kind", "position", "number"}
)
"""Names that say nothing of what they point at: equal ones are no tie between tables."""
POINTER: Final = re.compile(r"^(?P<stem>\w+?)_?(id|uuid|key|code|guid)$")
FEW_VALUES: Final = 4
"""The exercise has two or three identities: a tenant's column is compared with no more values than that."""
TELLING: Final = 1 / 3
"""Statements or policies are named as the reason where so many of them ask for the column."""
LEAST: Final = 0.75
"""Below this score nothing speaks for a column: half the tables hold it, or it reaches most of them."""


class Tenant(Struct, frozen=True, kw_only=True):
    """The tenants' key: `places` are the columns that hold it, `root` the table of tenants, 0 for none."""

    column: str = ""
    how: str = "nothing"
    places: frozenset[Place] = frozenset()
    root: int = 0


class Domains:
    """Columns whose values are the same keys: tied by foreign keys, declared or told by names.

    `parents` are the tables that each table points at.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._above: dict[Place, Place] = {}
        self.parents: dict[int, set[int]] = {}
        declared: set[Place] = set()
        for reference in catalogue.references:
            for child, parent in zip(reference.columns, reference.parent_columns, strict=True):
                self.tie((reference.relation, child), (reference.parent, parent))
                declared.add((reference.relation, child))
            self.parents.setdefault(reference.relation, set()).add(reference.parent)
        for pointer, pointed in implied(catalogue, declared):
            self.tie(pointer, pointed)
            self.parents.setdefault(pointer[0], set()).add(pointed[0])

    def find(self, place: Place) -> Place:
        """The one column that stands for all of its domain."""
        while (above := self._above.get(place, place)) != place:
            place = above
        return place

    def tie(self, child: Place, parent: Place) -> None:
        """Let a column point at another one."""
        low, high = self.find(child), self.find(parent)
        if low != high:
            self._above[low] = high

    def is_tied(self, place: Place) -> bool:
        """Whether a column points at another one, or is pointed at."""
        return len(self.members.get(self.find(place), ())) > 1

    @cached_property
    def members(self) -> Mapping[Place, frozenset[Place]]:
        """All columns, by the one that stands for their domain."""
        found: dict[Place, set[Place]] = {}
        for column in self._catalogue.columns:
            place = (column.relation, column.number)
            found.setdefault(self.find(place), set()).add(place)
        return {stands: frozenset(places) for stands, places in found.items()}


def implied(catalogue: Catalogue, declared: set[Place]) -> Iterable[tuple[Place, Place]]:
    """Foreign keys that nobody declared: `customer_id` where a table `customer` or `customers` has that key.

    The key is the table's `id`, or its column of the same name, of the same type.
    """
    single = {(key.relation, key.columns[0]) for key in catalogue.keys if len(key.columns) == 1}
    single |= {(key.relation, key.columns[-1]) for key in catalogue.keys if key.primary}
    names = {relation.name.lower(): relation.oid for relation in catalogue.relations}
    for column in catalogue.columns:
        place = (column.relation, column.number)
        match = POINTER.match(column.name.lower())
        if match is None or place in declared:
            continue
        stem = match["stem"]
        for table in (stem, f"{stem}s", f"{stem}es", f"{stem[:-1]}ies"):
            parent = names.get(table)
            if parent is None or parent == column.relation:
                continue
            for key in catalogue.columns_of[parent]:
                target = (parent, key.number)
                same = key.name.lower() in {"id", column.name.lower(), "uuid"} and key.type == column.type
                if same and target in single:
                    yield place, target


def find_tenant(catalogue: Catalogue, domains: Domains, queries: Sequence[Query], configured: str) -> Tenant:
    """The tenant's column, and how it was found.

    `configured` is `table.column`, `schema.table.column` or a bare column's name; raises
    ConfigurationError where the database has no such column.
    """
    if configured:
        return as_configured(catalogue, domains, configured)
    groups = by_name(catalogue, domains)
    equated = evidence(catalogue, queries)
    best, best_score, best_how = Tenant(), LEAST, ""
    for places in groups:
        score, how = scored(catalogue, domains, places, equated, len(queries))
        if score > best_score:
            best_score, best_how = score, how
            best = Tenant(places=places, root=root(catalogue, domains, places))
    if not best.places:
        return best
    return named(catalogue, domains, best.places, best_how)


def as_configured(catalogue: Catalogue, domains: Domains, configured: str) -> Tenant:
    """The tenant's column that [growth] names."""
    *table, column = configured.split(".")
    for each in catalogue.columns:
        relation = catalogue.by_oid[each.relation]
        if each.name == column and (
            not table or table in ([relation.name], [relation.schema, relation.name])
        ):
            place = (each.relation, each.number)
            for places in by_name(catalogue, domains):
                if place in places:
                    return named(catalogue, domains, places, "configuration")
    raise ConfigurationError(
        f'[growth] tenant = "{configured}": the database has no such column; write "table.column"'
    )


def named(catalogue: Catalogue, domains: Domains, places: frozenset[Place], how: str) -> Tenant:
    """The tenant with its column's name: that of the table of tenants, else of any that holds it."""
    top = root(catalogue, domains, places)
    if top:
        place = next(place for place in sorted(places) if place[0] == top)
        relation = catalogue.by_oid[top]
        column = f"{relation.schema}.{relation.name}.{catalogue.column[place].name}"
    else:
        column = catalogue.column[min(places)].name
    return Tenant(column=column, how=how, places=places, root=top)


def root(catalogue: Catalogue, domains: Domains, places: frozenset[Place]) -> int:
    """The table of tenants: its key is the column alone, and it points at no other of them."""
    single = {(key.relation, key.columns[0]) for key in catalogue.keys if len(key.columns) == 1}
    heads = [place for place in places if place in single]
    pointed = [
        place
        for place in heads
        if any(place[0] in domains.parents.get(other[0], ()) for other in places if other[0] != place[0])
    ]
    tops = [p for p in pointed if not any(o[0] in domains.parents.get(p[0], ()) for o in pointed if o != p)]
    return min(tops)[0] if tops else 0


def by_name(catalogue: Catalogue, domains: Domains) -> list[frozenset[Place]]:
    """Domains; those without a declared tie are joined where name and type are the same and telling."""
    joined: dict[tuple[str, str], set[Place]] = {}
    for stands, places in domains.members.items():
        columns = [catalogue.column[place] for place in places]
        telling = [c for c in columns if c.name.lower() not in GENERIC and POINTER.match(c.name.lower())]
        names = {(c.name.lower(), c.type) for c in telling} | {
            (c.name.lower(), c.type) for c in columns if TENANT.match(c.name.lower())
        }
        common = max(names, key=lambda n: sum((c.name.lower(), c.type) == n for c in columns), default=None)
        joined.setdefault(common or (f"{stands}", ""), set()).update(places)
    return [frozenset(places) for places in joined.values()]


class Equated(Struct, frozen=True, kw_only=True):
    """What statements compare with a column: in how many of them, and with how many values."""

    queries: int
    values: int


def evidence(catalogue: Catalogue, queries: Sequence[Query]) -> Mapping[Place, Equated]:
    """How often each column is equated with what a caller or the session gives."""
    named_so: dict[str, list[tuple[str, Place]]] = {}
    for column in catalogue.columns:
        table = catalogue.by_oid[column.relation].name.lower()
        named_so.setdefault(column.name.lower(), []).append((table, (column.relation, column.number)))
    counts: dict[Place, int] = {}
    values: dict[Place, set[bytes]] = {}
    for query in queries:
        words = {word.lower() for word in WORD.findall(query.sql)}
        met: set[Place] = set()
        for match in (m for text in {query.sql, *query.literal_texts} for m in EQUATED.finditer(text)):
            for place in (p for table, p in named_so.get(match["column"].lower(), ()) if table in words):
                met.add(place)
                values.setdefault(place, set()).update(compared(match, query))
        for place in met:
            counts[place] = counts.get(place, 0) + 1
    return {
        place: Equated(queries=count, values=len(values.get(place, ()))) for place, count in counts.items()
    }


def compared(match: re.Match[str], query: Query) -> Iterable[bytes]:
    """The values that a comparison was made with; none where the session gives it."""
    if match["literal"]:
        yield match["literal"].encode()
    elif match["number"]:
        at = int(match["number"]) - 1
        yield from (each.parameters[at].value or b"" for each in query.bindings if at < len(each.parameters))


def scored(
    catalogue: Catalogue,
    domains: Domains,
    places: frozenset[Place],
    equated: Mapping[Place, Equated],
    queries: int,
) -> tuple[float, str]:
    """How much speaks for a column as the tenant's, and what is to be named as the reason.

    Shares of the tables that hold it or hang from one that does, of the policies that ask for it, and
    of the statements that equate it: with few values in full, with many at a quarter, since ids of single
    things are equated too. A telling name counts a half.
    """
    tables = {each.oid for each in catalogue.relations if each.kind != "p"} or {0}
    holders = {place[0] for place in places}
    names = {catalogue.column[place].name.lower() for place in places}
    tenant_like = any(TENANT.match(name) for name in names)
    if len(holders) == 1 and not tenant_like:
        return 0.0, ""
    reached = set(holders)
    grown = True
    while grown:
        more = {child for child, above in domains.parents.items() if above & reached} - reached
        reached |= more
        grown = bool(more)
    policies = [
        p for p in catalogue.policies if any(re.search(rf"\b{re.escape(n)}\b", p.condition) for n in names)
    ]
    met = [equated[place] for place in places if place in equated]
    uses = sum(each.queries for each in met)
    few = max((each.values for each in met), default=0) <= FEW_VALUES
    parts = {
        "foreign keys": len(holders & tables) / len(tables) / 2 + len(reached & tables) / len(tables),
        "row security": len({p.relation for p in policies}) / len(tables),
        "statements": min(1.0, uses / queries) * (1.0 if few else 0.25) if queries else 0.0,
        "names": 0.5 if tenant_like else 0.0,
    }
    if parts["statements"] >= TELLING:
        return sum(parts.values()), "statements"
    if parts["row security"] >= TELLING:
        return sum(parts.values()), "row security"
    return sum(parts.values()), "foreign keys" if any(domains.is_tied(place) for place in places) else "names"


def written_tables(queries: Iterable[Query]) -> frozenset[str]:
    """Names of the tables that statements write."""
    return frozenset(match["table"].lower() for query in queries for match in WRITTEN.finditer(query.sql))
