"""Two requests in a hundred wait three seconds: lock waits, a slow replica, a lost packet."""

import itertools

FAMILY = "load"
SENTENCE = "2 % of the requests are stalled for 3 s before they are answered."
OPERATION = "*"
RULE = "load/stalls"
NAMES = "over 2.00 s"
OUTCOME = "fail"
MODULE = "system.app"


def inside(module):
    import asyncio

    serve = module.serve
    turn = itertools.count(1)

    def stalling():
        app = serve()

        async def stalled(scope, receive, send):
            if scope["type"] == "http" and next(turn) % 50 == 0:
                await asyncio.sleep(3)
            await app(scope, receive, send)

        return stalled

    module.serve = stalling
