"""Where somebody who queues stands, and how long they will probably wait. Pure."""

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from interview.session import Session


@dataclass(frozen=True)
class Place:
    """Where somebody stands in the queue: 1 is next. The wait, in seconds, is an estimate."""

    position: int
    expected_wait_s: int


@dataclass(frozen=True)
class Line:
    """The queue at one moment: the tickets that wait, lowest first, and what each will wait, in seconds."""

    tickets: tuple[int, ...]
    waits_s: tuple[float, ...]
    last_ticket: int
    """The last number that had been given by then."""

    @classmethod
    def of(
        cls, waiting: Iterable[tuple[int, float]], remaining_s: Iterable[float], *, seats: int, last_ticket: int
    ) -> Self:
        """Build it from those who wait (ticket, seconds allowed) and the seconds that the running ones still need."""
        ordered = sorted(waiting)
        waits_s = expected_waits_s(remaining_s, [allowed_s for _, allowed_s in ordered], seats)
        return cls(tuple(ticket for ticket, _ in ordered), tuple(waits_s), last_ticket)

    def place(self, ticket: int) -> Place:
        """Return the place of a ticket. One that was given after this moment stands behind all that came before it."""
        ahead = bisect_left(self.tickets, ticket)
        wait_s = self.waits_s[min(ahead, len(self.waits_s) - 1)]
        came_since = max(0, ticket - max(self.last_ticket, self.tickets[-1] if self.tickets else 0) - 1)
        return Place(position=ahead + came_since + 1, expected_wait_s=round(wait_s))


def expected_waits_s(remaining_s: Iterable[float], waiting_s: Sequence[float], seats: int) -> list[float]:
    """Return the expected wait, in seconds, of each who queues, and of one who would come now.

    `remaining_s` is what the interviews that have a seat will still take, `waiting_s` how long those in the queue will
    take, in their order; each gets the seat that is free first. An estimate: interviews end early.
    """
    free_at = [max(0.0, left) for left in remaining_s]
    free_at += [0.0] * max(0, seats - len(free_at))
    heapq.heapify(free_at)
    waits = [free_at[0]]
    for duration_s in waiting_s:
        heapq.heapreplace(free_at, free_at[0] + max(0.0, duration_s))
        waits.append(free_at[0])
    return waits


def remaining_s(session: Session, now: datetime) -> float:
    """Return how much of the allowed time a session that has begun has left, in seconds."""
    since = session.clock_started_at or session.started_at or now
    until = session.paused_at or now
    return max(0.0, session.allowed_s - ((until - since).total_seconds() - session.paused_total_s))
