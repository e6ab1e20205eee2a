"""Which statements a page shows in full, and where: the dearest, each once, within what a page may weigh."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import escape

from harness.planner.rules.wording import short_sql, size_in_words
from harness.report.routes import PlansView, StatementView
from harness.report.trees import lines_of
from harness.report.values import without_values

MOST_OF_ROUTE: Final = 12
SQL_LENGTH: Final = 2_000
HEADLINE: Final = 110
PAGE_CHARACTERS: Final = 1_100_000
"""What all statements of a page may weigh: the page stays below 2 MB with the pictures of a load in it."""
LEAST_CHARACTERS: Final = 200_000
ROUTE_CHARACTERS: Final = 1_300
"""What a route weighs elsewhere in the page: two rows of tables and a drawing."""
FRAME_CHARACTERS: Final = 900
"""What a statement weighs beside its text and its plan."""
REPEAT_CHARACTERS: Final = 550
"""What the reference to a statement weighs that is told elsewhere."""
UNASKED: Final = "Unasked"
Text = tuple[str, tuple[str, ...]]
"""The SQL of a statement, and the lines of its plan."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One statement of a route. `anchor` is its place in the page; it is told in full where `shown`.

    Elsewhere only its headline is given; `place` is the route where it is told.
    `sized` says of which data `tree` is.
    """

    view: StatementView
    anchor: str
    headline: str
    sql: str
    tree: tuple[str, ...]
    sized: str
    shown: bool
    place: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """The statements of one route; `left` how many are only in the record."""

    route: str
    anchor: str
    cards: tuple[Card, ...]
    left: int


def groups_of(view: PlansView) -> tuple[Group, ...]:
    """A group for each route that sends statements, in the order of routes; what runs unasked comes last."""
    named: list[tuple[str, str, Sequence[StatementView]]] = [
        (one.route, anchor_of(number), one.statements)
        for number, one in enumerate(view.routes, start=1)
        if one.statements
    ]
    if view.unasked:
        named.append((UNASKED, "route-0", view.unasked))
    texts = _texts([views for _, _, views in named], len(view.routes))
    places: dict[str, str] = {}
    groups = []
    for route, anchor, views in named:
        listed = [one for one in views[:MOST_OF_ROUTE] if one.statement.fingerprint in texts]
        cards = tuple(_cards(route, listed, places, texts))
        groups.append(Group(route=route, anchor=anchor, cards=cards, left=len(views) - len(cards)))
    return tuple(groups)


def anchor_of(number: int) -> str:
    """The id of the statements of the route with this number, from 1."""
    return f"route-{number}"


def _texts(listed: Sequence[Sequence[StatementView]], routes: int) -> dict[str, Text]:
    """Text and plan of the dearest statements that the page has room for, by fingerprint."""
    room = max(LEAST_CHARACTERS, PAGE_CHARACTERS - ROUTE_CHARACTERS * routes)
    first: dict[str, StatementView] = {}
    repeated = 0
    for views in listed:
        for view in views[:MOST_OF_ROUTE]:
            repeated += view.statement.fingerprint in first
            first.setdefault(view.statement.fingerprint, view)
    room -= repeated * REPEAT_CHARACTERS
    texts: dict[str, Text] = {}
    for view in sorted(first.values(), key=lambda one: -(one.cost.greatest if one.cost else -1.0)):
        text = _sql(view), _tree(view)
        room -= FRAME_CHARACTERS + sum(len(escape(line)) + 1 for line in (text[0], *text[1]))
        if room < 0:
            break
        texts[view.statement.fingerprint] = text
    return texts


def _cards(
    route: str, listed: Sequence[StatementView], places: dict[str, str], texts: Mapping[str, Text]
) -> Iterator[Card]:
    for view in listed:
        fingerprint = view.statement.fingerprint
        shown = fingerprint not in places
        places.setdefault(fingerprint, route)
        sql, tree = texts[fingerprint] if shown else ("", ())
        yield Card(
            view=view,
            anchor=f"statement-{fingerprint}",
            headline=short_sql(view.statement.sql, HEADLINE),
            sql=sql,
            tree=tree,
            sized=size_in_words(view.cost.plan) if view.cost else "",
            shown=shown,
            place=places[fingerprint],
        )


def _sql(view: StatementView) -> str:
    sql = without_values(view.statement.sql.strip())
    return sql if len(sql) <= SQL_LENGTH else f"{sql[:SQL_LENGTH].rstrip()} … (cut; the record has more)"


def _tree(view: StatementView) -> tuple[str, ...]:
    return lines_of(view.cost.plan.root) if view.cost else ()
