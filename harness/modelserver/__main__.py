"""`python -m harness.modelserver`: an Ollama-compatible server with random weights, or with yours."""

import os

# Read when the engine's library is loaded, so it must stand before that import.
os.environ["OMP_NUM_THREADS"] = "1"

from pathlib import Path
from typing import Annotated

import typer

from harness.modelserver.errors import ModelServerError
from harness.modelserver.server import ServerSettings, serve


def default_cache() -> Path:
    """Return the user's cache folder for models."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "harness" / "models"


def main(  # noqa: PLR0917 – typer takes options as parameters
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 11434,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    model: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A GGUF file instead of random weights.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Where the random weights are kept.")] = None,
    queue: Annotated[int, typer.Option(min=0, help="Requests that may wait; more get a 503.")] = 64,
    slots: Annotated[int, typer.Option(min=1, max=64, help="Requests decoded together.")] = 4,
) -> None:
    """Serve the Ollama API from llama.cpp on one thread. Random weights: shape, not quality."""
    settings = ServerSettings(
        host=host, port=port, weights=model, cache=cache or default_cache(), queue=queue, slots=slots
    )
    try:
        serve(settings, typer.echo)
    except ModelServerError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
