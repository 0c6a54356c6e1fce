"""Each process says every few seconds that it lives, and brings what it has counted to the database."""

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import psutil

from interview.clock import Clock
from interview.errors import VivaError
from interview.replica import Load, Replica, ReplicaKind
from interview.settings import Settings
from interview.storage import Storage
from interview.tallies import Notes

log = logging.getLogger(__name__)

MISSED_BEATS = 3
"""After so many a process counts as dead."""
_FORGOTTEN_BEATS = 60
_LAST_WORDS_S = 3.0
_SMALL_POOL = {"mongodb_pool_min": 0, "mongodb_pool_max": 2}


class Self:
    """What a process says about itself."""

    def __init__(self, kind: ReplicaKind, load: Callable[[], Load], clock: Clock) -> None:
        self.replica_id = str(uuid.uuid4())
        self.kind = kind
        self._load = load
        self._clock = clock
        self._started_at = clock.now()
        self._ready_since: datetime | None = None
        self.news = asyncio.Event()
        """Set when something is to be said at once."""

    def now_ready(self) -> None:
        """Say at once that this process takes work from now on."""
        self._ready_since = self._clock.now()
        self.news.set()

    def described(self, storage: Storage) -> Replica:
        """Return it as of now."""
        return Replica(
            replica_id=self.replica_id,
            kind=self.kind,
            started_at=self._started_at,
            seen_at=self._clock.now(),
            ready_since=self._ready_since,
            load=self._load(),
            pool_in_use=max(0, storage.pool.in_use),
            pool_max=storage.pool.maximum,
            machine_cpu=psutil.cpu_percent() / 100,  # since the last call
            machine_memory=psutil.virtual_memory().percent / 100,
        )


@asynccontextmanager
async def alive(
    me: Self, settings: Settings, clock: Clock, *notes: Notes, storage: Storage | None = None
) -> AsyncGenerator[None]:
    """Say that this process lives for as long as the context lasts, and write `notes` and the storage's own.

    Without a `storage` one with few connections is opened as soon as the database is there. A database that is away
    is waited for; nothing is raised.
    """
    beating = asyncio.create_task(_beat(me, settings, clock, notes, storage), name="heartbeat")
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


@asynccontextmanager
async def tallying(storage: Storage, every_s: float, *notes: Notes) -> AsyncGenerator[None]:
    """Write what is noted for as long as the context lasts: for a child whose parent says that it lives."""
    writing = asyncio.create_task(_flush_forever(storage, every_s, notes), name="tallies")
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await _last_words(storage, notes)


async def _beat(me: Self, settings: Settings, clock: Clock, notes: tuple[Notes, ...], given: Storage | None) -> None:
    storage = given
    try:
        while True:
            me.news.clear()
            try:
                if storage is None:
                    storage = await Storage.connect(settings.model_copy(update=_SMALL_POOL), clock)
                await storage.replicas.beat(me.described(storage))
                await storage.replicas.drop_unseen(settings.process_beat_s * _FORGOTTEN_BEATS)
                await storage.tallies.flush(*notes)
            except VivaError as error:
                log.warning("no heartbeat of this process: %s", error.code)
            with suppress(TimeoutError):
                async with asyncio.timeout(settings.process_beat_s):
                    await me.news.wait()
    finally:
        if storage is not None:
            await _last_words(storage, notes, me.replica_id)
            if given is None:
                await storage.close()


async def _flush_forever(storage: Storage, every_s: float, notes: tuple[Notes, ...]) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await storage.tallies.flush(*notes)
        except VivaError as error:
            log.warning("counts wait for the database: %s", error.code)


async def _last_words(storage: Storage, notes: tuple[Notes, ...], replica_id: str | None = None) -> None:
    try:
        async with asyncio.timeout(_LAST_WORDS_S):
            await storage.tallies.flush(*notes)
            if replica_id is not None:
                await storage.replicas.forget(replica_id)
    except (VivaError, TimeoutError) as error:
        log.warning("the last counts of this process were not written: %s", type(error).__name__)
