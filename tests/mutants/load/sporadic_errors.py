"""One operation answers 500 now and then, as a race or a half-deployed change would."""

import itertools

FAMILY = "load"
SENTENCE = "The contact list answers 500 to one request in twenty."
OPERATION = "GET /api/v1/contacts"
RULE = "load/errors"
NAMES = "GET /api/v1/contacts"
OUTCOME = "fail"
MODULE = "system.app"


def inside(module):
    serve = module.serve
    turn = itertools.count(1)
    body = b'{"success": false}'

    def failing():
        app = serve()

        async def sporadic(scope, receive, send):
            if scope["type"] == "http" and scope["path"] == "/api/v1/contacts" and next(turn) % 20 == 0:
                headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
                await send({"type": "http.response.start", "status": 500, "headers": headers})
                await send({"type": "http.response.body", "body": body})
                return
            await app(scope, receive, send)

        return sporadic

    module.serve = failing
