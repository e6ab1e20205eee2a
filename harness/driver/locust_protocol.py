"""The private protocol between Locust 2.47.0's master and its workers, from the worker's side.

All that the harness knows of it is here; tests/integration/driver/test_locust_protocol.py holds it
against the real master. A message is msgpack of (type, data, node id) on a ZeroMQ DEALER socket.
"""

import asyncio
import hashlib
import socket
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import msgpack  # type: ignore[import-untyped]
import psutil
import zmq
import zmq.asyncio

from harness.driver.histogram import highest_us, lowest_us
from harness.driver.recorder import Delta
from harness.errors import DriverFailed

VERSION: Final = "2.47.0"
ACK_S: Final = 5.0
ACK_TRIES: Final = 12
LINGER_MS: Final = 2000
READY: Final = "ready"
SPAWNING: Final = "spawning"
RUNNING: Final = "running"


class MasterLink:
    """A worker's connection to the master. `state` is what heartbeats say of us."""

    def __init__(self, host: str, port: int) -> None:
        self.id = f"{socket.gethostname()}_{uuid4().hex}"
        self.state = READY
        self._address = f"tcp://{host}:{port}"
        self._context = zmq.asyncio.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.setsockopt(zmq.IDENTITY, self.id.encode())
        self._socket.setsockopt(zmq.LINGER, LINGER_MS)
        self._socket.connect(self._address)
        self._process = psutil.Process()

    async def join(self) -> int:
        """Report as ready until the master takes note; our index among its workers.

        Raises DriverFailed where it does not within a minute.
        """
        for _ in range(ACK_TRIES):
            await self.ready()
            try:
                async with asyncio.timeout(ACK_S):
                    while True:
                        kind, data = await self.receive()
                        if kind == "ack":
                            return int(data["index"])
            except TimeoutError:
                continue
        raise DriverFailed(
            f"Locust's master at {self._address} did not answer within {ACK_S * ACK_TRIES:.0f} s"
        )

    async def receive(self) -> tuple[str, Any]:
        """The next message: its type and its data."""
        kind, data, _ = msgpack.loads(await self._socket.recv(), raw=False, strict_map_key=False)
        return kind, data

    async def send(self, kind: str, data: object = None) -> None:
        """Send a message."""
        await self._socket.send(msgpack.dumps((kind, data, self.id)))

    async def ready(self) -> None:
        """Say that we can take users."""
        self.state = READY
        await self.send("client_ready", VERSION)

    async def heartbeat(self) -> None:
        """Say that we live; after three seconds without it the master takes us for lost."""
        await self.send(
            "heartbeat",
            {
                "state": self.state,
                "current_cpu_usage": self._process.cpu_percent(),
                "current_memory_usage": self._process.memory_info().rss,
            },
        )

    async def spawning(self) -> None:
        """Say that an order to spawn came."""
        self.state = SPAWNING
        await self.send("spawning")

    async def spawned(self, users: Mapping[str, int]) -> None:
        """Say that it is done."""
        await self.send(
            "spawning_complete", {"user_classes_count": dict(users), "user_count": sum(users.values())}
        )
        self.state = RUNNING

    async def stopped(self) -> None:
        """Answer an order to stop: gone, and there again for another run."""
        await self.send("client_stopped")
        await self.ready()

    async def report(self, delta: Delta, users: Mapping[str, int], own: bytes) -> None:
        """Send what was counted: Locust's entries for its page, ours as `harness`."""
        await self.send("stats", statistics(delta) | {"harness": own} | of_users(users))

    def close(self) -> None:
        """Send what is still to be sent, and close."""
        self._socket.close()
        self._context.term()


def of_users(users: Mapping[str, int]) -> dict[str, Any]:
    """The part of a report that tells the users there are."""
    return {"user_classes_count": dict(users), "user_count": sum(users.values())}


def statistics(delta: Delta) -> dict[str, Any]:
    """`stats`, `stats_total` and `errors` as Locust's own worker sends them."""
    entries: dict[str, dict[str, Any]] = {}
    total = entry("Aggregated", "")
    for route, _, _, _, histogram in delta.series:
        of_route = entries.get(route)
        if of_route is None:
            method, _, name = route.partition(" ")
            of_route = entries[route] = entry(name or route, method if name else "")
        add_times(of_route, histogram)
        add_times(total, histogram)
    for route, second, answers, failures in delta.seconds:
        for one in (entries[route], total):
            add_second(one, second, answers, failures)
    for route, size_bytes in delta.sizes:
        entries[route]["total_content_length"] += size_bytes
        total["total_content_length"] += size_bytes
    errors = {}
    for route, kind, count, _ in delta.errors:
        method, _, name = route.partition(" ")
        key = hashlib.sha256(f"{method}.{name}.{kind!r}".encode()).hexdigest()
        errors[key] = {
            "name": name, "method": method, "error": kind, "occurrences": count,
            "first_seen": None, "last_seen": None,
        }  # fmt: skip
    return {"stats": list(entries.values()), "stats_total": total, "errors": errors}


def entry(name: str, method: str) -> dict[str, Any]:
    """An empty entry of Locust's statistics."""
    return {
        "name": name,
        "method": method,
        "last_request_timestamp": None,
        "start_time": float("inf"),
        "num_requests": 0,
        "num_none_requests": 0,
        "num_failures": 0,
        "total_response_time": 0.0,
        "max_response_time": 0.0,
        "min_response_time": None,
        "total_content_length": 0,
        "response_times": {},
        "num_reqs_per_sec": {},
        "num_fail_per_sec": {},
    }


def add_times(one: dict[str, Any], histogram: Mapping[int, int]) -> None:
    """Add latencies, intended → end, rounded to the two digits that Locust keeps."""
    times = one["response_times"]
    for bucket, count in histogram.items():
        low_ms, high_ms = lowest_us(bucket) / 1000, highest_us(bucket) / 1000
        middle_ms = (low_ms + high_ms) / 2
        key = rounded(middle_ms)
        times[key] = times.get(key, 0) + count
        one["num_requests"] += count
        one["total_response_time"] += middle_ms * count
        one["max_response_time"] = max(one["max_response_time"], high_ms)
        least = one["min_response_time"]
        one["min_response_time"] = low_ms if least is None else min(least, low_ms)


def add_second(one: dict[str, Any], second: int, answers: int, failures: int) -> None:
    """Add the answers of one second of wall-clock time."""
    per_second = one["num_reqs_per_sec"]
    per_second[second] = per_second.get(second, 0) + answers
    if failures:
        per_second = one["num_fail_per_sec"]
        per_second[second] = per_second.get(second, 0) + failures
        one["num_failures"] += failures
    one["start_time"] = min(one["start_time"], float(second))
    one["last_request_timestamp"] = max(one["last_request_timestamp"] or 0.0, second + 1.0)


def rounded(time_ms: float) -> int:
    """Two significant digits from 100 ms on, whole milliseconds below: the keys of Locust's own worker."""
    for digits, limit_ms in ((0, 100), (-1, 1000), (-2, 10_000)):
        if time_ms < limit_ms:
            return int(round(time_ms, digits))
    return int(round(time_ms, -3))
