"""A small service of another kind: parcels in memory, API keys, no database. DEPOT_FAULT plants a fault."""

import json
import os
import sys

from granian import Granian
from granian.constants import Interfaces

FAULT = os.environ.get("DEPOT_FAULT", "")
PARCELS = {str(number): {"id": str(number), "grams": number * 10} for number in range(1, 501)}
asked = 0


def answer(method, path, key):
    """Status and body of one request."""
    global asked
    asked += 1
    if path == "/alive":
        return 200, {}
    if key != "key-of-north":
        return 401, {"error": "no key"}
    if FAULT == "errors" and asked % 10 == 0:
        return 500, {"error": "broken"}
    if (method, path) == ("GET", "/parcels"):
        return 200, {"parcels": list(PARCELS.values())[:20]}
    if (method, path) == ("POST", "/parcels"):
        return 201, {"id": "new"}
    parcel = PARCELS.get(path.removeprefix("/parcels/"))
    return (200, parcel) if parcel else (404, {"error": "no such parcel"})


async def depot(scope, receive, send):
    headers = dict(scope.get("headers", ()))
    status, body = answer(scope["method"], scope["path"], headers.get(b"x-api-key", b"").decode())
    data = json.dumps(body).encode()
    lengths = [(b"content-type", b"application/json"), (b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": lengths})
    await send({"type": "http.response.body", "body": data})


if __name__ == "__main__":
    if FAULT == "refuses":
        sys.exit("cannot find the depot's key; set DEPOT_KEY")
    Granian("depot:depot", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.ASGI).serve()
