"""The worker process: marks invoices overdue, a batch at a time, beside any number of its like."""

import asyncio
import signal
from pathlib import Path
from typing import Final

import structlog
from psycopg import AsyncConnection, OperationalError

from system.db import read_statements
from system.settings import Settings

STATEMENTS: Final = read_statements(Path(__file__).with_name("worker.sql"))
BATCH: Final = 500

log = structlog.get_logger("system.worker")


async def work(settings: Settings) -> None:
    """Mark what is overdue every `overdue_every_s` until SIGTERM or SIGINT; a batch under way is finished."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    log.info("worker started", overdue_every_s=settings.overdue_every_s)
    while not stopping.is_set():
        try:
            marked = await mark_overdue(settings.database_url, stopping)
            if marked:
                log.info("marked overdue", invoices=marked)
        except OperationalError as error:
            log.warning("database away; the next round tries again", error=str(error))
        try:
            async with asyncio.timeout(settings.overdue_every_s):
                await stopping.wait()
        except TimeoutError:
            continue
    log.info("worker stopped")


async def mark_overdue(database_url: str, stopping: asyncio.Event) -> int:
    """Mark all sent invoices past their due day, in batches, and return how many.

    Each batch is a transaction of its own and skips rows that others hold, so that neither a request nor
    a second worker waits for it.
    """
    marked = 0
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        while not stopping.is_set():
            cursor = await connection.execute(STATEMENTS["mark_overdue"].sql, {"batch": BATCH})
            row = await cursor.fetchone()
            count = int(row[0]) if row else 0
            marked += count
            if count < BATCH:
                break
    return marked
