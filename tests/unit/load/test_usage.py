import asyncio
import subprocess
import sys
import threading
import time

import psutil
import pytest

from harness.load.usage import Family, UsageSampler
from harness.target.target import Running

BURN = "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end: pass"
BRIEF = "import time\nend = time.process_time() + 0.1\nwhile time.process_time() < end: pass"
CHILD = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {BURN!r}])
print("up", flush=True)
child.wait()
"""

BRIEF_CHILDREN = f"""
import subprocess, sys
print("up", flush=True)
while True:
    subprocess.run([sys.executable, "-c", {BRIEF!r}])
    print("reaped", flush=True)
"""


def children_of(pid: int) -> dict[int, list[int]]:
    return {pid: [child.pid for child in psutil.Process(pid).children()]}


@pytest.fixture
def started():
    processes = []

    def start(code: str) -> subprocess.Popen:
        processes.append(subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        for one in (*psutil.Process(process.pid).children(), process) if process.poll() is None else ():
            one.kill()
        process.wait()
        process.stdout.close()


def running(name: str, pid: int, role: str = "target") -> Running:
    return Running(name=name, role=role, pid=pid, cores=(0,), nice=0)


def burnt_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system + times.children_user + times.children_system


async def test_children_that_were_reaped_between_two_looks_are_counted_once(started) -> None:
    parent = started(BRIEF_CHILDREN)
    parent.stdout.readline()
    family = Family(running("parent", parent.pid))
    begin, truth = family.look(children_of(parent.pid)), burnt_s(parent.pid)
    for _ in range(8):
        parent.stdout.readline()
        now = family.look(children_of(parent.pid))
        assert now - begin == pytest.approx(burnt_s(parent.pid) - truth, abs=0.25)
    assert now - begin > 0.3


async def test_a_child_that_outlives_its_parent_stays_of_the_family(started) -> None:
    parent = started(CHILD)
    parent.stdout.readline()
    family = Family(running("parent", parent.pid))
    children = psutil.Process(parent.pid).children()
    begin = family.look(children_of(parent.pid))
    parent.kill()
    parent.wait()
    try:
        await asyncio.sleep(0.5)
        now = family.look({})
        assert family.gone
        assert now - begin > 0.1
    finally:
        children[0].kill()
    children[0].wait()
    assert now <= family.look({}) < now + 0.5


async def test_the_harness_is_looked_at_without_its_children(started) -> None:
    parent = started(CHILD)
    parent.stdout.readline()
    family = Family(running("harness", parent.pid, "harness"))
    begin = family.look(children_of(parent.pid))
    await asyncio.sleep(0.6)
    assert family.look(children_of(parent.pid)) - begin < 0.1


async def test_a_watch_that_is_broken_off_leaves_no_thread(started) -> None:
    idle = started("import time; print('up', flush=True); time.sleep(60)")
    idle.stdout.readline()
    sampler = UsageSampler((running("idle", idle.pid),))

    def broken_off() -> None:
        with sampler:
            sampler.begin(time.monotonic())
            assert "usage" in {thread.name for thread in threading.enumerate()}
            raise RuntimeError("the load broke")

    with pytest.raises(RuntimeError, match="the load broke"):
        broken_off()
    assert "usage" not in {thread.name for thread in threading.enumerate()}


async def test_the_work_of_a_child_is_its_parents_and_an_idle_process_has_none(started) -> None:
    busy = started(CHILD)
    idle = started("import time; print('up', flush=True); time.sleep(60)")
    busy.stdout.readline()
    idle.stdout.readline()
    sampler = UsageSampler((running("busy", busy.pid), running("idle", idle.pid)))
    origin = time.monotonic()
    sampler.begin(origin)
    await asyncio.sleep(2.2)
    usage = await sampler.end()
    shares = {one.name: one.cpu_share for one in usage.processes}
    assert shares["busy"] > 0.1
    assert shares["idle"] < 0.05
    assert all(one.memory_bytes > 1_000_000 for one in usage.processes)
    assert usage.vanished == ()
    assert len(usage.points) >= 2
    assert all(0 <= point.at_s <= time.monotonic() - origin for point in usage.points)
    assert all(0 <= core.busy <= 1.01 for core in usage.cores)
    assert len(usage.cores) >= 1


async def test_a_process_that_vanishes_is_named_and_keeps_what_it_used(started) -> None:
    victim = started(BURN)
    sampler = UsageSampler((running("victim", victim.pid),))
    sampler.begin(time.monotonic())
    await asyncio.sleep(1.5)
    victim.kill()
    victim.wait()
    usage = await sampler.end()
    assert usage.vanished == ("victim",)
    assert usage.processes[0].cpu_share > 0.1
    assert usage.processes[0].memory_bytes == 0
