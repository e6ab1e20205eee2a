"""The model server through HTTP beside its engine alone: what admission, frames and HTTP cost.

`engine` is llama.cpp in this process, whose pieces nobody reads; the others ask the server, in a process of
its own, for answers in one piece (`whole`, as the reference system does) or frame by frame (`streamed`).
Weights, slots, options and tokens are the same, in 1 and in 8 streams. They alternate: compare a row with
its neighbours of the same turn. `whole` should reach 95 % of the engine's tokens, so take at most 1.05 times
its time; `streamed` pays for a write per token, and wants a second core that nobody else uses.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before the engine's library is loaded, as the server has it

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
import uvloop
from pytest_benchmark.fixture import BenchmarkFixture

from harness.driver.client import Client, Server
from harness.modelserver.engine import Engine
from harness.modelserver.schema import Options
from harness.modelserver.weights import find_or_write

SLOTS = 8
TOKENS = 256
OPTIONS = Options(num_predict=TOKENS, seed=1)
PROMPTS = [f"Question {number}: which invoices are overdue?" for number in range(SLOTS)]


class Sides(NamedTuple):
    """What is compared; each takes a number of streams and generates TOKENS in each."""

    engine: Callable[[int], object]
    whole: Callable[[int], object]
    streamed: Callable[[int], object]


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """Both sides on the same file of weights."""
    cache = tmp_path_factory.mktemp("model")
    weights = find_or_write(cache)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "harness.modelserver",
        "--port", str(port), "--cache", str(cache), "--slots", str(SLOTS),
    ]  # fmt: skip
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop,
        ThreadPoolExecutor(SLOTS) as threads,
    ):
        engine = Engine(weights, slots=SLOTS, context=2048, longest_answer=TOKENS, endless=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Listening on")
            address = f"http://127.0.0.1:{port}"
            yield Sides(
                alone(threads, engine),
                server(loop, address, stream=False),
                server(loop, address, stream=True),
            )
        finally:
            engine.close()
            process.terminate()


def server(loop: asyncio.Runner, address: str, *, stream: bool) -> Callable[[int], object]:
    """Requests through HTTP, whose tokens are counted by the server itself."""
    options = {"num_predict": TOKENS, "seed": OPTIONS.seed}

    async def answer(client: Client, prompt: str) -> None:
        asked = {"model": "shape-3m", "prompt": prompt, "options": options, "stream": stream}
        last = (await client.post("/api/generate", json=asked)).body.splitlines()[-1]
        assert f'"eval_count":{TOKENS},'.encode() in last
        client.close()

    async def answers(streams: int) -> None:
        await asyncio.gather(*(answer(Client(Server(address), 60.0), prompt) for prompt in PROMPTS[:streams]))

    return lambda streams: loop.run(answers(streams))


def alone(threads: ThreadPoolExecutor, engine: Engine) -> Callable[[int], object]:
    """The engine's own calls, one thread a stream, as the server makes them."""

    def answer(prompt: str) -> None:
        chunks: list[dict[str, Any]] = []
        engine._llama.handle_completions(engine._task(prompt, OPTIONS, None), chunks.append)
        assert chunks[-1]["usage"]["completion_tokens"] == TOKENS

    return lambda streams: list(threads.map(answer, PROMPTS[:streams]))


@pytest.mark.parametrize("side", Sides._fields)
@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("streams", [1, 8])
def test_model(benchmark: BenchmarkFixture, sides: Sides, streams: int, turn: int, side: str) -> None:
    benchmark.group = f"model, {streams} x {TOKENS} tokens"
    benchmark.pedantic(getattr(sides, side), (streams,), rounds=2, warmup_rounds=int(turn == 0))
