"""What can go wrong, and the one shape in which the system says so.

    SystemFailure
    ├── SettingsWrong        the environment is incomplete or wrong: all faults at once
    ├── MigrationFailed      the schema could not be brought up to date
    └── Refused              a request is answered with an error: status, code, message, fields

Only `__main__` prints them; only `envelope` turns them into answers.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

import msgspec
from msgspec import Struct


class SystemFailure(Exception):
    """Something the system was asked to do cannot be done."""


class SettingsWrong(SystemFailure):
    """The environment lacks settings or holds wrong ones; one line each."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("settings are wrong:\n" + "\n".join(f"  {fault}" for fault in faults))


class MigrationFailed(SystemFailure):
    """A migration did not apply, or the database was changed by a later version."""


class ErrorCode(StrEnum):
    """Why a request was refused; each has a page under /errors/{code}."""

    BAD_REQUEST = "bad_request"
    VALIDATION_FAILED = "validation_failed"
    UNAUTHENTICATED = "unauthenticated"
    WRONG_CREDENTIALS = "wrong_credentials"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    BODY_TOO_LARGE = "body_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    MODEL_UNAVAILABLE = "model_unavailable"
    OVERLOADED = "overloaded"
    NOT_READY = "not_ready"
    INTERNAL = "internal"


class FieldFault(Struct, frozen=True, forbid_unknown_fields=True):
    """One field of a request that is wrong; `field` is its path in the body, or a parameter's name."""

    field: str
    message: str


class ErrorBody(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What went wrong; `timestamp` is ISO 8601 UTC, `request_id` is also in X-Request-Id and the log."""

    code: ErrorCode
    message: str
    details: tuple[FieldFault, ...]
    timestamp: str
    request_id: str
    doc_url: str


class ErrorAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of every answer that is not a success."""

    success: bool
    error: ErrorBody


class Refused(SystemFailure):
    """A request is refused: becomes an answer with `status` and the one error shape.

    `retry_after_s` is sent as Retry-After; `headers` are sent as they are.
    """

    def __init__(
        self,
        status: int,
        code: ErrorCode,
        message: str,
        *details: FieldFault,
        retry_after_s: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)


def not_found(what: str) -> Refused:
    """The refusal for a thing that is not there, or is another tenant's: the two must look alike."""
    return Refused(404, ErrorCode.NOT_FOUND, f"No such {what}.")


def wrong_field(field: str, message: str) -> Refused:
    """The refusal for one field whose value cannot be accepted."""
    return Refused(
        400, ErrorCode.VALIDATION_FAILED, f"{field}: {message}", FieldFault(field=field, message=message)
    )


def error_body(refused: Refused, request_id: str) -> bytes:
    """Return the JSON body of a refusal."""
    now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
    return msgspec.json.encode(
        ErrorAnswer(
            success=False,
            error=ErrorBody(
                code=refused.code,
                message=refused.message,
                details=refused.details,
                timestamp=now.replace("+00:00", "Z"),
                request_id=request_id,
                doc_url=f"/errors/{refused.code}",
            ),
        )
    )
