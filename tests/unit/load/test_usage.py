import asyncio
import subprocess
import sys
import time

import psutil
import pytest

from harness.load.usage import UsageSampler
from harness.target.target import Running

BURN = "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end: pass"
CHILD = f"import subprocess, sys\nprint('up', flush=True)\nsubprocess.run([sys.executable, '-c', {BURN!r}])"


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


def running(name: str, pid: int) -> Running:
    return Running(name=name, role="target", pid=pid, cores=(0,), nice=0)


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
