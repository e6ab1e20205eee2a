"""What wires see and how they break, as frozen values. All times are seconds of CLOCK_MONOTONIC.

That clock is one for all processes of a machine, so events of every wire and requests of the exercise
can be put in one order.
"""

from typing import Final

from msgspec import Struct

TEXT: Final = 0
BINARY: Final = 1
"""Formats of parameters and results in Postgres's protocol."""


class Parameter(Struct, frozen=True, array_like=True):
    """One bound parameter as it crossed the wire: enough to bind it again, byte for byte.

    `value` is None for NULL; `oid` the declared type, 0 where the client left it to the server.
    """

    value: bytes | None
    format: int = TEXT
    oid: int = 0


class Column(Struct, frozen=True, array_like=True):
    """One column of a result: `size_bytes` over all rows; `sample` its first value that is not NULL.

    `sample` is text of at most 64 characters, empty where the binary form of its type is not known.
    """

    name: str
    oid: int
    size_bytes: int
    sample: str


class Connected(Struct, frozen=True, kw_only=True, tag="connected"):
    """A connection of the target's: who it is to the service, and what its session starts with.

    `options` are the startup parameters but user and database (Postgres), or empty (Redis).
    """

    connection: int
    at_s: float
    user: str = ""
    database: str = ""
    options: dict[str, str] = {}


class Closed(Struct, frozen=True, kw_only=True, tag="closed"):
    """The connection's end; `open_transaction` where it ended inside a transaction block."""

    connection: int
    at_s: float
    open_transaction: bool = False


class Statement(Struct, frozen=True, kw_only=True, tag="statement"):
    """One SQL statement: what was sent, what came of it.

    `transaction` numbers the transactions of a wire, implicit ones too (a pipeline up to its Sync is
    one); `block` says that it ran inside BEGIN … COMMIT. `rows` is what CommandComplete counts:
    returned or affected. `columns` is empty where no rows were described. `error` is the SQLSTATE of a
    statement that failed. Members of a pipeline have no durations of their own: `pipelined`.
    `prepared` is the name of the server-side statement, if any. `texts` > 1 where the simple protocol
    sent several statements at once: each is an event of its own with its own text where it could be
    told apart, else with the whole text.
    """

    connection: int
    transaction: int
    sql: str
    parameters: tuple[Parameter, ...] = ()
    sent_s: float
    done_s: float
    rows: int = 0
    tag: str = ""
    columns: tuple[Column, ...] = ()
    error: str = ""
    simple: bool = False
    pipelined: bool = False
    block: bool = False
    prepared: str = ""
    texts: int = 1


class TransactionEnded(Struct, frozen=True, kw_only=True, tag="ended"):
    """An explicit transaction block ended; implicit transactions end with their statements."""

    connection: int
    transaction: int
    at_s: float
    failed: bool = False


class Command(Struct, frozen=True, kw_only=True, tag="command"):
    """One Redis command. `outcome` is hit, miss, ok, error or push.

    Hit and miss are told for commands that read a key: a null or an empty collection is a miss; a command
    of several keys is a hit where all are there. `arguments` are cut to 256 bytes each and 16 in number;
    those of commands that carry passwords are left out. `transaction` is True between MULTI and EXEC;
    those that EXEC did not run, and an EXEC that ran none, are errors. `size_bytes` is that of the reply.
    """

    connection: int
    name: str
    keys: tuple[str, ...] = ()
    arguments: tuple[bytes, ...] = ()
    sent_s: float
    done_s: float
    outcome: str
    size_bytes: int = 0
    transaction: bool = False


class Undecodable(Struct, frozen=True, kw_only=True, tag="undecodable"):
    """Bytes that the decoder does not know; they were relayed unchanged. `direction` is to or from.

    From here on the connection is relayed and no longer read; `reason` says what was met.
    """

    connection: int
    at_s: float
    direction: str
    reason: str


Event = Connected | Closed | Statement | TransactionEnded | Command | Undecodable


class Fault(Struct, frozen=True, kw_only=True):
    """One toxic, in toxiproxy's words; unknown fields of a kind are ignored by it.

    `kind`: latency (`latency_s`, `jitter_s`), stall (bytes are held, and released intact when mended),
    reset_peer (after `after_s`), refuse (the listener closes; open connections stay), bandwidth
    (`bytes_per_s`), slicer (`slice_bytes` with `latency_s` between), limit_data (close after
    `limit_bytes`), garbage (`limit_bytes` random bytes of seed 1 instead of the answer).
    `direction`: `to` the service, `from` it, or `both`. `share` is the part of connections hit, 0 to 1.
    """

    kind: str
    direction: str = "both"
    latency_s: float = 0.0
    jitter_s: float = 0.0
    after_s: float = 0.0
    bytes_per_s: int = 0
    slice_bytes: int = 0
    limit_bytes: int = 0
    share: float = 1.0


class Counters(Struct, frozen=True, kw_only=True):
    """Where a wire stands. `in_flight` counts requests without an answer, `open` its connections.

    `events` is how many are in the log; `last_s` when the last byte crossed, 0.0 before the first.
    `undecodable` counts bytes that were relayed and could not be read, `unconnected` connections of the
    target's for which the service could not be reached: they were reset.
    """

    connections: int
    open: int
    in_flight: int
    events: int
    undecodable: int
    bytes_to: int
    bytes_from: int
    last_s: float
    unconnected: int = 0
