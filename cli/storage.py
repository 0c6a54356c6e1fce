"""How a command reaches what is stored."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.output import console
from interview.clock import SystemClock
from interview.settings import Settings
from interview.storage import Storage
from local.database import database_here

T = TypeVar("T")


@asynccontextmanager
async def storage_here() -> AsyncIterator[tuple[Settings, Storage]]:
    """Connect to the database of this machine, which is started for now where Viva does not run."""
    async with database_here() as settings:
        storage = await Storage.connect(settings, SystemClock())
        try:
            yield settings, storage
        finally:
            await storage.close()


def with_storage(work: Callable[[Settings, Storage], Awaitable[T]]) -> T:
    """Run `work` on the database of this machine and return its result."""

    async def run() -> T:
        async with storage_here() as (settings, storage):
            return await work(settings, storage)

    return asyncio.run(run())


def counting() -> Progress:
    """A line that shows what is being done, and how far it is."""
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console)
