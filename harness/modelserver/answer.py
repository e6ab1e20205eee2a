"""From a request to the frames of its answer."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import Any

from harness.modelserver.admission import Admission
from harness.modelserver.catalogue import ServedModel
from harness.modelserver.engine import Engine, Usage
from harness.modelserver.errors import RequestRefused
from harness.modelserver.metrics import Metrics
from harness.modelserver.schema import (
    Asked,
    ChatFrame,
    ChatRequest,
    Frame,
    GenerateFrame,
    GenerateRequest,
    Options,
    Turn,
)

DEFAULT_OPTIONS = Options()


class Answerer:
    """Answers /api/generate and /api/chat with the one engine."""

    def __init__(self, model: ServedModel, engine: Engine, admission: Admission, metrics: Metrics) -> None:
        self._model = model
        self._engine = engine
        self._admission = admission
        self._metrics = metrics

    async def frames(self, asked: GenerateRequest | ChatRequest) -> AsyncGenerator[list[Frame], None]:
        """Yield frames as they come, several where the engine was ahead; without `stream` one, at the end.

        Closing it early frees the slot. Raises RequestRefused, mostly before the first frame.
        """
        arrived_ns = perf_counter_ns()
        refuse_unserved(asked, self._model)
        prompt = prompt_of(asked)
        if not prompt:
            reason = "unload" if asked.keep_alive in {0, "0", "0s"} else "load"
            yield [frame(asked, "", done_reason=reason)]
            return
        async with self._admission.slot():
            self._metrics.count_queued((perf_counter_ns() - arrived_ns) / 1e9)
            generation = self._engine.start(
                prompt,
                asked.options or DEFAULT_OPTIONS,
                schema_of(asked),
                piecewise=asked.stream,
            )
            whole: list[str] = []
            try:
                async for pieces in generation.batches():
                    if asked.stream:
                        yield [frame(asked, piece) for piece in pieces]
                    else:
                        whole += pieces
            finally:
                await generation.stop()
                if generation.first_piece_ns is not None:
                    self._metrics.count_first_token((generation.first_piece_ns - arrived_ns) / 1e9)
        usage = generation.usage
        if usage is None:
            raise RuntimeError("the engine ended an answer without its usage")
        self._metrics.count_usage(usage)
        yield [
            frame(
                asked,
                "".join(whole),
                done_reason=usage.done_reason,
                usage=usage,
                total_ns=perf_counter_ns() - arrived_ns,
            )
        ]


def refuse_unserved(asked: GenerateRequest | ChatRequest, model: ServedModel) -> None:
    """Refuse another model's name (404), and what a text model cannot do (400, in Ollama's words)."""
    if not model.answers_to(asked.model):
        raise RequestRefused(404, f"model '{asked.model}' not found")
    if asked.think:
        raise RequestRefused(400, f'"{asked.model}" does not support thinking')
    if asked.logprobs:
        raise RequestRefused(400, f'"{asked.model}" does not support logprobs')
    if isinstance(asked, ChatRequest):
        if asked.tools:
            raise RequestRefused(400, f'"{asked.model}" does not support tools')
        images = any(message.images for message in asked.messages)
    else:
        if asked.suffix:
            raise RequestRefused(400, f'"{asked.model}" does not support insert')
        images = bool(asked.images)
    if images:
        raise RequestRefused(400, f'"{asked.model}" does not support images')


def prompt_of(asked: GenerateRequest | ChatRequest) -> str:
    """Return the text to go on from; empty where the client only wants the model loaded.

    The template is as plain as can be: what the model reads means nothing to random weights, but
    every character of it is decoded.
    """
    if isinstance(asked, GenerateRequest):
        if asked.prompt and asked.system and not asked.raw:
            return f"system: {asked.system}\n{asked.prompt}"
        return asked.prompt
    if not asked.messages:
        return ""
    turns = "".join(f"{message.role}: {message.content}\n" for message in asked.messages)
    return f"{turns}assistant: "


def schema_of(asked: Asked) -> dict[str, Any] | None:
    """Return the JSON schema that the answer must follow; `{}` for any object, None for free text."""
    if asked.format == "json":
        return {"type": "object"}
    return asked.format if isinstance(asked.format, dict) else None


def frame(
    asked: Asked,
    text: str,
    *,
    done_reason: str | None = None,
    usage: Usage | None = None,
    total_ns: int = 0,
) -> Frame:
    """Build a frame of the endpoint's kind; the last one has a `done_reason`."""
    common: dict[str, Any] = {
        "model": asked.model,
        "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "done": done_reason is not None,
        "done_reason": done_reason,
    }
    if usage is not None:
        common |= {
            "total_duration": total_ns,
            "prompt_eval_count": usage.prompt_tokens,
            "prompt_eval_duration": usage.prompt_ns,
            "eval_count": usage.generated_tokens,
            "eval_duration": usage.generation_ns,
        }
    if isinstance(asked, ChatRequest):
        return ChatFrame(message=Turn("assistant", text), **common)
    return GenerateFrame(response=text, **common)
