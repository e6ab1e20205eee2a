"""Requests and answers of the Ollama API, as far as they are served.

Names and units are Ollama's (docs/api.md there): durations in nanoseconds, which vanish where zero.
Unknown fields are ignored, as Ollama does.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct


class Options(Struct, frozen=True, kw_only=True):
    """How to sample; defaults are Ollama's, but for `num_predict`.

    `num_predict` absent, -1 (without end) or -2 (fill the context) is the server's cap, because
    random weights do not end an answer by themselves. `seed` -1 draws one.
    """

    num_predict: Annotated[int, Meta(ge=-2)] = -1
    temperature: Annotated[float, Meta(ge=0)] = 0.8
    seed: int = -1
    top_k: Annotated[int, Meta(ge=0)] = 40
    top_p: Annotated[float, Meta(ge=0, le=1)] = 0.9
    min_p: Annotated[float, Meta(ge=0, le=1)] = 0.0
    repeat_penalty: float = 1.0
    repeat_last_n: Annotated[int, Meta(ge=-1)] = 64
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    stop: str | tuple[str, ...] = ()


class Message(Struct, frozen=True, kw_only=True):
    """One turn of a chat."""

    role: str
    content: str = ""
    images: tuple[Any, ...] | None = None


class Asked(Struct, frozen=True, kw_only=True):
    """What both endpoints take."""

    model: str
    stream: bool = True
    options: Options | None = None
    format: Literal["json", ""] | dict[str, Any] | None = None
    keep_alive: str | float | None = None
    think: bool | str | None = None
    logprobs: bool = False


class GenerateRequest(Asked, frozen=True, kw_only=True):
    """POST /api/generate. An empty prompt asks for the model to be loaded."""

    prompt: str = ""
    suffix: str = ""
    system: str = ""
    raw: bool = False
    images: tuple[Any, ...] | None = None


class ChatRequest(Asked, frozen=True, kw_only=True):
    """POST /api/chat. No messages ask for the model to be loaded."""

    messages: tuple[Message, ...] = ()
    tools: tuple[Any, ...] | None = None


class Frame(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What both answers end with; counts and durations only in the last frame."""

    model: str
    created_at: str
    done: bool
    done_reason: str | None = None
    total_duration: int = 0
    load_duration: int = 0
    prompt_eval_count: int = 0
    prompt_eval_duration: int = 0
    eval_count: int = 0
    eval_duration: int = 0


class GenerateFrame(Frame, frozen=True, kw_only=True):
    """A piece of /api/generate's answer, or the whole of it."""

    response: str


class Turn(Struct, frozen=True):
    """The assistant's message, or a piece of it."""

    role: str
    content: str


class ChatFrame(Frame, frozen=True, kw_only=True):
    """A piece of /api/chat's answer, or the whole of it."""

    message: Turn


class ErrorBody(Struct, frozen=True):
    """Every error of the API."""

    error: str


class Details(Struct, frozen=True, kw_only=True):
    """What a model is made of."""

    parent_model: str = ""
    format: str = "gguf"
    family: str
    families: tuple[str, ...]
    parameter_size: str
    quantization_level: str


class ModelEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of /api/tags, and of /api/ps with the last three."""

    name: str
    model: str
    size: int
    digest: str
    details: Details
    modified_at: str | None = None
    expires_at: str | None = None
    size_vram: int | None = None
    context_length: int = 0


class ModelList(Struct, frozen=True):
    """The answer of /api/tags and /api/ps."""

    models: tuple[ModelEntry, ...]


class Version(Struct, frozen=True):
    """The answer of /api/version: the Ollama version whose API is served."""

    version: str
