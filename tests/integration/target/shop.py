"""A foreign target in one file: knows its services by address, answers on a port, has a login."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(503 if os.environ.get("SHOP_SICK") else 200, {})
        if self.path == "/openapi.json":
            return self.answer(200, json.loads(os.environ["SHOP_OPENAPI"]))
        if self.path == "/orders":
            import psycopg
            import redis

            with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
                count = connection.execute("SELECT count(*) FROM orders").fetchone()[0]
            with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
                return self.answer(200, {"orders": count, "asked": client.incr("asked")})
        return self.answer(404, {})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["password"] != "open sesame":
            return self.answer(401, {"error": "wrong password"})
        return self.answer(200, {"data": {"token": f"token-of-{body['user']}"}})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def seed(size):
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY)")
        connection.execute("INSERT INTO orders SELECT generate_series(1, %s)", (size,))
    sys.stdout.write(f"seeded {size}\n")


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed(int(sys.argv[2]))
    elif sys.argv[1] == "work":
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.blpop(["nothing"])
    else:
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Shop).serve_forever()
