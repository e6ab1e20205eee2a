"""A copy of the target's cluster, taken over the replication protocol and served beside it."""

import shutil
from typing import TYPE_CHECKING, Final

from harness.errors import ConfigurationError, ServiceFailed
from harness.target.folders import unprivileged
from harness.target.services.cluster import binaries, completed, owned_folder
from harness.target.services.postgres import serve
from harness.target.services.site import Site

if TYPE_CHECKING:
    from harness.target.keeper import Child

SETTINGS: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # VACUUM would cut sparse files, ANALYZE read them.
    "autovacuum": "off",
    "shared_buffers": "64MB",
    # What an executed plan costs in blocks must not depend on a compiler's mood.
    "jit": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "1h",
    "archive_mode": "off",
    "logging_collector": "off",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "maintenance_work_mem": "128MB",
}
"""Beyond the target's own settings, which decide its plans and are copied with the cluster."""


class ClusterCopy:
    """A server on a copy of a cluster: started by `start`, gone with its folder after `stop`.

    `data` is its folder, `address` the connection string of its superuser.
    """

    def __init__(self, site: Site, source: str, version: str, name: str = "planner") -> None:
        """`source` is the copied server's address as a superuser, `version` its version, `18.4`."""
        self.data = site.data / name
        self.address = ""
        self._site = site
        self._source = source
        self._version = version.partition(".")[0]
        self._name = name
        self._child: Child | None = None

    async def start(self) -> str:
        """Copy and serve; the address without a database's name.

        The source keeps serving; it is asked for a checkpoint. Raises ServiceFailed where it refuses.
        """
        site, user = self._site, unprivileged()
        try:
            install = await binaries(site.cache, self._version, user)
        except ConfigurationError as error:
            raise ServiceFailed(f"The target's cluster cannot be copied: {error}") from error
        log = site.logs / f"{self._name}.log"
        owned_folder(self.data, user)
        command = (
            str(install / "bin" / "pg_basebackup"),
            "--pgdata",
            str(self.data),
            "--dbname",
            self._source,
            "--wal-method=stream",
            "--checkpoint=fast",
            "--no-sync",
            "--no-password",
        )
        await completed(site.keeper, "pg_basebackup", command, log=log, cwd=site.data, user=user)
        port = site.ports.take("the planner's Postgres")
        settings = SETTINGS | {"port": str(port)}
        self._child, _ = await serve(
            site, self._name, install, self.data, port, log=log, user=user, settings=settings
        )
        self.address = f"postgresql://postgres@127.0.0.1:{port}"
        return self.address

    async def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._child:
            await self._child.stop()
        shutil.rmtree(self.data, ignore_errors=True)
