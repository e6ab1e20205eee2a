"""Which transaction a statement ran in, told by command tags within a batch and by ReadyForQuery after it."""

import re
from collections.abc import Iterator
from typing import Final

BEGINS: Final = frozenset({"BEGIN", "START TRANSACTION"})
ENDS: Final = frozenset({"COMMIT", "ROLLBACK", "PREPARE TRANSACTION"})

# Tags do not tell ROLLBACK TO SAVEPOINT from ROLLBACK, nor COMMIT AND CHAIN from COMMIT: texts do.
_TO_SAVEPOINT = re.compile(r"\b(?:rollback|abort)\b[\s\w]*?\bto\b", re.IGNORECASE)
_CHAINED = re.compile(r"\band\s+chain\b", re.IGNORECASE)


def to_savepoint(sql: str) -> bool:
    """Whether a statement with the tag ROLLBACK goes back to a savepoint only."""
    return bool(_TO_SAVEPOINT.search(sql))


class Transaction:
    """The transaction of one connection. Its number is drawn at its first statement.

    `block` says whether it was begun explicitly, `failed` that only a rollback can end it now.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._number: int | None = None
        self.block = False
        self.failed = False

    @property
    def number(self) -> int:
        """The number of the transaction that is running, or of the one that this begins."""
        if self._number is None:
            self._number = next(self._numbers)
        return self._number

    def ends(self, tag: str, sql: str) -> bool:
        """Whether a statement that completed with this tag ended the block."""
        return self.block and tag in ENDS and not (tag == "ROLLBACK" and to_savepoint(sql))

    def close(self, sql: str = "") -> None:
        """Leave the transaction; with `AND CHAIN` a new block has begun."""
        self._number = None
        self.failed = False
        self.block = bool(_CHAINED.search(sql))
