"""What a rule about plans sees, and what it says."""

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from harness.model.policy import RouteClass
from harness.planner.model import Index, Plan, Table

PARAMETER: Final = re.compile(r"\$\d")


class Comparison(Struct, frozen=True, kw_only=True):
    """One condition of a statement on a column. `operator`: `=`, `<`, `like`, `@@`, `in`, `is null`, ….

    `relation` is the table's name (not the alias), `column` the bare column, `expression` its whole
    side where the column is wrapped (`lower(email)`, `id::text`); `parameter` the number of a `$n`
    on the other side, 0 else; `literal` a constant's text; `pattern` a LIKE's pattern where known.
    `negated` and `disjunct` where it stands under NOT or OR.
    """

    relation: str
    column: str
    operator: str
    expression: str = ""
    parameter: int = 0
    literal: str = ""
    negated: bool = False
    disjunct: bool = False


class Syntax(Struct, frozen=True, kw_only=True):
    """What the text of a statement says, by sqlglot. `kind`: select, insert, update, delete, other.

    `limit` and `offset` are a number, a `$n`, or empty where there is none (outermost query, or the one
    inside a wrapper that adds none); `order` the columns of the outermost ORDER BY with ` desc`.
    `aggregates` where the outermost rows are one aggregate over all; `search` where it searches text.
    """

    kind: str
    tables: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    order: tuple[str, ...] = ()
    limit: str = ""
    offset: str = ""
    aggregates: bool = False
    counts: bool = False
    distinct: bool = False
    search: bool = False
    parsed: bool = True


class Case(Struct, frozen=True, kw_only=True):
    """All plans of one statement on behalf of one route.

    `route_class` is the declared one, else what the contract suggests; `whole` where the route is
    declared a report over all tenants. `pages_bounded` as in the exercise. `plans` has every way, scale and
    binding, executed ones (with `actual`) at 1x included.
    """

    route: str
    route_class: RouteClass
    declared: bool
    whole: bool
    pages_bounded: bool
    fingerprint: str
    sql: str
    syntax: Syntax
    plans: tuple[Plan, ...]
    tables: Mapping[str, Table]
    indexes: tuple[Index, ...]

    @property
    def is_bound(self) -> bool:
        """Whether values are parameters; a text with its values in it is never run by a generic plan."""
        return PARAMETER.search(self.sql) is not None


class Violation(Struct, frozen=True, kw_only=True):
    """A rule that a plan breaks. `rule` is its name without the check; `error` or else a warning.

    `aspect` tells violations of one rule on one route apart (statement's fingerprint first);
    `relation` the table that an index would mend, `wants_index` whether one might.
    """

    rule: str
    fingerprint: str
    error: bool
    detail: str
    remedy: str
    aspect: str = ""
    evidence: tuple[str, ...] = ()
    relation: str = ""
    wants_index: bool = False
