"""A harness reduced to a launch: python harness_process.py FOLDER WHAT; prints pids once it is up.

It dies by exception where WHAT is `exception`, by itself where it is `end`, else it waits to be killed;
where it is `stubborn`, one of its processes ignores being asked to stop. As the command line does, it
turns SIGTERM into cancellation.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path

import psutil

from harness.config.settings import Settings
from harness.model.progress import Silent
from harness.target.launch import launch

# A worker that ignores SIGTERM, and that leaves a daemon in a session of its own.
STUBBORN = "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 600\" & while :; do sleep 600; done"


async def main(folder: Path, what: str) -> None:
    task = asyncio.current_task()
    assert task
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    # A suite that was started in the background ignores Ctrl-C, and so would this process.
    loop.add_signal_handler(signal.SIGINT, task.cancel)
    document = {"openapi": "3.1.0", "info": {"version": "1"}, "paths": {"/": {"get": {}}}}
    (folder / "openapi.json").write_text(json.dumps(document))
    worker = STUBBORN if what == "stubborn" else "exec sleep 600"
    settings = Settings.model_validate(
        {
            "target": {
                "name": "files",
                "openapi": "openapi.json",
                "process": {"command": ("{python}", "-m", "http.server", "{port}"), "ready": "/"},
                "workers": {"jobs": {"command": ("sh", "-c", worker)}},
            },
            "services": {"postgres": {}, "redis": {}},
        }
    )
    run = folder / "run"
    async with launch(
        settings, config_folder=folder, folder=run, size=1, load=False, progress=Silent()
    ) as target:
        keeper = psutil.Process(target.keeper.pid)
        pids = [keeper.pid, *(child.pid for child in keeper.children(recursive=True))]
        sys.stdout.write(json.dumps({"pids": pids}) + "\n")
        sys.stdout.flush()
        if what == "exception":
            raise ValueError(what)
        if what != "end":
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
