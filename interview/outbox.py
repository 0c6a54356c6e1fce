"""Writes that wait for the database, in order and within a bound, so that its absence costs a delay."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import ValidationError

from interview.errors import StorageUnavailable, VivaError

logger = logging.getLogger(__name__)

Write = Callable[[], Awaitable[None]]

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True)
class _Entry:
    what: str
    write: Write
    replaceable: bool


class Outbox:
    """Performs writes one after the other; while the database is away they wait here.

    Beyond `limit` of them the oldest *replaceable* one (a batch of observations) is dropped, logged and counted. An
    incident or a still is never dropped for being late: the rules let few of them come in a minute. One task runs
    `run()`; `close()` lets it finish.
    """

    def __init__(self, owner: str, limit: int = 600) -> None:
        self._owner = owner
        self._limit = limit
        self._waiting: deque[_Entry] = deque()
        self._changed = asyncio.Event()
        self._closing = False
        self.dropped = 0
        """Batches given up because too many were waiting."""
        self.refused = 0
        """Writes that the storage refused for good."""
        self.retried = 0
        """Times at which the database was away."""

    def __len__(self) -> int:
        """Count the writes that wait."""
        return len(self._waiting)

    def put(self, what: str, write: Write, *, replaceable: bool = False) -> None:
        """Queue a write; `what` names it in logs by ids only."""
        if len(self._waiting) >= self._limit:
            self._make_room()
        self._waiting.append(_Entry(what, write, replaceable))
        self._changed.set()

    async def run(self) -> None:
        """Write until closed and empty.

        What neither the storage nor a record's rules explain is raised, and ends it: its owner watches for that.
        """
        pause_s = _FIRST_PAUSE_S
        while self._waiting or not self._closing:
            if not self._waiting:
                self._changed.clear()
                await self._changed.wait()
                continue
            entry = self._waiting[0]
            try:
                await entry.write()
            except StorageUnavailable as error:
                self.retried += 1
                logger.warning("%s: %s waits, %d queued: %s", self._owner, entry.what, len(self), error)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                continue
            except VivaError as error:
                self.refused += 1
                logger.error("%s: %s was refused (%s): %s", self._owner, entry.what, error.code, error)
            except ValidationError as error:
                # one record that cannot be stored must not keep the others waiting for ever; its values stay unlogged
                self.refused += 1
                logger.error(
                    "%s: %s was refused: %d of its values are not valid", self._owner, entry.what, error.error_count()
                )
            pause_s = _FIRST_PAUSE_S
            # the bound may have pushed the entry out while it was being written
            if self._waiting and self._waiting[0] is entry:
                self._waiting.popleft()

    def close(self) -> None:
        """Let `run` end once everything that waits is written."""
        self._closing = True
        self._changed.set()

    def _make_room(self) -> None:
        for entry in self._waiting:
            if entry.replaceable:
                self._waiting.remove(entry)
                self.dropped += 1
                logger.error("%s: gave up %s, %d given up so far", self._owner, entry.what, self.dropped)
                return
