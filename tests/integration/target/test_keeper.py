import asyncio
import fcntl
import os
import signal
from pathlib import Path

import psutil
import pytest

from harness.errors import ServiceFailed
from harness.target.folders import locked
from harness.target.keeper import Child, Keeper, Spawn


def shell(script: str, log: Path, **more) -> Spawn:
    return Spawn(name="shell", argv=("sh", "-c", script), log=log, **more)


async def said(child: Child, text: str) -> None:
    """The child has written this to its log."""
    async with asyncio.timeout(10):
        while text not in child.log.read_text():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.01)


async def test_a_child_has_the_environment_folder_cores_and_niceness_it_was_given(tmp_path: Path) -> None:
    core = max(os.sched_getaffinity(0))
    log = tmp_path / "log"
    script = "echo $COLOUR ${HOME-none}; pwd; nice; taskset -cp $$ | sed 's/.*: //'; echo oops >&2"
    async with Keeper() as keeper:
        spawn = shell(
            script,
            log,
            env={"COLOUR": "red", "PATH": os.environ["PATH"]},
            cwd=tmp_path,
            cores=(core,),
            nice=3,
        )
        assert await (await keeper.spawn(spawn)).wait() == 0
    niceness = os.nice(0) + 3
    assert log.read_text().splitlines() == ["red none", str(tmp_path), str(niceness), str(core), "oops"]


async def test_the_exit_status_is_told_also_of_a_signal(tmp_path: Path) -> None:
    async with Keeper() as keeper:
        three = await keeper.spawn(shell("exit 3", tmp_path / "a"))
        killed = await keeper.spawn(shell("kill -9 $$", tmp_path / "b"))
        assert (await three.wait(), await killed.wait()) == (3, -9)
        assert keeper.children == ()
        assert await three.stop() == 3


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"argv": ("no-such-program",)}, "cannot execute no-such-program: No such file or directory"),
        ({"cwd": Path("/no/such/folder")}, "cannot enter /no/such/folder: No such file or directory"),
        ({"log": Path("/no/such/log")}, "cannot open /no/such/log: No such file or directory"),
        ({"cores": (100_000,)}, r"cannot run on cores \[100000\]: Invalid argument"),
    ],
)
async def test_a_child_that_cannot_start_is_refused_with_the_reason(more, reason, tmp_path: Path) -> None:
    spawn = Spawn(**({"name": "it", "argv": ("true",), "log": tmp_path / "log"} | more))
    async with Keeper() as keeper:
        with pytest.raises(ServiceFailed, match=f"^it did not start: {reason}$"):
            await keeper.spawn(spawn)
        assert await (await keeper.spawn(shell("true", tmp_path / "log"))).wait() == 0


async def test_a_child_is_stopped_by_its_own_signal(tmp_path: Path) -> None:
    async with Keeper() as keeper:
        script = "trap 'echo asked; exit 7' QUIT; echo up; while :; do sleep 0.05; done"
        child = await keeper.spawn(shell(script, tmp_path / "log", stop_signal="SIGQUIT"))
        await said(child, "up")
        assert await child.stop() == 7
        assert "asked" in child.log.read_text()


async def test_a_child_that_does_not_stop_is_killed_with_its_group_after_the_grace(tmp_path: Path) -> None:
    async with Keeper() as keeper:
        script = "trap '' TERM; sleep 600 & echo $!; echo up; wait; sleep 600"
        child = await keeper.spawn(shell(script, tmp_path / "log", grace_s=0.2))
        await said(child, "up")
        assert await child.stop() == -signal.SIGKILL
        grandchild = int(child.log.read_text().split()[0])
        async with asyncio.timeout(5):
            while psutil.pid_exists(grandchild):  # noqa: ASYNC110 - the child of another process
                await asyncio.sleep(0.01)


async def test_leaving_ends_all_children_and_daemons_and_removes_what_was_registered(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    file = tmp_path / "file"
    file.touch()
    async with Keeper() as keeper:
        keeper.remove_at_end(folder)
        keeper.remove_at_end(file)
        child = await keeper.spawn(shell("setsid sleep 600 & echo $!; sleep 600", tmp_path / "log"))
        await said(child, "\n")
        assert keeper.children == (child,)
        pids = [keeper.pid, child.pid, int(child.log.read_text())]
        assert all(psutil.pid_exists(pid) for pid in pids)
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert child.returncode == -signal.SIGTERM
    assert not folder.exists()
    assert not file.exists()


async def test_a_keeper_that_was_killed_says_so_and_its_children_have_ended(tmp_path: Path) -> None:
    async with Keeper() as keeper:
        child = await keeper.spawn(shell("exec sleep 600", tmp_path / "log"))
        os.kill(keeper.pid, signal.SIGKILL)
        assert await child.wait() == -signal.SIGKILL
        with pytest.raises(ServiceFailed, match="The keeper has ended"):
            await keeper.spawn(shell("true", tmp_path / "log"))


async def test_ctrl_c_in_the_terminal_reaches_neither_the_keeper_nor_its_children(tmp_path: Path) -> None:
    async with Keeper() as keeper:
        child = await keeper.spawn(shell("exec sleep 600", tmp_path / "log"))
        assert os.getpgid(keeper.pid) == keeper.pid
        assert os.getsid(child.pid) == child.pid
        os.kill(keeper.pid, signal.SIGINT)
        assert await (await keeper.spawn(shell("true", tmp_path / "log"))).wait() == 0
        assert child.returncode is None


async def test_a_lock_the_keeper_holds_outlives_the_harness_and_not_the_keeper(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    async with Keeper(holds=(descriptor,)) as keeper:
        child = await keeper.spawn(shell("echo up; exec sleep 60", tmp_path / "log"))
        await said(child, "up")
        os.close(descriptor)
        assert locked(path)
    assert not locked(path)


async def test_a_second_interruption_leaves_nobody_waiting_and_nothing_running(tmp_path: Path) -> None:
    # asyncio cancels every task then, the one that hears the keeper among them.
    reader = "keeper events"
    async with asyncio.timeout(10):
        keeper = Keeper()
        await keeper.__aenter__()
        child = await keeper.spawn(shell("exec sleep 600", tmp_path / "log"))
        process = psutil.Process(child.pid)
        for task in asyncio.all_tasks():
            if task.get_name() == reader:
                task.cancel()
        assert await child.stop() == -signal.SIGKILL
        with pytest.raises(asyncio.CancelledError):
            await keeper.__aexit__(None, None, None)
        gone, alive = await asyncio.to_thread(psutil.wait_procs, [process], 5)
        assert keeper._process is not None
        assert await keeper._process.wait() == 0
    assert (len(gone), alive) == (1, [])
