"""The generator gets a third of the time it needs: what it measures says nothing of the service."""

import asyncio

FAMILY = "load"
SENTENCE = "The load generator is held still for 200 ms of every 300 ms."
OPERATION = "*"
RULE = "load/generator"
NAMES = "send-lag"
OUTCOME = "invalid"


async def outside(site):
    await site.phase("steady")
    loop = asyncio.get_running_loop()
    end = loop.time() + 12
    while loop.time() < end:
        with site.stopped("load-worker"):
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.1)
