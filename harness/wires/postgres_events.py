"""Events of one Postgres connection: statements as they complete or fail, and ends of transactions."""

from collections.abc import Iterator
from typing import Final

from harness.wires.model import Event, Parameter, Statement, TransactionEnded
from harness.wires.postgres_requests import Portal, Sent
from harness.wires.postgres_result import Result
from harness.wires.postgres_transaction import BEGINS, Transaction

SYNTAX_ERROR: Final = "42601"


class Events:
    """What happened and was not taken yet, in `told`; it numbers the transactions as it tells."""

    def __init__(self, connection: int, transactions: Iterator[int]) -> None:
        self.told: list[Event] = []
        self.transaction = Transaction(transactions)
        self._connection = connection

    def portal(self, portal: Portal, *, tag: str = "", rows: int = 0, error: str = "") -> None:
        """A statement of the extended protocol."""
        portal.suspended = False
        self._statement(
            portal.prepared.sql,
            sent_s=portal.sent_s,
            done_s=portal.done_s,
            parameters=portal.parameters(),
            rows=rows,
            tag=tag,
            result=portal.result,
            error=error,
            pipelined=portal.pipelined,
            prepared=portal.prepared.name,
        )

    def parts(self, portal: Portal) -> None:
        """A portal that was fetched in part and goes; nothing where all of it was told."""
        if portal.suspended:
            portal.finished = True
            self.portal(portal, tag="SELECT", rows=portal.open_result().rows)

    def simple(
        self, sent: Sent, sql: str, done_s: float, *, tag: str = "", rows: int = 0, error: str = ""
    ) -> None:
        """The only statement of a simple query."""
        self._statement(
            sql,
            sent_s=sent.sent_s,
            done_s=done_s,
            rows=rows,
            tag=tag,
            result=sent.result,
            error=error,
            simple=True,
            pipelined=sent.pipelined,
        )

    def several(self, sent: Sent, whole: str, parts: list[str], *, done_s: float, error: str = "") -> None:
        """The statements of a simple query of several: those that completed, and the one that failed.

        Where the server counted other statements than the text was divided into, each has the whole text;
        so has a syntax error, which the server meets before it runs any of them.
        """
        count = len(sent.done) + bool(error)
        apart = count <= len(parts) if error else count == len(parts)
        if error == SYNTAX_ERROR and not sent.done:
            apart = False
        for index, (tag, rows, result, at_s) in enumerate(sent.done):
            self._statement(
                parts[index] if apart else whole,
                sent_s=sent.sent_s,
                done_s=at_s,
                rows=rows,
                tag=tag,
                result=result,
                simple=True,
                pipelined=sent.pipelined,
                count=count,
            )
        if error:
            self._statement(
                parts[len(sent.done)] if apart else whole,
                sent_s=sent.sent_s,
                done_s=done_s,
                result=sent.result,
                error=error,
                simple=True,
                pipelined=sent.pipelined,
                count=count,
            )

    def ready(self, status: bytes, at_s: float) -> None:
        """The server is ready for a query: idle `I`, in a block `T`, in a failed one `E`."""
        if status == b"I":
            if self.transaction.block:
                self._ended(at_s)
            self.transaction.close()
        else:
            self.transaction.block = True
            self.transaction.failed = status == b"E"

    def _statement(
        self,
        sql: str,
        *,
        sent_s: float,
        done_s: float,
        parameters: tuple[Parameter, ...] = (),
        rows: int = 0,
        tag: str = "",
        result: Result | None = None,
        error: str = "",
        simple: bool = False,
        pipelined: bool = False,
        prepared: str = "",
        count: int = 1,
    ) -> None:
        transaction = self.transaction
        if tag in BEGINS:
            transaction.block = True
        self.told.append(
            Statement(
                connection=self._connection,
                transaction=transaction.number,
                sql=sql,
                parameters=parameters,
                sent_s=sent_s,
                done_s=done_s,
                rows=result.rows if error and result is not None else rows,
                tag=tag,
                columns=result.columns() if result is not None else (),
                error=error,
                simple=simple,
                pipelined=pipelined,
                block=transaction.block,
                prepared=prepared,
                texts=count,
            )
        )
        if error:
            transaction.failed = transaction.block
        elif transaction.ends(tag, sql):
            self._ended(done_s)
            transaction.close(sql)
        elif tag == "ROLLBACK":  # to a savepoint
            transaction.failed = False

    def _ended(self, at_s: float) -> None:
        self.told.append(
            TransactionEnded(
                connection=self._connection,
                transaction=self.transaction.number,
                at_s=at_s,
                failed=self.transaction.failed,
            )
        )
