"""What `plans` measured: statements of every route, their plans at every size, and what was tried."""

from msgspec import Struct

from harness.planner.model import Index, Plan, Table, Unplanned
from harness.statements.model import RouteFacts, StatementOfRoute


class Repeat(Struct, frozen=True, kw_only=True):
    """How often one statement ran in one request.

    `identical` is the highest number of runs with the same parameters and no write between them; `rows`
    returned in all, `most_rows` by one run; `full_pages` runs that returned exactly their LIMIT;
    `size_bytes` of all values, `unused_bytes` of columns that went nowhere, named in `unused`.
    """

    fingerprint: str
    count: int
    identical: int
    rows: int
    most_rows: int
    full_pages: int
    size_bytes: int
    unused_bytes: int = 0
    unused: tuple[str, ...] = ()


class RequestWork(Struct, frozen=True, kw_only=True):
    """One request of the exercise: what it was, how much it answered, what it had Postgres do.

    `lengths` as in exercise.model.Call; windows of the same route, variant, warmth, identity, lengths and
    work are one, `times` of them.
    """

    route: str
    variant: str
    warmth: str
    identity: str
    status: int
    answer_bytes: int
    lengths: dict[str, int]
    page: int | None
    statements: int
    repeats: tuple[Repeat, ...]
    left_open: int = 0
    waited_s: float = 0.0
    times: int = 1


class Suggestion(Struct, frozen=True, kw_only=True):
    """An index that was built and tried for one statement. Costs at the greatest scale, planner units.

    `definition` can be pasted into a migration; `gains` and `loses` are fingerprints of other
    statements whose cost falls or rises by a tenth and more.
    """

    fingerprint: str
    definition: str
    size_bytes: int
    cost_before: float
    cost_after: float
    exponent_after: float
    gains: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()


class PlansMeasurement(Struct, frozen=True, kw_only=True):
    """The measurement. `scales` are multiples of today's rows; `tenant` the column that names tenants.

    `wire_silent` where requests were answered and no statement was seen. `took_s`, by step.
    """

    server: str
    simulated: bool
    scales: tuple[int, ...]
    tenant: str
    tenant_from: str
    tables: tuple[Table, ...]
    indexes: tuple[Index, ...]
    routes: tuple[RouteFacts, ...]
    statements: tuple[StatementOfRoute, ...]
    requests: tuple[RequestWork, ...]
    plans: tuple[Plan, ...]
    unplanned: tuple[Unplanned, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    wire_silent: bool = False
    took_s: dict[str, float] = {}
