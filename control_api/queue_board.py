"""The queue as this replica last saw it.

Everybody who queues asks every few seconds where they stand, and the answer needs the whole queue: it is read at most
once in `QUEUE_BOARD_S`, however many ask.
"""

import asyncio
import time

from interview.clock import Clock
from interview.queue import Line, remaining_s
from interview.session import STARTED
from interview.storage import Storage


class QueueBoard:
    """One per application."""

    def __init__(self, storage: Storage, clock: Clock, *, seats: int, for_s: float) -> None:
        self._storage = storage
        self._clock = clock
        self._seats = seats
        self._for_s = for_s
        self._line: Line | None = None
        self._read_at_s = 0.0
        self._reading = asyncio.Lock()

    async def line(self) -> Line:
        """Return the queue, at most `for_s` seconds old."""
        async with self._reading:
            if self._line is None or time.monotonic() - self._read_at_s >= self._for_s:
                self._line, self._read_at_s = await self._read(), time.monotonic()
            return self._line

    async def _read(self) -> Line:
        # the number that was given last is read first: who came in between is then in the queue that is read
        last = await self._storage.slots.last_ticket()
        waiting = [s for s in await self._storage.sessions.queue() if s.ticket is not None]
        now = self._clock.now()
        running = await self._storage.sessions.in_status(STARTED)
        return Line.of(
            [(session.ticket or 0, float(session.allowed_s)) for session in waiting],
            [remaining_s(session, now) for session in running],
            seats=self._seats,
            last_ticket=last,
        )
