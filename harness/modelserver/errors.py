"""What can go wrong, in two kinds: the server cannot start, or one request is refused.

ModelServerError
├── WeightsNotWritten   the cache folder refuses the weights: full disk, no permission
├── EngineNotStarted    llama.cpp refuses the weights, or dies while it loads them
└── AddressTaken        another process listens there
RequestRefused          one request; the answer's status and its `{"error": …}`
"""


class ModelServerError(Exception):
    """The server cannot start; the message says why and how to mend it."""


class WeightsNotWritten(ModelServerError):
    """The cache folder does not take the weights."""


class EngineNotStarted(ModelServerError):
    """The engine does not load the weights."""


class AddressTaken(ModelServerError):
    """Host and port cannot be listened on."""


class RequestRefused(Exception):
    """One request gets `status` and `{"error": message}`."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)
