"""llama.cpp in this process: one compute thread, several slots decoded together.

One thread, because two OpenMP threads on busy cores fall from 1,650 tokens/s to under 20: each
waits at every barrier for the one that the scheduler put aside.
"""

import asyncio
import os
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import xllamacpp  # type: ignore[import-untyped]  # the wheel ships neither types nor py.typed
from msgspec import Struct

from harness.modelserver.errors import EngineNotStarted, RequestRefused
from harness.modelserver.schema import Options

CLOSING = "server is shutting down"


class Usage(Struct, frozen=True, kw_only=True):
    """What one generation took. `done_reason` is `stop` or `length`; durations are the engine's own."""

    done_reason: str
    prompt_tokens: int
    generated_tokens: int
    prompt_ns: int
    generation_ns: int


class Engine:
    """Weights loaded once, decoded by continuous batching.

    `context` is the longest prompt plus answer, in tokens, of each slot. `longest_answer` caps a
    request that names no length; `endless` makes answers run to their cap, because random
    weights end at a random place. Raises EngineNotStarted.
    """

    def __init__(
        self, weights: Path, *, slots: int, context: int, longest_answer: int, endless: bool
    ) -> None:
        self._longest_answer = longest_answer
        self._endless = endless
        self._threads = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="generation")
        self._live: set[Generation] = set()
        self._closing = False
        self._llama = _load(weights, slots, context)

    def start(
        self, prompt: str, options: Options, schema: dict[str, Any] | None, *, piecewise: bool
    ) -> "Generation":
        """Start decoding; at most `slots` at once may live, the caller sees to that.

        With `piecewise` the event loop hears of each piece as it comes, else once at the end.
        """
        if self._closing:
            raise RequestRefused(503, CLOSING)
        generation = Generation(asyncio.get_running_loop(), piecewise=piecewise)
        self._live.add(generation)
        ended = generation.run_in(self._threads, self._llama, self._task(prompt, options, schema))
        ended.add_done_callback(lambda _: self._live.discard(generation))
        return generation

    def close(self) -> None:
        """End every generation at its next token; new ones are refused."""
        self._closing = True
        for generation in self._live:
            generation.cancel()
        self._threads.shutdown(wait=False)

    def _task(self, prompt: str, options: Options, schema: dict[str, Any] | None) -> dict[str, Any]:
        tokens = options.num_predict if options.num_predict >= 0 else self._longest_answer
        task: dict[str, Any] = {
            "prompt": prompt,
            # Streamed even where the client wants one answer: only then can it be cancelled.
            "stream": True,
            "max_tokens": tokens,
            "ignore_eos": self._endless and schema is None,
            "temperature": options.temperature,
            "seed": options.seed,
            "top_k": options.top_k,
            "top_p": options.top_p,
            "min_p": options.min_p,
            "repeat_penalty": options.repeat_penalty,
            "repeat_last_n": options.repeat_last_n,
            "presence_penalty": options.presence_penalty,
            "frequency_penalty": options.frequency_penalty,
            "stop": [options.stop] if isinstance(options.stop, str) else list(options.stop),
        }
        if schema is not None:
            task["json_schema"] = schema
        return task


class Generation:
    """One answer on its way from the engine's threads to the event loop.

    `first_piece_ns` is on `perf_counter_ns`; None until then. `usage` is set once it has ended
    well.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, piecewise: bool) -> None:
        self._loop = loop
        self._piecewise = piecewise
        self._pieces: deque[str] = deque()
        self._wake = asyncio.Event()
        self._announced = False
        self._cancelled = False
        self._refusal: RequestRefused | None = None
        self._ended: asyncio.Future[None] | None = None
        self.first_piece_ns: int | None = None
        self.usage: Usage | None = None

    def run_in(self, threads: ThreadPoolExecutor, llama: Any, task: dict[str, Any]) -> "asyncio.Future[None]":
        """Let a thread of the pool feed this generation until the engine is done with it."""
        self._ended = self._loop.run_in_executor(threads, partial(llama.handle_completions, task, self._take))
        self._ended.add_done_callback(lambda _: self._wake.set())
        return self._ended

    def cancel(self) -> None:
        """Let the engine drop it at its next token; returns at once."""
        self._cancelled = True

    async def stop(self) -> None:
        """Cancel it and wait until the engine has let go of the slot."""
        self.cancel()
        if self._ended is not None:
            await asyncio.wait({self._ended})

    async def batches(self) -> AsyncIterator[list[str]]:
        """Yield the pieces of text that have come since the last batch, until the end.

        Raises RequestRefused with the engine's status and words, or 503 where the server closes.
        """
        ended = self._ended
        if ended is None:
            raise RuntimeError("the generation was never run")
        while True:
            await self._wake.wait()
            self._wake.clear()
            at_end = ended.done()
            # Down before the deque is read: a piece that comes in between rings again, and none is lost.
            self._announced = False
            if self._pieces:
                yield self._drain()
            if at_end:
                break
        ended.result()
        if self._refusal is not None:
            raise self._refusal
        if self.usage is None:
            raise RequestRefused(503, CLOSING)

    def _drain(self) -> list[str]:
        pieces = []
        while self._pieces:
            pieces.append(self._pieces.popleft())
        return pieces

    def _take(self, chunk: dict[str, Any]) -> bool:
        """Take the engine's next chunk, on one of its threads; True tells it to stop."""
        if self._cancelled:
            return True
        error = chunk.get("error")
        if error is not None:
            self._refusal = RequestRefused(int(error["code"]), str(error["message"]))
            return True
        if self.first_piece_ns is None:
            self.first_piece_ns = perf_counter_ns()
        choice = chunk["choices"][0]
        if choice["text"]:
            self._pieces.append(choice["text"])
            if self._piecewise and not self._announced:
                self._announced = True
                self._loop.call_soon_threadsafe(self._wake.set)
        if choice["finish_reason"] is not None:
            self.usage = _usage(choice["finish_reason"], chunk["usage"], chunk["timings"])
        return False


def _usage(reason: str, counts: dict[str, Any], timings: dict[str, float]) -> Usage:
    return Usage(
        done_reason=reason,
        prompt_tokens=counts["prompt_tokens"],
        generated_tokens=counts["completion_tokens"],
        prompt_ns=round(timings["prompt_ms"] * 1e6),
        generation_ns=round(timings["predicted_ms"] * 1e6),
    )


def _load(weights: Path, slots: int, context: int) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.n_parallel = slots
    params.n_ctx = slots * context
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.n_gpu_layers = 0
    params.ctx_shift = False  # an answer ends at the end of its context, it does not forget its beginning
    params.cache_ram_mib = 0  # no store of old prompts: memory stays flat
    params.use_jinja = False
    params.ui = False
    params.verbosity = 1  # errors only
    params.n_threads_http = 1
    # The engine insists on an HTTP server of its own, which knows no Ollama route: it listens on a
    # socket in a private folder, which is gone before anyone can ask for it.
    with tempfile.TemporaryDirectory(prefix="modelserver-") as folder:
        # A socket's path may have 107 bytes: the way from here is often the shorter one.
        path = Path(folder, "unused.sock")
        params.hostnames = [min(str(path), os.path.relpath(path), key=len)]
        try:
            return xllamacpp.Server(params)
        except RuntimeError as error:
            raise EngineNotStarted(
                f"{weights}: the engine does not load it ({error}); its reason is on standard error. "
                "Delete the file if it is the cache's own: the next start writes it anew"
            ) from error
