"""Writes that wait for the database, in order and within a bound, so that its absence costs a delay."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError

from interview.clock import Clock, SystemClock
from interview.disturbance import Disturbance, DisturbanceKind
from interview.errors import StaleAttempt, StorageUnavailable, VivaError
from interview.spool import Spool
from interview.writes import GIVEN_UP_FIRST, REPLACEABLE, Remember, Write, WriteKind

logger = logging.getLogger(__name__)

Perform = Callable[[Write, Remember], Awaitable[None]]

MEGABYTE = 1_000_000
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0
_DISK_PAUSE_S = 5.0
"""How long nothing is kept on disk after that failed."""
_NOTED_FROM_S = 1.0
"""A database that was away for less disturbed nobody."""


@dataclass(eq=False)
class _Waiting:
    number: int
    write: Write
    put_at: float
    size: int
    kept: bool = False
    """Whether it lies in the spool."""
    settled: bool = False
    """Whether it was written, refused or given up."""
    emptied: bool = False
    """Whether its file's content is on disk only."""


class Outbox:
    """Performs writes one after the other; while the database is away they wait here.

    With a `spool`, what has waited for `keep_after_s` is kept on disk until it is written, so that it outlives this
    process; in the ordinary course nothing is. When more than `max_bytes` wait, some is given up in the order of
    `GIVEN_UP_FIRST`, logged, counted and stored as a disturbance; what stands in none of these groups never is. One
    task runs `run()`; `close()` lets it finish.
    """

    def __init__(
        self,
        owner: str,
        perform: Perform,
        *,
        spool: Spool | None = None,
        keep_after_s: float = 0.3,
        max_bytes: int = 16 * MEGABYTE,
        clock: Clock | None = None,
    ) -> None:
        self._owner = owner
        self._perform = perform
        self._spool = spool
        self._keep_after_s = keep_after_s
        self._max_bytes = max_bytes
        self._clock = clock or SystemClock()
        self._waiting: deque[_Waiting] = deque()
        self._unkept: deque[_Waiting] = deque()
        self._given_up: list[int] = []
        """Numbers whose files are still to be deleted."""
        self._losses: dict[WriteKind, _Waiting] = {}
        self._in_hand: _Waiting | None = None
        self._bytes = 0
        self._last_number = 0
        self._changed = asyncio.Event()
        self._to_keep = asyncio.Event()
        self._disk = asyncio.Lock()
        self._closing = False
        self._ended = False
        self.dropped = 0
        """Writes given up because too much was waiting."""
        self.refused = 0
        """Writes that the storage refused for good."""
        self.retried = 0
        """Times at which the database was away."""
        self.kept = 0
        """Writes that were kept on disk for a while."""

    def __len__(self) -> int:
        """Count the writes that wait."""
        return len(self._waiting)

    @property
    def waiting(self) -> Sequence[Write]:
        """What waits, in order; the content of a file that is kept on disk is left out."""
        return tuple(entry.write for entry in self._waiting)

    def put(self, write: Write) -> None:
        """Queue a write."""
        self._queue(write)
        if self._bytes > self._max_bytes:
            self._make_room()

    async def run(self) -> None:
        """Write until closed and empty.

        What neither the storage nor a record's rules explain is raised, and ends it: its owner watches for that.
        However it ends, what is not written by then is kept in the spool, for others to write.
        """
        keeping = asyncio.create_task(self._keep_waiting(), name="spool") if self._spool else None
        try:
            await self._write_all()
        finally:
            self._ended = True
            self._to_keep.set()
            if keeping is not None:
                await keeping

    def close(self) -> None:
        """Let `run` end once everything that waits is written."""
        self._closing = True
        self._changed.set()

    def _queue(self, write: Write) -> _Waiting:
        self._last_number += 1
        entry = _Waiting(self._last_number, write, time.monotonic(), write.size)
        self._waiting.append(entry)
        if self._spool is not None:
            self._unkept.append(entry)
        self._bytes += entry.size
        self._changed.set()
        self._to_keep.set()
        return entry

    async def _write_all(self) -> None:
        pause_s = _FIRST_PAUSE_S
        away_since: datetime | None = None
        while self._waiting or not self._closing:
            if not self._waiting:
                self._changed.clear()
                await self._changed.wait()
                continue
            entry = self._in_hand = self._waiting[0]
            began_at = self._clock.now()
            try:
                await self._write(entry)
            except StorageUnavailable as error:
                self.retried += 1
                away_since = away_since or began_at
                logger.warning("%s: %s waits, %d queued: %s", self._owner, entry.write.kind, len(self), error)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                continue
            finally:
                self._in_hand = None
            pause_s = _FIRST_PAUSE_S
            self._waiting.popleft()
            await self._settle(entry)
            if away_since is not None:
                self._note_absence(entry.write, away_since)
                away_since = None

    async def _write(self, entry: _Waiting) -> None:
        """Perform a write; what is refused for good is logged and counted. Raises `StorageUnavailable`."""
        kind = entry.write.kind
        try:
            write = await self._whole(entry)
            await self._perform(write, lambda number: self._remember(entry, number))
        except StorageUnavailable:
            raise
        except StaleAttempt as error:
            self.refused += 1
            logger.warning("%s: %s came too late (%s): %s", self._owner, kind, error.code, error)
        except VivaError as error:
            self.refused += 1
            logger.error("%s: %s was refused (%s): %s", self._owner, kind, error.code, error)
        except ValidationError as error:
            # one record that cannot be stored must not keep the others waiting for ever; its values stay unlogged
            self.refused += 1
            logger.error("%s: %s was refused: %d of its values are not valid", self._owner, kind, error.error_count())
        except OSError as error:
            self.refused += 1
            logger.error("%s: %s was kept and cannot be read (%s)", self._owner, kind, type(error).__name__)

    async def _whole(self, entry: _Waiting) -> Write:
        """Return the write with its file's content, which is not held in memory once it is on disk."""
        if self._spool is None or not entry.emptied:
            return entry.write
        async with self._disk:
            return await asyncio.to_thread(self._spool.read, entry.number)

    async def _remember(self, entry: _Waiting, number: int) -> None:
        """Keep a turn's number before the turn is stored, where the turn is kept: whoever repeats it takes the same."""
        async with self._disk:
            entry.write = entry.write.numbered(number)
            if self._spool is not None and entry.kept:
                await asyncio.to_thread(self._spool.keep, [(entry.number, entry.write)])

    async def _settle(self, entry: _Waiting) -> None:
        entry.settled = True
        self._bytes -= entry.size
        if self._spool is None:
            return
        async with self._disk:
            if entry.kept:
                await asyncio.to_thread(self._spool.drop, [entry.number])

    async def _keep_waiting(self) -> None:
        """Keep on disk what has waited for too long, until `run` ends; then keep what is left, and let go."""
        assert self._spool is not None
        try:
            while not self._ended:
                self._to_keep.clear()
                while self._unkept and self._unkept[0].settled:
                    self._unkept.popleft()
                wait_s = self._unkept[0].put_at + self._keep_after_s - time.monotonic() if self._unkept else None
                if not self._given_up and (wait_s is None or wait_s > 0):
                    await self._sleep(wait_s)
                elif not await self._keep(self._spool):
                    await self._sleep(_DISK_PAUSE_S)
            await self._keep(self._spool)
        finally:
            await asyncio.to_thread(self._spool.release)

    async def _sleep(self, wait_s: float | None) -> None:
        """Wait until there is something to keep, or for so long; a new write does not cut a wait short."""
        if wait_s is None:
            await self._to_keep.wait()
            return
        until = time.monotonic() + wait_s
        while not self._ended and (left_s := until - time.monotonic()) > 0:
            self._to_keep.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._to_keep.wait()
            except TimeoutError:
                return

    async def _keep(self, spool: Spool) -> bool:
        async with self._disk:
            batch = [entry for entry in self._unkept if not entry.settled]
            again = {entry.number for entry in batch}  # after a failure: kept whole now, and not given up
            given_up, self._given_up = [number for number in self._given_up if number not in again], []
            try:
                if batch:
                    await asyncio.to_thread(spool.keep, [(entry.number, entry.write) for entry in batch])
                await asyncio.to_thread(spool.drop, given_up)
            except OSError as error:
                # what of it came to the disk would be written a second time by whoever finds it
                self._given_up += [*given_up, *(entry.number for entry in batch)]
                logger.error("%s: %d writes are not kept on disk (%s)", self._owner, len(batch), type(error).__name__)
                return False
            for entry in batch:
                self._unkept.remove(entry)
                entry.kept = True
                self.kept += 1
                if entry.write.blob:
                    entry.write, entry.emptied = replace(entry.write, blob=b""), True
            return True

    def _make_room(self) -> None:
        for kinds in GIVEN_UP_FIRST:
            for entry in [one for one in self._waiting if one.write.kind in kinds]:
                if self._bytes <= self._max_bytes:
                    return
                if entry is not self._in_hand:
                    self._give_up(entry)
        if self._bytes > self._max_bytes:
            logger.error("%s: %d bytes wait, and nothing of it may be given up", self._owner, self._bytes)

    def _give_up(self, entry: _Waiting) -> None:
        self._waiting.remove(entry)
        entry.settled = True
        self._bytes -= entry.size
        if entry.kept:
            self._given_up.append(entry.number)
            self._to_keep.set()
        self.dropped += 1
        logger.error("%s: gave up %s, %d given up so far", self._owner, entry.write.kind, self.dropped)
        if entry.write.kind not in REPLACEABLE:
            self._note_loss(entry.write)

    def _note_loss(self, lost: Write) -> None:
        """Say that something was given up; one disturbance tells of all of a kind until it is stored."""
        now = self._clock.now()
        before = self._losses.get(lost.kind)
        if before is None or before.settled or before is self._in_hand:
            loss = Disturbance(
                session_id=lost.session_id,
                attempt=lost.attempt,
                kind=DisturbanceKind.NOT_KEPT,
                started_at=now,
                ended_at=now,
                what=lost.kind,
                n=1,
            )
            self._losses[lost.kind] = self._queue(_disturbance(loss))
            return
        counted = {**before.write.record, "ended_at": now.isoformat(), "n": before.write.record["n"] + 1}
        before.write = replace(before.write, record=counted)
        if before.kept:
            before.kept = False  # what is on disk is replaced
            self._unkept.append(before)

    def _note_absence(self, written: Write, since: datetime) -> None:
        now = self._clock.now()
        logger.info("%s: the database is back, %d writes wait", self._owner, len(self))
        if (now - since).total_seconds() < _NOTED_FROM_S:
            return
        absence = Disturbance(
            session_id=written.session_id,
            attempt=written.attempt,
            kind=DisturbanceKind.DATABASE_AWAY,
            started_at=since,
            ended_at=now,
        )
        self._queue(_disturbance(absence))


def _disturbance(disturbance: Disturbance) -> Write:
    return Write(
        WriteKind.DISTURBANCE,
        disturbance.session_id,
        disturbance.attempt,
        disturbance.model_dump(mode="json"),
    )
