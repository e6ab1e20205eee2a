"""One load from start to result: the canary, Locust's master and the workers, and what they tell."""

import asyncio
import contextlib
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

import harness
from harness.driver.events import DECODER, Event, Hello, Now, Origin
from harness.driver.plan import Briefing, Caller, LoadPlan, PhaseLengths
from harness.driver.result import LoadResult, PhaseName
from harness.errors import DriverFailed
from harness.model.progress import LoadNow
from harness.target.keeper import Child, Keeper, Spawn
from harness.target.placement import Placement
from harness.target.ports import Ports
from harness.target.target import Running

__all__ = ["Caller", "LoadPlan", "PhaseLengths", "Session", "start"]

ROOT: Final = Path(harness.__file__).parent.parent
END_S: Final = 30.0
"""After the drain's end the master merges and writes; more than this means that it hangs."""
LAST_LINES: Final = 12


class Session:
    """A load that runs.

    `processes` are the generator's, to be watched; `web_url` is Locust's own page, empty where the plan
    wants none. Whoever waits on `events`, `phase` or `result` gets
    DriverFailed, with the last lines of its log, as soon as one of these processes breaks.
    """

    def __init__(self, plan: LoadPlan, result: Path) -> None:
        self.plan = plan
        self.processes: tuple[Running, ...] = ()
        self.web_url = ""
        self._result = result
        self._moments: asyncio.Queue[LoadNow | None] = asyncio.Queue()
        self._origin: asyncio.Future[Origin] = asyncio.get_running_loop().create_future()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def origin(self) -> float:
        """The start of the run on CLOCK_MONOTONIC. Raises DriverFailed before `phase("warm_up")`."""
        if not self._origin.done():
            raise DriverFailed("The load has no origin yet: its workers still prepare; await a phase first")
        return self._origin.result().origin

    async def events(self) -> AsyncIterator[LoadNow]:
        """Where the load is, about once a second, until it ends; for one reader."""
        while (now := await self._moments.get()) is not None:
            yield now
        await self._over

    async def phase(self, name: PhaseName) -> None:
        """Wait until a phase begins; returns at once where it has begun."""
        if name == "prepare":
            return
        begun = await self._unless_over(self._origin)
        for phase in begun.phases:
            if phase.name == name:
                moment = begun.origin + phase.start_s - time.monotonic()
                # A phase begins at a time, and no event tells of it; the end of the load does.
                await asyncio.wait({self._over}, timeout=max(moment, 0.0))
                if self._over.done():
                    self._over.result()
                return

    async def result(self) -> LoadResult:
        """What was measured, once the load has ended."""
        begun = await self._unless_over(self._origin)
        left_s = begun.origin + begun.phases[-1].end_s - time.monotonic() + END_S
        done, _ = await asyncio.wait({self._over}, timeout=max(left_s, 0.0))
        if not done:
            raise DriverFailed(f"Locust's master had not ended {END_S:.0f} s after the drain; see its log")
        self._over.result()
        try:
            return msgspec.json.decode(self._result.read_bytes(), type=LoadResult)
        except (OSError, msgspec.DecodeError) as error:
            raise DriverFailed(f"Locust's master ended without a readable {self._result}: {error}") from error

    async def _unless_over(self, future: "asyncio.Future[Origin]") -> Origin:
        either: set[asyncio.Future[Any]] = {future, self._over}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            self._over.result()
            raise DriverFailed("Locust's master ended before the load began; see its log")
        return future.result()

    def take(self, event: Event) -> None:
        """Take note of one event of the master's."""
        if isinstance(event, Origin) and not self._origin.done():
            self._origin.set_result(event)
        elif isinstance(event, Now):
            self._moments.put_nowait(event.now)

    def end(self, error: DriverFailed | None = None) -> None:
        """Take note of the load's end, good or bad; the first word counts."""
        if self._over.done():
            return
        if error is None:
            self._over.set_result(None)
        else:
            self._over.set_exception(error)
            self._over.exception()  # whoever asks gets it; nobody need ask
        self._moments.put_nowait(None)


