"""The keeper: the parent of every process of a run, which outlives the harness by seconds and cleans up.

Started by `harness.target.keeper` as a script, alone, with the standard library only, so that it is up
in a few hundredths of a second. It reads orders as JSON lines on its standard input and writes events
as JSON lines on its standard output:

    {"do": "spawn", "id", "argv", "env", "cwd", "log", "cores", "nice", "uid", "gid", "signal"}
        -> {"event": "started", "id", "pid"} or {"event": "refused", "id", "reason", "errno"}
    {"do": "stop", "pid", "grace_s"}     -> {"event": "exited", "pid", "returncode"} in time
    {"do": "remove", "path"}             removed after everything has ended

The end of its input means that the harness is gone, however it went: a pipe closes with its last
holder, `kill -9` included, and unlike the parent-death signal a change of user does not clear it.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from types import FrameType
from typing import Any, Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_CHILD_SUBREAPER: Final = 36
GRACE_S: Final = 1.5
"""From the stop signals to SIGKILL at the end: with the removal of folders less than five seconds."""
KILL_S: Final = 1.5
DISPOSED: Final = (
    signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD,
)  # fmt: skip
"""Set back to their defaults in children: a shell's background job ignores Ctrl-C, and so would they."""
Order = dict[str, Any]

libc = ctypes.CDLL(None, use_errno=True)


class Held:
    """A child: its process group has its pid, `deadline` is when a stop turns into a kill."""

    def __init__(self, pid: int, stop_signal: int) -> None:
        self.pid = pid
        self.stop_signal = stop_signal
        self.deadline: float | None = None


class KeeperLoop:
    """One thread, one loop: orders, deaths of children, deadlines."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {}
        self.paths: list[str] = []
        self.buffer = b""
        self.ending = False
        self.deaf = False
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, self.woken)
        signal.signal(signal.SIGTERM, self.end)
        for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(ignored, signal.SIG_IGN)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def woken(self, _number: int, _frame: FrameType | None) -> None:
        """Do nothing: the wakeup descriptor has a byte now."""

    def end(self, _number: int, _frame: FrameType | None) -> None:
        """End as if the harness were gone."""
        self.ending = True

    def tell(self, event: Order) -> None:
        """Write an event; nobody may be listening any more."""
        if self.deaf:
            return
        try:
            os.write(1, json.dumps(event).encode() + b"\n")
        except OSError:
            self.deaf = True

    def wait(self, watched: list[int], timeout_s: float | None) -> list[int]:
        """Wait for one of the descriptors or a signal; returns the readable ones."""
        readable, _, _ = select.select([*watched, self.wake_read], [], [], timeout_s)
        if self.wake_read in readable:
            with contextlib.suppress(BlockingIOError):
                os.read(self.wake_read, 4096)
        return readable

    def serve(self) -> None:
        """Follow orders until the input ends, then end everything."""
        while not self.ending:
            deadlines = [child.deadline for child in self.held.values() if child.deadline is not None]
            timeout_s = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
            if 0 in self.wait([0], timeout_s):
                data = os.read(0, 1 << 16)
                if not data:
                    break
                self.buffer += data
                *lines, self.buffer = self.buffer.split(b"\n")
                for line in lines:
                    self.follow(json.loads(line))
            self.reap()
            self.kill_late()
        self.end_all()
        self.remove_paths()

    def follow(self, order: Order) -> None:
        """Do one order."""
        if order["do"] == "spawn":
            self.spawn(order)
        elif order["do"] == "stop":
            child = self.held.get(order["pid"])
            if child is not None:
                send(child.pid, child.stop_signal)
                child.deadline = time.monotonic() + order["grace_s"]
        elif order["do"] == "remove":
            self.paths.append(order["path"])

    def spawn(self, order: Order) -> None:
        """Start a child; its failure before exec comes back through a pipe that exec closes."""
        error_read, error_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            become(order, error_write)
        os.close(error_write)
        with os.fdopen(error_read, "rb") as pipe:
            problem = pipe.read()
        if problem:
            os.waitpid(pid, 0)
            self.tell({"event": "refused", "id": order["id"], **json.loads(problem)})
            return
        self.held[pid] = Held(pid, order["signal"])
        self.tell({"event": "started", "id": order["id"], "pid": pid})

    def reap(self) -> bool:
        """Collect the dead, adopted ones too; returns whether any child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            child = self.held.pop(pid, None)
            if child is not None:
                if child.deadline is not None:
                    send_group(pid, signal.SIGKILL)
                code = os.waitstatus_to_exitcode(status)
                self.tell({"event": "exited", "pid": pid, "returncode": code})

    def kill_late(self) -> None:
        """Kill the groups of children whose time to stop is over."""
        now = time.monotonic()
        for child in self.held.values():
            if child.deadline is not None and child.deadline <= now:
                send_group(child.pid, signal.SIGKILL)
                child.deadline = now + 1

    def end_all(self) -> None:
        """Ask everything to stop, and kill what is left after the grace."""
        self.ask_all(time.monotonic() + GRACE_S)
        for pid in self.held:
            send_group(pid, signal.SIGKILL)
        deadline = time.monotonic() + KILL_S
        while self.reap() and time.monotonic() < deadline:
            # A killed parent leaves its children to the keeper, so the tree is read anew each time.
            for pid in descendants()[1]:
                send(pid, signal.SIGKILL)
            self.wait([], 0.02)

    def ask_all(self, deadline: float) -> None:
        """Send each child its stop signal, once; return when none is left, or at the deadline.

        Those whose parent ends first come to the keeper, and are asked then.
        """
        asked: set[int] = set()
        while self.reap() and (left_s := deadline - time.monotonic()) > 0:
            for pid in descendants()[0]:
                if pid not in asked:
                    child = self.held.get(pid)
                    send(pid, child.stop_signal if child else signal.SIGTERM)
                    asked.add(pid)
            self.wait([], left_s)

    def remove_paths(self) -> None:
        """Remove what the run leaves behind."""
        import shutil  # noqa: PLC0415 - needed once, at the end: the keeper starts faster without it

        for path in self.paths:
            shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108 - pathlib costs a third of the start


