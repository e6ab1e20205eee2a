"""A small service with known sins, each on a route of its own; a thread of it polls and does jobs."""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg
import redis

DATABASE = os.environ["DATABASE_URL"]
CACHE = redis.Redis.from_url(os.environ["REDIS_URL"])
LEAKED: list[psycopg.Connection] = []
POOL = threading.local()


def connection() -> psycopg.Connection:
    """One for each thread, in autocommit: every statement is a transaction of its own."""
    if not hasattr(POOL, "connection"):
        POOL.connection = psycopg.connect(DATABASE, autocommit=True)
    return POOL.connection


class Kiosk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/health":
            return self.answer(200, {})
        if self.headers["X-Key"] not in {"north", "south"}:
            return self.answer(401, {"error": "who are you?"})
        if parts.path.startswith("/items/"):
            return self.item(parts.path.rpartition("/")[2])
        handler = getattr(self, parts.path.strip("/"), None)
        return handler(query) if handler else self.answer(404, {})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with connection().transaction():
            made = connection().execute(
                "INSERT INTO items (name) VALUES (%s) RETURNING id, name", (body["name"],)
            )
            number, name = made.fetchone()
            connection().execute("INSERT INTO jobs (item) VALUES (%s)", (number,))
            connection().execute("NOTIFY jobs")
        self.answer(201, {"id": number, "name": name})

    def do_DELETE(self):
        connection().execute("DELETE FROM items WHERE id = %s", (self.path.rpartition("/")[2],))
        self.answer(204, None)

    def items(self, query):
        limit = int(query.get("limit", 5))
        rows = (
            connection()
            .execute("SELECT id, name, secret FROM items ORDER BY id LIMIT %s", (limit,))
            .fetchall()
        )
        found = []
        for number, name, _ in rows:
            notes = connection().execute("SELECT text FROM notes WHERE item = %s", (number,)).fetchall()
            found.append({"id": number, "name": name, "notes": [text for (text,) in notes]})
        self.answer(200, {"items": found})

    def item(self, number):
        row = connection().execute("SELECT id, name FROM items WHERE id = %s", (number,)).fetchone()
        self.answer(200, {"id": row[0], "name": row[1]}) if row else self.answer(404, {"error": "no item"})

    def parallel(self, _):
        with psycopg.connect(DATABASE) as other, other.pipeline():
            other.execute("SELECT 'piped', 1")
            other.execute("SELECT 'piped', 2")
            connection().execute("SELECT 'beside'")
        self.answer(200, {})

    def leaky(self, _):
        leaked = psycopg.connect(DATABASE)
        leaked.execute("SELECT count(*) FROM notes")
        LEAKED.append(leaked)
        self.answer(200, {"leaked": len(LEAKED)})

    def cached(self, _):
        found = CACHE.get("items:count")
        if found is None:
            found = connection().execute("SELECT count(*) FROM items").fetchone()[0]
            CACHE.set("items:count", found)
        self.answer(200, {"count": int(found)})

    def named(self, _):
        connection().execute("SELECT 'named' /*route='/items'*/")
        self.answer(200, {})

    def broken(self, _):
        self.answer(500, {"error": "it was not meant to be asked"})

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def work() -> None:
    """Do jobs when told, and look for forgotten ones five times a second."""
    own = psycopg.connect(DATABASE, autocommit=True)
    own.execute("LISTEN jobs")
    while True:
        told = list(own.notifies(timeout=0.2, stop_after=1))
        own.execute("SELECT id FROM jobs WHERE done LIMIT 1")
        if told:
            own.execute("UPDATE jobs SET done = true WHERE NOT done")


def seed() -> None:
    with psycopg.connect(DATABASE) as fresh:
        fresh.execute(
            "CREATE TABLE items (id serial PRIMARY KEY, name text, secret text DEFAULT 'kept-from-all')"
        )
        fresh.execute("CREATE TABLE notes (item int, text text)")
        fresh.execute("CREATE TABLE jobs (id serial PRIMARY KEY, item int, done boolean DEFAULT false)")
        fresh.execute("INSERT INTO items (name) SELECT 'item number ' || n FROM generate_series(1, 30) n")
        fresh.execute("INSERT INTO notes SELECT n, 'a note on ' || n FROM generate_series(1, 30) n")


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed()
    else:
        threading.Thread(target=work, daemon=True).start()
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Kiosk).serve_forever()