@asynccontextmanager
async def start(
    plan: LoadPlan, *, keeper: Keeper, placement: Placement, folder: Path, ports: Ports
) -> AsyncIterator[Session]:
    """Start the generator's processes; the load begins when the workers have prepared themselves.

    Writes `load-result.json` into `folder` and logs under `folder/logs`. Leaving the context stops
    whatever still runs. Raises EnvironmentLimit where ports or processes are refused; failures of the
    generator come from the session.
    """
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    session = Session(plan, folder / "load-result.json")
    token = secrets.token_hex(16)

    listeners: set[asyncio.Task[None] | None] = set()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listeners.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, msgspec.DecodeError, asyncio.CancelledError):
            hello = DECODER.decode(await reader.readline())
            if isinstance(hello, Hello) and secrets.compare_digest(hello.token, token):
                async for line in reader:
                    session.take(DECODER.decode(line))
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, limit=1 << 20)
    briefing = Briefing(
        plan=plan,
        master_port=ports.take("Locust's master"),
        web_port=ports.take("Locust's web page"),
        canary_port=ports.take("the canary"),
        events_port=server.sockets[0].getsockname()[1],
        token=token,
        result=str((folder / "load-result.json").absolute()),
    )
    file = (folder / "load-briefing.json").absolute()
    children: list[Child] = []
    watchers: list[asyncio.Task[None]] = []
    try:
        keeper.remove_at_end(file)  # callers' credentials are in it, and we may be killed
        briefing.write(file)
        session.web_url = f"http://127.0.0.1:{briefing.web_port}" if plan.web_ui else ""
        for name, command in commands(briefing, file):
            child = await keeper.spawn(
                Spawn(
                    name=name,
                    argv=command,
                    env=environment(file),
                    cwd=ROOT,
                    log=logs / f"{name}.log",
                    cores=placement.generator,
                )
            )
            children.append(child)
        session.processes = tuple(
            Running(name=child.name, role="generator", pid=child.pid, cores=placement.generator, nice=0)
            for child in children
        )
        watchers = [asyncio.create_task(watch(child, session), name=child.name) for child in children]
        yield session
    finally:
        for watcher in watchers:
            watcher.cancel()
        session.end(DriverFailed("The load was left before its end"))
        server.close()
        await asyncio.gather(*(child.stop() for child in reversed(children)))
        await asyncio.gather(*filter(None, listeners))  # their writers are gone: each ends by itself
        file.unlink(missing_ok=True)


def commands(briefing: Briefing, file: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Name and command of every process of the generator, in the order of their start."""
    plan = briefing.plan
    python = sys.executable
    conductor = str(Path(__file__).with_name("conductor.py"))
    master = [
        python, "-m", "locust", "-f", conductor, "--master",
        "--master-bind-host", "127.0.0.1", "--master-bind-port", str(briefing.master_port),
        "--expect-workers", str(plan.workers), "--only-summary", "--exit-code-on-error", "0",
    ]  # fmt: skip
    if plan.web_ui:
        master += ["--autostart", "--autoquit", "1"]
        master += ["--web-host", "127.0.0.1", "--web-port", str(briefing.web_port)]
    else:
        master += ["--headless"]
    canary = (python, "-m", "harness.driver.canary", "--port", str(briefing.canary_port))
    worker = (python, "-m", "harness.driver.worker", str(file))
    return [
        ("canary", (*canary, "--delay-ms", str(plan.canary_delay_ms))),
        ("locust-master", tuple(master)),
        *((f"load-worker-{index}", worker) for index in range(plan.workers)),
    ]


def environment(file: Path) -> dict[str, str]:
    """The children's environment: ours, the package's place, and where the briefing lies.

    Without Locust's own variables: it takes each of its options from them, too.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    path = os.pathsep.join(filter(None, (str(ROOT), ours.get("PYTHONPATH", ""))))
    return {**ours, "PYTHONPATH": path, "HARNESS_LOAD_BRIEFING": str(file), "PYTHONUNBUFFERED": "1"}


async def watch(child: Child, session: Session) -> None:
    """Tell the session how one of its processes ended."""
    returncode = await child.wait()
    if child.name == "locust-master" and returncode == 0:
        session.end()
    elif returncode != 0 or child.name == "canary":
        session.end(
            DriverFailed(
                f"{child.name} ended with status {returncode} during the load. "
                f"Last lines of {child.log}:\n{last_lines(child.log)}"
            )
        )


def last_lines(log: Path) -> str:
    """The end of a log, or why it cannot be read."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
    except OSError as error:
        return f"(unreadable: {error})"