def become(order: Order, error_write: int) -> None:
    """Turn the forked process into the ordered command; never returns."""
    step = "start a session"
    try:
        os.setsid()
        for number in DISPOSED:
            signal.signal(number, signal.SIG_DFL)
        step = f"open {order['log']}"
        output = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        step = f"run on cores {order['cores']}"
        if order["cores"]:
            os.sched_setaffinity(0, order["cores"])
        os.nice(order["nice"])
        step = f"become user {order['uid']}"
        if order["gid"] is not None:
            if os.geteuid() == 0:
                os.setgroups([])
            os.setgid(order["gid"])
        if order["uid"] is not None:
            os.setuid(order["uid"])
        # A keeper that is killed takes its children along; set after the change of user, which clears it.
        # SIGQUIT means an end at once, in which Postgres still removes its shared memory.
        abrupt = signal.SIGQUIT if order["signal"] == signal.SIGQUIT else signal.SIGKILL
        libc.prctl(PR_SET_PDEATHSIG, abrupt, 0, 0, 0)
        step = f"enter {order['cwd']}"
        os.chdir(order["cwd"])
        step = f"execute {order['argv'][0]}"
        os.execvpe(order["argv"][0], order["argv"], order["env"])  # noqa: S606 - starting commands is its work
    except OSError as error:
        reason = f"cannot {step}: {error.strerror}"
        os.write(error_write, json.dumps({"reason": reason, "errno": error.errno}).encode())
    finally:
        os._exit(127)


def descendants() -> tuple[list[int], list[int]]:
    """The pids of the keeper's children, and of all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 - pathlib costs a third of the start
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as stat:  # noqa: PTH123 - as above
                fields = stat.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] != b"Z":
            children.setdefault(int(fields[1]), []).append(int(entry))
    direct = children.get(os.getpid(), [])
    found = list(direct)
    for pid in found:
        found.extend(children.get(pid, []))
    return direct, found


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def send_group(pid: int, number: int) -> None:
    """Send a signal to a process group that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


if __name__ == "__main__":
    # Descriptors that hold locks for as long as this process lives; its children must not have them.
    for held in sys.argv[1:]:
        os.set_inheritable(int(held), False)  # noqa: FBT003 - its only signature
    KeeperLoop().serve()
    sys.stdout.flush()
