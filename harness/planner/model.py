"""What the planner is asked, and what it answers, as frozen values."""

from enum import StrEnum

from msgspec import Struct


class Way(StrEnum):
    """How the data grows: not at all, by more tenants of the same size, or by the tenants' own growth."""

    NOW = "now"
    MORE = "more"
    BIGGER = "bigger"


class Actual(Struct, frozen=True, kw_only=True):
    """What one node of an executed plan did, per loop where the planner says per loop.

    `rows` per loop; `removed` rows removed by filter or recheck, per loop; `blocks` shared hit and read,
    in all, children included; `temp_blocks` written; `heap_fetches`, `lossy_blocks`, `batches` as EXPLAIN
    has them; `sort_disk` whether a sort spilled; `disk_kb` what a hash aggregate spilled.
    """

    rows: float
    loops: float
    removed: float = 0.0
    removed_by_recheck: float = 0.0
    blocks: int = 0
    temp_blocks: int = 0
    heap_fetches: int = 0
    lossy_blocks: int = 0
    exact_blocks: int = 0
    batches: int = 1
    sort_disk: bool = False
    disk_kb: int = 0


class Node(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One node of a plan tree; costs in planner units, not time.

    `kind` is EXPLAIN's node type (`Seq Scan`, `Index Scan`, …); `role` its relationship to the parent
    (Outer, Inner, Subquery, InitPlan, SubPlan, Member). `rows` are estimated, per loop. Texts of
    conditions are EXPLAIN's own. `one_time_filter` and `subplans_removed` as EXPLAIN has them.
    """

    kind: str
    role: str = ""
    relation: str = ""
    schema: str = ""
    alias: str = ""
    index: str = ""
    join: str = ""
    strategy: str = ""
    function: str = ""
    cte: str = ""
    index_cond: str = ""
    recheck_cond: str = ""
    filter: str = ""
    join_cond: str = ""
    sort_key: tuple[str, ...] = ()
    presorted_key: tuple[str, ...] = ()
    startup_cost: float = 0.0
    cost: float = 0.0
    rows: float = 0.0
    width: int = 0
    subplans_removed: int = 0
    actual: Actual | None = None
    children: tuple["Node", ...] = ()


class Plan(Struct, frozen=True, kw_only=True):
    """An EXPLAIN tree. `way` and `scale` say of what data; `binding` is a label, or `generic`.

    `number` tells the real bindings of one statement apart; `within` names the function whose body the
    statement is, empty for what the target sent itself.
    """

    fingerprint: str
    way: Way
    scale: int
    binding: str
    number: int = 0
    within: str = ""
    root: Node


class Unplanned(Struct, frozen=True, kw_only=True):
    """A statement that could not be explained, with the server's reason."""

    fingerprint: str
    sql: str
    reason: str


class Table(Struct, frozen=True, kw_only=True):
    """A table of the clone at 1x. `rows` as ANALYZE counted, `size_bytes` of the heap.

    `growth` is by how much a scale of 10 multiplies its rows, per way: 10 where it grows in full, 1
    where it stays; `tenant_column` is the column that names its tenant, empty where there is none.
    `lift` is by how much small fixtures were multiplied before any scale: a table that grows has
    `rows * lift * scale` rows on a scaled clone, any other has `rows`.
    """

    schema: str
    name: str
    rows: int
    size_bytes: int
    tenant_column: str = ""
    growth: dict[Way, int] = {}
    lift: float = 1.0


class Index(Struct, frozen=True, kw_only=True):
    """An index of the clone at 1x. `columns`: names or expressions of its key.

    `partial` is its predicate; `constraint` the one that it backs; `definition` its DDL; `method` btree, …
    """

    schema: str
    name: str
    table: str
    columns: tuple[str, ...]
    included: tuple[str, ...] = ()
    method: str = "btree"
    unique: bool = False
    primary: bool = False
    constraint: str = ""
    partial: str = ""
    definition: str = ""
    size_bytes: int = 0
