"""What an operation promises beside its parameters: bodies, answers, errors, for the OpenAPI document."""

from typing import Any, Final

from msgspec import Struct

KEY: Final = "contract"


class Contract(Struct, frozen=True, kw_only=True):
    """The promise of one operation.

    `answers` maps a success's status to the type of its body, None where it has none; `errors` are the
    statuses of refusals, all of one shape. `cached` operations send `Cache-Status`.
    """

    answers: dict[int, Any]
    errors: tuple[int, ...] = ()
    body: Any = None
    body_example: Any = None
    cached: bool = False
    public: bool = False

    @property
    def opt(self) -> dict[str, Any]:
        """The promise in the form that a handler carries."""
        return {KEY: self}
