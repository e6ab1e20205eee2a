"""A database copied on its own server, where its files are out of reach."""

from typing import Final

import psycopg

from harness.errors import ServiceFailed
from harness.planner.databases import Databases, at, connect, database_of
from harness.target.folders import unprivileged
from harness.target.services.cluster import FOLDERS, binaries, completed, owned_folder
from harness.target.services.site import Site

IN_USE: Final = "55006"
"""object_in_use: somebody is connected to the template."""


async def copy_database(site: Site, databases: Databases, source: str) -> str:
    """The name of a copy on the same server: by template where nobody is connected, else by pg_dump.

    Raises ServiceFailed where the server refuses or no pg_dump of ours is new enough.
    """
    try:
        return await databases.clone(database_of(source))
    except psycopg.Error as error:
        if error.sqlstate != IN_USE:
            reason = " ".join(str(error).split())
            raise ServiceFailed(
                f"The target's database cannot be copied on its server: {reason}; "
                "plans need a user that may create databases"
            ) from error
    name = await databases.empty()
    await dump(site, source, at(databases.admin, name))
    return name


async def dump(site: Site, source: str, copy: str) -> None:
    """Copy all objects and rows; what the copying user may not do (owners, grants) is left out."""
    async with await connect(source) as connection:
        major = connection.info.server_version // 10_000
    fitting = [version for version in sorted(FOLDERS) if int(version) >= major]
    if not fitting:
        raise ServiceFailed(
            f"The target's Postgres {major} is newer than our pg_dump ({max(FOLDERS)}); "
            "let nobody be connected while plans are checked, or use the embedded provider"
        )
    user = unprivileged()
    install = await binaries(site.cache, fitting[0], user)
    folder, log = site.data / "dump", site.logs / "dump.log"
    owned_folder(folder, user)
    file = folder / "database.sql"
    commands = (
        ("pg_dump", "--no-password", "--dbname", source, "--file", str(file)),
        ("psql", "--no-password", "--no-psqlrc", "--quiet", "--dbname", copy, "--file", str(file)),
    )
    for program, *arguments in commands:
        command = (str(install / "bin" / program), *arguments)
        await completed(site.keeper, program, command, log=log, cwd=folder, user=user)
    file.unlink()
    folder.rmdir()
