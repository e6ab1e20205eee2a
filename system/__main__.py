"""`python -m system serve | migrate | seed | worker | openapi`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Final

from system.errors import SettingsWrong, SystemFailure
from system.settings import Settings, read_settings

CONTRACT_SETTINGS: Final = Settings(
    database_url="postgresql://nowhere",
    redis_url="redis://nowhere",
    ollama_url="http://nowhere",
    system_jwt_secret="no token is made with this secret",  # noqa: S106  the document needs no secret
    model="none",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 where it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m system", description="The reference system.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the API")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--address", default="127.0.0.1")
    commands.add_parser("migrate", help="bring the schema up to date")
    seed = commands.add_parser("seed", help="fill an empty database with deterministic test data")
    seed.add_argument("--scale", type=int, default=1, help="1: 100 organizations, 100,000 contacts")
    commands.add_parser("worker", help="run the worker process")
    commands.add_parser("openapi", help="print the OpenAPI document")
    chosen = parser.parse_args(arguments)
    try:
        _run(chosen)
    except SystemFailure as error:
        print(f"{parser.prog} {chosen.command}: {error}", file=sys.stderr)  # noqa: T201  a command speaks
        return 2
    return 0


def _run(chosen: argparse.Namespace) -> None:
    # PLC0415: imports are late, since `migrate` needs no web framework and `serve` no seed.
    if chosen.command == "serve":
        from system.serve import run_server  # noqa: PLC0415

        read_settings(os.environ)
        run_server(chosen.address, chosen.port)
    elif chosen.command == "worker":
        from system.worker import work  # noqa: PLC0415

        asyncio.run(work(read_settings(os.environ)))
    elif chosen.command == "migrate":
        from system.migration import migrate  # noqa: PLC0415

        print(*migrate(_database_url()), sep="\n")  # noqa: T201
    elif chosen.command == "seed":
        from system.seed.loading import seed  # noqa: PLC0415

        print(seed(_database_url(), chosen.scale, os.environ.get("SEED_PASSWORD", "")))  # noqa: T201
    elif chosen.command == "openapi":
        from system.app import make_app  # noqa: PLC0415

        document = json.loads(make_app(CONTRACT_SETTINGS).state.contract)
        print(json.dumps(document, indent=2, ensure_ascii=False))  # noqa: T201


def _database_url() -> str:
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        raise SettingsWrong("DATABASE_URL is not set")
    return url


if __name__ == "__main__":
    sys.exit(main())
