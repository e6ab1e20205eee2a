"""Sessions on a clone that stand for those of the target: same role, same options, same settings."""

import re
from collections.abc import Mapping
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import ConnStatus, ExecStatus, PGconn
from psycopg.pq.abc import PGconn as Connection
from psycopg.pq.abc import PGresult

from harness.errors import ServiceFailed
from harness.wires.model import Parameter
from harness.wires.statements import Setting

LIMITS: Final = {"statement_timeout": "10s", "lock_timeout": "2s", "jit": "off"}
"""What takes longer with the data of today is told as a statement that could not be explained."""

_WORKED: Final = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_NOT_OF_PLANS: Final = frozenset({"application_name", "client_encoding", "options", "replication"})
_SPECIAL: Final = re.compile(r"([\s\\])")


class RefusedError(Exception):
    """The server refused a command: its own words, and the SQLSTATE."""

    def __init__(self, result: PGresult) -> None:
        words = result.get_error_message("utf-8").removeprefix("ERROR:").strip()
        super().__init__(words.splitlines()[0] if words else "the server gave no reason")
        self.state = (result.error_field(_SQLSTATE) or b"").decode()


_SQLSTATE: Final = ord("C")


class Session:
    """One connection to a clone as one role of the target, always in a transaction that is rolled back."""

    def __init__(self, address: str, user: str, options: Mapping[str, str]) -> None:
        self._connection = _connected(address, user, _startup(options))
        self._state: object = None
        self._prepared: dict[tuple[str, tuple[int, ...]], tuple[bytes, int]] = {}

    @property
    def lost(self) -> bool:
        """Whether the server ended the connection."""
        return self._connection.status != ConnStatus.OK

    def close(self) -> None:
        """End the connection; its transaction is rolled back."""
        self._connection.finish()

    def enter(self, settings: tuple[Setting, ...], *, generic: bool) -> dict[str, str]:
        """Begin a transaction in which the settings hold; those that failed, with the reasons.

        A transaction that was begun with the same settings goes on, so that a batch pays for them once.
        """
        state = (settings, generic)
        if self._state == state:
            return {}
        failed: dict[str, str] = {}
        while not self._begin(tuple(setting for setting in settings if setting.sql not in failed), failed):
            pass
        if generic:
            self.run("SET LOCAL plan_cache_mode = force_generic_plan")
        self._state = state
        return failed

    def leave(self) -> None:
        """Roll back; the next `enter` begins anew."""
        self._state = None
        self._connection.exec_(b"ROLLBACK")

    def run(self, sql: str, parameters: tuple[Parameter, ...] = ()) -> PGresult:
        """One statement by the extended protocol, which takes one and not several. Raises RefusedError."""
        return _checked(
            self._connection.exec_params(
                sql.encode(),
                [parameter.value for parameter in parameters],
                [parameter.oid for parameter in parameters],
                [parameter.format for parameter in parameters],
            )
        )

    def prepare(self, sql: str, oids: tuple[int, ...]) -> str:
        """Prepare a statement, once; the EXECUTE of it with NULL for each parameter."""
        known = self._prepared.get((sql, oids))
        if known is None:
            name = b"harness_%d" % len(self._prepared)
            _checked(self._connection.prepare(name, sql.encode(), oids))
            known = name, _checked(self._connection.describe_prepared(name)).nparams
            self._prepared[sql, oids] = known
        name, count = known
        return f"EXECUTE {name.decode()}" + (f"({', '.join(['NULL'] * count)})" if count else "")

    def _begin(self, settings: tuple[Setting, ...], failed: dict[str, str]) -> bool:
        """Begin with these settings; False where one of them failed, which is noted."""
        self._connection.exec_(b"ROLLBACK")
        self.run("BEGIN")
        for setting in settings:
            try:
                self.run(setting.sql, setting.parameters)
            except RefusedError as error:
                if self.lost:
                    raise
                failed[setting.sql] = str(error)
                return False
        return True


def _checked(result: PGresult) -> PGresult:
    if result.status not in _WORKED:
        raise RefusedError(result)
    return result


def _startup(options: Mapping[str, str]) -> str:
    """The `options` of libpq for a session that starts as the target's does, with our limits last."""
    settings = {
        name: value
        for name, value in options.items()
        if name.lower() not in _NOT_OF_PLANS and not name.startswith("_pq_")
    }
    spelled = [
        "-c " + _SPECIAL.sub(r"\\\1", f"{name}={value}") for name, value in (settings | LIMITS).items()
    ]
    return " ".join((options.get("options", ""), *spelled)).strip()


def _connected(address: str, user: str, options: str) -> Connection:
    """Log in as the target's role, with its role's own settings; where that is refused, become it."""
    owner = str(conninfo_to_dict(address).get("user") or "")
    other = user if user != owner else ""
    attempts = [make_conninfo(address, user=other, options=options)] if other else []
    # Options that the server does not take any more are no reason to plan nothing at all.
    attempts += [make_conninfo(address, options=options), make_conninfo(address, options=_startup({}))]
    reason = ""
    for attempt in attempts:
        connection = PGconn.connect(attempt.encode())
        if connection.status == ConnStatus.OK:
            if other and attempt is not attempts[0]:
                quoted = other.replace('"', '""')
                connection.exec_(f'SET SESSION AUTHORIZATION "{quoted}"'.encode())
            return connection
        reason = " ".join(connection.get_error_message("utf-8").split())
        connection.finish()
    raise ServiceFailed(f"The clone that statements are planned on cannot be reached: {reason}")
