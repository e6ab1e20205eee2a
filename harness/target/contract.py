"""Reading the target's OpenAPI document, from a file or from the running service."""

from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import msgspec
from msgspec import Meta, Struct

from harness.errors import TargetFailed
from harness.target.target import Contract

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FETCH_S: Final = 30.0


class Info(Struct):
    """The part of `info` that the record names."""

    version: str = ""


class Document(Struct):
    """What must be there for the document to be OpenAPI 3.0 or 3.1; operations are read by the checks."""

    openapi: Annotated[str, Meta(pattern=r"^3\.[01]\.")]
    info: Info
    paths: dict[Annotated[str, Meta(pattern=r"^/")], dict[str, Any]]


async def read_contract(openapi: str, folder: Path, base_url: str) -> Contract:
    """The contract named by `[target] openapi`: a file beside harness.toml, a path on the service, a URL.

    Raises TargetFailed saying where it was looked for and why it is no contract.
    """
    file = folder / openapi
    if file.is_file():
        return parse(file.read_bytes(), str(file))
    if openapi.startswith(("http://", "https://")):
        return await fetched(openapi)
    if openapi.startswith("/"):
        return await fetched(base_url + openapi)
    raise TargetFailed(
        f'[target] openapi = "{openapi}": there is no file {file}; a path on the service starts with /'
    )


async def fetched(url: str) -> Contract:
    """The contract at a URL."""
    try:
        async with httpx.AsyncClient(timeout=FETCH_S, trust_env=False, follow_redirects=True) as client:
            reply = (await client.get(url)).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetFailed(
            f"The OpenAPI document {url} cannot be read: {str(error) or type(error).__name__}; "
            "mend [target] openapi in harness.toml"
        ) from error
    return parse(reply.content, url)


def parse(document: bytes, where: str) -> Contract:
    """The contract in a JSON document."""
    try:
        read = msgspec.json.decode(document, type=Document)
    except msgspec.ValidationError as error:
        raise TargetFailed(
            f"{where} is not an OpenAPI 3.0 or 3.1 document: {error}; mend it, or [target] openapi"
        ) from error
    except msgspec.DecodeError as error:
        raise TargetFailed(
            f"{where} is not JSON: {error}; the contract must be OpenAPI 3.0 or 3.1 in JSON "
            "(YAML can be converted once and committed)"
        ) from error
    operations = tuple(
        f"{method.upper()} {path}"
        for path, item in read.paths.items()
        for method in item
        if method in METHODS
    )
    if not operations:
        raise TargetFailed(f"{where} is an OpenAPI document without operations; nothing could be judged")
    return Contract(version=read.info.version, operations=operations, document=document)
