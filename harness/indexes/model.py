"""What `indexes` measured: the catalogue's rules on a copy of the data, and what each index is good for."""

from msgspec import Struct

from harness.planner.model import Table


class CatalogueRow(Struct, frozen=True, kw_only=True):
    """One row of one rule of the catalogue; all rules have these columns.

    `rule` is the file's name; `object` the index, constraint or table it is about, on table `relation`;
    `other` a second one (the index kept, the table referenced, the column that leads); `columns` names;
    `amount` a figure of the rule's own (bytes, rows, values, a ratio); `error` where it is surely wrong.
    """

    rule: str
    subject: str
    schema: str
    relation: str
    other: str | None
    object: str
    columns: tuple[str, ...] | None
    error: bool
    amount: float | None
    detail: str
    remedy: str


class Loss(Struct, frozen=True, kw_only=True):
    """One statement that is planned worse without an index, where that is dearest; costs in planner units.

    `noticed` are the rules that would report it: none of them fires while the index is there.
    """

    fingerprint: str
    sql: str
    routes: tuple[str, ...]
    way: str
    cost_before: float
    cost_after: float
    noticed: tuple[str, ...]


class IndexWorth(Struct, frozen=True, kw_only=True):
    """One index, and what was planned without it. `tried` counts the statements on its table.

    `enforces` where it is unique or backs a constraint, `serves_key` where it begins with a foreign key:
    either has a worth that no plan shows. `losses`: the statements whose cost rises by a tenth and more, the
    dearest first, at most five.
    """

    schema: str = ""
    name: str
    table: str
    definition: str
    size_bytes: int
    enforces: bool
    serves_key: bool = False
    tried: int
    losses: tuple[Loss, ...] = ()
    failed: str = ""


class ForeignKeyCost(Struct, frozen=True, kw_only=True):
    """What finding the rows behind one foreign key costs at the greatest scale, without and with an index.

    The statement is the one that Postgres itself runs for each referenced row that is deleted.
    """

    constraint: str
    definition: str
    cost_without: float
    cost_with: float
    size_bytes: int


class IndexesMeasurement(Struct, frozen=True, kw_only=True):
    """The measurement. `deleted` are tables that the target was seen to delete from.

    `written` those that it was seen to change; `reached` and `operations` say how much of the contract
    the exercise covered: an index that looks unused may serve an operation that was not reached.
    """

    server: str
    simulated: bool
    scales: tuple[int, ...]
    tenant: str
    tables: tuple[Table, ...]
    rows: tuple[CatalogueRow, ...]
    worth: tuple[IndexWorth, ...]
    foreign_keys: tuple[ForeignKeyCost, ...]
    deleted: tuple[str, ...]
    written: tuple[str, ...]
    reached: int
    operations: int
    took_s: dict[str, float] = {}
