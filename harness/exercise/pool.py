"""Ids and values that answers gave, kept per identity, to be used in later requests."""

from typing import Any


class Pool:
    """What one identity has learned. Values are kept by resource and field, newest first."""

    def learn(self, operation: str, path: str, status: int, answer: Any, sent: Any = None) -> None:
        """Take in the JSON answer of a request to the path template."""
        raise NotImplementedError

    def forget(self, path: str, value: str) -> None:
        """A resource is gone."""
        raise NotImplementedError
