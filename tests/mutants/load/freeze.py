"""The service stands still for four seconds in the middle of steady: a long collection, a paused host."""

import asyncio

FAMILY = "load"
SENTENCE = "The service freezes for 4 s."
OPERATION = "*"
RULE = "load/freeze"
NAMES = "took over 1 s"
OUTCOME = "fail"


async def outside(site):
    await site.phase("steady")
    await asyncio.sleep(5)
    with site.stopped("target"):
        await asyncio.sleep(4)
