"""The house in figures: read together, and kept for a moment, since many pages ask at the same time."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from interview.clock import Clock
from interview.processes import MISSED_BEATS, Self
from interview.replica import Replica, ReplicaKind
from interview.session import Status
from interview.settings import Settings
from interview.storage import Storage
from interview.storage.outlines import Outline
from interview.storage.provider_slots import ProviderSlot
from interview.tallies import COMPLETED_S, SESSIONS_CREATED, SESSIONS_ENDED, DayTally, Tally
from interview.usage import MICRO
from providers.directory import Directory
from providers.usage import CALLS, cost_of, day_of

T = TypeVar("T")

SHARE_OF_TIME = 10
"""What took a second to read is kept for ten: however large the house, a replica reads a tenth of the time at most."""


class Kept(Generic[T]):
    """A value that is read anew when it is older than `for_s`, or than `share_of_time` times what reading it took.

    `aclose` it. Those who ask while it is read share one reading, and its error.
    """

    def __init__(self, read: Callable[[], Awaitable[T]], for_s: float, share_of_time: float = SHARE_OF_TIME) -> None:
        self._read = read
        self._for_s = for_s
        self._share_of_time = share_of_time
        self._value: T | None = None
        self._until = 0.0
        self._reading: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Return the value. Raises what reading it raises; nothing is kept then."""
        if self._value is not None and time.monotonic() < self._until:
            return self._value
        if self._reading is None:
            self._reading = asyncio.create_task(self._refresh(), name="figures")
            self._reading.add_done_callback(self._done)
        return await asyncio.shield(self._reading)

    async def aclose(self) -> None:
        """End a reading under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _refresh(self) -> T:
        began = time.monotonic()
        value = await self._read()
        ended = time.monotonic()
        self._value, self._until = value, ended + max(self._for_s, self._share_of_time * (ended - began))
        return value

    def _done(self, reading: asyncio.Task[T]) -> None:
        self._reading = None
        if not reading.cancelled():
            reading.exception()  # whoever asked has it; where all of them went away, nobody wants it


@dataclass(frozen=True)
class Figures:
    """The house at one moment."""

    at: datetime
    replicas: list[Replica]
    watched: list[Outline]
    tallies: list[Tally]
    reports_waiting: int
    seats_taken: int
    seats: int
    """How many interviews the house holds at once."""
    today: list[DayTally]
    provider_slots: list[ProviderSlot]
    provider_limits: dict[str, int]
    """By provider, as `kind.name`: how many streams may be open at once. Those without a limit are left out."""

    def of_kind(self, kind: ReplicaKind) -> list[Replica]:
        """The processes of a kind that live."""
        return [replica for replica in self.replicas if replica.kind is kind]

    def in_status(self, status: Status) -> list[Outline]:
        """The sessions that wait, run or pause, of one status."""
        return [outline for outline in self.watched if outline.status is status]

    def tallied(self, name: str, **labels: str) -> int:
        """The sum of the counts of that name that have these labels."""
        return sum(tally.n for tally in self.named(name) if labels.items() <= tally.labels.items())

    def named(self, name: str) -> Iterator[Tally]:
        """Yield the counts of a name."""
        return (tally for tally in self.tallies if tally.name == name)

    @property
    def slots_in_use(self) -> dict[str, int]:
        """How many streams are open at each provider that has a limit."""
        held = Counter(slot.provider for slot in self.provider_slots)
        return {provider: held[provider] for provider in self.provider_limits}

    @property
    def cost_today_usd(self) -> float:
        """What providers have cost since midnight (UTC)."""
        return cost_of(self.today) / MICRO

    @property
    def created(self) -> int:
        """Sessions made since the beginning."""
        return self.tallied(SESSIONS_CREATED)

    @property
    def completed(self) -> int:
        """Interviews completed since the beginning."""
        return self.tallied(SESSIONS_ENDED, status=Status.COMPLETED.value)

    @property
    def completion_rate(self) -> float | None:
        """The completed among the interviews that began and ended."""
        ended = self.tallied(SESSIONS_ENDED, started="yes")
        completed = self.tallied(SESSIONS_ENDED, started="yes", status=Status.COMPLETED.value)
        return completed / ended if ended else None

    @property
    def average_duration_s(self) -> float | None:
        """Of completed interviews, pauses excluded."""
        timed = self.tallied(SESSIONS_ENDED, started="yes", status=Status.COMPLETED.value)
        return self.tallied(COMPLETED_S) / timed if timed else None

    @property
    def longest_wait_s(self) -> float:
        """How long the first in the queue has waited."""
        waits = [(self.at - outline.moved_at).total_seconds() for outline in self.in_status(Status.QUEUED)]
        return max(waits, default=0.0)


class House:
    """Reads the figures; one per application."""

    def __init__(self, storage: Storage, settings: Settings, clock: Clock, me: Self, directory: Directory) -> None:
        self._storage = storage
        self._directory = directory
        self._clock = clock
        self._me = me
        self._seats = settings.max_concurrent_interviews
        self._dead_after_s = settings.process_beat_s * MISSED_BEATS
        self._kept = Kept(self._read, settings.monitoring_poll_s)

    async def figures(self) -> Figures:
        """Return the figures, at most a moment old. Raises `StorageUnavailable`."""
        return await self._kept.get()

    async def aclose(self) -> None:
        """End a reading under way."""
        await self._kept.aclose()

    async def replicas(self) -> list[Replica]:
        """Return the processes that live, this one as it is now. Raises `StorageUnavailable`."""
        others = await self._storage.replicas.alive(self._dead_after_s)
        mine = self._me.described(self._storage)
        return [mine, *(replica for replica in others if replica.replica_id != mine.replica_id)]

    async def _read(self) -> Figures:
        await self._storage.tallies.flush(CALLS)
        # one after the other: the embedded database serves one call at a time, and others wait too
        now = self._clock.now()
        return Figures(
            at=now,
            replicas=await self.replicas(),
            watched=await self._storage.outlines.watched(),
            tallies=await self._storage.tallies.all(),
            reports_waiting=await self._storage.reports.waiting(),
            seats_taken=len(await self._storage.slots.all()),
            seats=self._seats,
            today=await self._storage.tallies.of_day(day_of(now)),
            provider_slots=await self._storage.provider_slots.in_use(),
            provider_limits=self._directory.slot_limits(),
        )
