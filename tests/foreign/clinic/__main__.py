"""`python -m clinic PORT`: serve on loopback until ended."""

import os
import sys

from werkzeug.serving import WSGIRequestHandler, make_server

from clinic.service import create_app
from clinic.storage import Storage


class Handler(WSGIRequestHandler):
    """HTTP/1.1, so that connections stay, and no line for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Say nothing."""


app = create_app(Storage(os.environ["CLINIC_DSN"]))
make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=Handler).serve_forever()
