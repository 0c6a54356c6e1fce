"""Counts that outlive processes: noted in memory where something happens, added to the database every few seconds.

Counting documents instead would read all of them, and on the embedded database nobody else gets an answer meanwhile
(measured: 0.5 ms a session). What is lost is what a killed process noted in its last seconds.
"""

import threading
from collections import Counter
from dataclasses import dataclass

from interview.record import Line, Record
from interview.session import Session, Status

SESSIONS_CREATED = "sessions_created"
SESSIONS_ENDED = "sessions_ended"
"""By `status`, and by `started`: "yes" where the interview had begun, "no" where nobody ever came."""
COMPLETED_S = "completed_s"
"""The seconds that completed interviews took together, pauses excluded."""


class Tally(Record):
    """How often something has happened since the beginning; `labels` say what kind of it."""

    tally_id: Line
    name: Line
    labels: dict[str, str]
    n: int


class DayTally(Record):
    """How often something happened on one day (UTC, such as 2026-11-24)."""

    tally_id: Line
    day: Line
    name: Line
    labels: dict[str, str]
    n: int


@dataclass(frozen=True)
class Kind:
    """What is counted together: a name, and labels in the order of their names; of one `day`, where it has one."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()
    day: str = ""

    @property
    def tally_id(self) -> str:
        """The derived key."""
        named = "|".join((self.name, *(f"{name}={value}" for name, value in self.labels)))
        return f"{self.day}|{named}" if self.day else named


class Notes:
    """What happened in this process and is not in the database yet. May be used from any thread.

    Bounded by the kinds of things that there are: labels are never free text.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Kind] = Counter()

    def add(self, name: str, n: int = 1, **labels: str) -> None:
        """Note that something happened `n` times."""
        self.put_back(Counter({Kind(name, tuple(sorted(labels.items()))): n}))

    def add_today(self, name: str, day: str, n: int, **labels: str) -> None:
        """Note that something happened `n` times on `day`."""
        self.put_back(Counter({Kind(name, tuple(sorted(labels.items())), day): n}))

    def take(self) -> Counter[Kind]:
        """Return what was noted and begin anew."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken

    def put_back(self, counts: Counter[Kind]) -> None:
        """Add what could not be written."""
        with self._lock:
            self._counts.update(counts)


def note_end(notes: Notes, session: Session) -> None:
    """Note that a session has reached an end."""
    if session.status is Status.DELETED:
        return
    began = session.clock_started_at
    notes.add(SESSIONS_ENDED, status=session.status.value, started="yes" if began else "no")
    if session.status is Status.COMPLETED and began is not None and session.ended_at is not None:
        took_s = (session.ended_at - began).total_seconds() - session.paused_total_s
        notes.add(COMPLETED_S, max(0, round(took_s)))
