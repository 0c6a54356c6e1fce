"""The stream of session changes: one poller a replica, while anybody listens, and a bounded queue for each listener."""

import asyncio
import logging
import time
import uuid
from collections import Counter, deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import TypeAdapter

from control_api.monitoring.figures import SHARE_OF_TIME
from control_api.monitoring.schemas import InterviewView
from interview.clock import Clock
from interview.errors import VivaError
from interview.settings import Settings
from interview.storage import Storage
from interview.storage.outlines import Outline
from interview.user import User

log = logging.getLogger(__name__)

QUEUE_EVENTS = 100
"""A listener who is further behind is dropped, and told to load the page again."""
KEPT_EVENTS = 500
"""For those who come back with `Last-Event-ID`."""
KEEPALIVE_S = 15.0
_KNOWN_S = 120.0
_SNAPSHOT = TypeAdapter(list[InterviewView])


class TooManyStreams(VivaError):
    """This user, or this replica, has as many streams open as it may."""

    code = "too_many_streams"
    status = 429


@dataclass(frozen=True)
class Event:
    """One change, as it is sent, and whose session it is about. `seq` counts from 1 in one run of the poller."""

    seq: int
    owner_id: str
    written: bytes


@dataclass(eq=False)
class Listener:
    """One open stream."""

    user: User
    owner_id: str | None
    """Whose sessions are shown; None means everybody's."""
    expires_at: datetime
    sign_in: str
    """The sign-in that the token is of; the stream ends with it."""
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_EVENTS + 2))
    ended: bool = False

    def tell(self, event: Event) -> None:
        """Hand on an event that is the listener's to see; one who is too slow is ended."""
        if self.ended or self.owner_id not in (None, event.owner_id):
            return
        if self.queue.qsize() >= QUEUE_EVENTS:
            self.end("reload", "too_slow")
            return
        self.queue.put_nowait(event.written)

    def end(self, event: str, reason: str) -> None:
        """Send a last event in place of all that waits."""
        if self.ended:
            return
        self.ended = True
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(format_sse_event(event=event, data_str=f'{{"reason":"{reason}"}}'))
        self.queue.put_nowait(None)


class Hub:
    """All streams of one replica. `close` ends them; `aclose` also waits for the poller."""

    def __init__(self, storage: Storage, settings: Settings, clock: Clock, keepalive_s: float = KEEPALIVE_S) -> None:
        self._storage = storage
        self._settings = settings
        self._clock = clock
        self._keepalive_s = keepalive_s
        self._listeners: set[Listener] = set()
        self._poller: asyncio.Task[None] | None = None
        self._run = ""
        self._seq = 0
        self._kept: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._known: dict[str, tuple[datetime, tuple[Any, ...]]] = {}
        self._looked_at: datetime | None = None

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._listeners)

    async def join(
        self, user: User, owner_id: str | None, *, expires_at: datetime, sign_in: str, last_id: str
    ) -> Listener:
        """Begin a stream: with what was missed since `last_id` where that is known here, else with a snapshot.

        Raises `TooManyStreams` and `StorageUnavailable`. The listener must `leave`.
        """
        per_user = Counter(listener.user.user_id for listener in self._listeners)
        if self.streams >= self._settings.monitoring_streams_max:
            raise TooManyStreams("this replica has as many streams open as it may; try again later")
        if per_user[user.user_id] >= self._settings.monitoring_streams_per_user:
            raise TooManyStreams("you have as many streams open as you may; close a page")
        listener = Listener(user, owner_id, expires_at, sign_in)
        self._listeners.add(listener)
        try:
            await self._begin(listener, last_id)
        except BaseException:
            self.leave(listener)
            raise
        return listener

    async def _begin(self, listener: Listener, last_id: str) -> None:
        if self._poller is None:
            # what changed before is in the snapshot; what changes from now on, the poller finds
            self._run, self._seq, self._looked_at = uuid.uuid4().hex[:12], 0, self._clock.now()
            self._kept.clear()
            self._known.clear()
            self._poller = asyncio.create_task(self._poll(), name="session-changes")
            self._poller.add_done_callback(self._polled)
        missed = self._missed_since(last_id)
        if missed is not None:
            for event in missed:
                listener.tell(event)
            return
        at = self._seq
        outlines = await self._storage.outlines.watched()
        shown = [outline for outline in outlines if listener.owner_id in (None, outline.owner_id)]
        now = self._clock.now()
        views = _SNAPSHOT.dump_json([InterviewView.of(outline, now) for outline in shown]).decode()
        snapshot = format_sse_event(event="snapshot", data_str=f'{{"interviews":{views}}}', id=f"{self._run}-{at}")
        # what came while the sessions were read is told after it, though the snapshot may hold it already
        waiting = [listener.queue.get_nowait() for _ in range(listener.queue.qsize())]
        for piece in (snapshot, *waiting):
            listener.queue.put_nowait(piece)

    def leave(self, listener: Listener) -> None:
        """End a stream whose listener has gone; the poller ends with the last."""
        self._listeners.discard(listener)
        if not self._listeners and self._poller is not None:
            self._poller.cancel()
            self._poller = None

    async def pieces(self, listener: Listener) -> AsyncGenerator[bytes]:
        """Yield what is sent to a listener, until the stream ends."""
        while True:
            try:
                async with asyncio.timeout(self._keepalive_s):
                    piece = await listener.queue.get()
            except TimeoutError:
                piece = KEEPALIVE_COMMENT
            if piece is None:
                return
            yield piece

    def close(self) -> None:
        """End all streams, because this replica stops. The listeners' browsers connect again, to another."""
        for listener in list(self._listeners):
            listener.end("closed", "shutting_down")

    async def aclose(self) -> None:
        """End all streams and the poller."""
        self.close()
        poller, self._poller = self._poller, None
        if poller is not None:
            poller.cancel()
            await asyncio.gather(poller, return_exceptions=True)

    async def _poll(self) -> None:
        pause_s = self._settings.monitoring_poll_s
        while True:
            await asyncio.sleep(pause_s)
            began = time.monotonic()
            try:
                await self._look()
            except VivaError as error:
                log.warning("session changes cannot be looked for: %s", error.code)
            took_s = time.monotonic() - began
            pause_s = max(self._settings.monitoring_poll_s, SHARE_OF_TIME * took_s)

    def _polled(self, poller: asyncio.Task[None]) -> None:
        """A poller that met a bug must not leave listeners who wait for ever."""
        error = None if poller.cancelled() else poller.exception()
        if error is None:
            return
        log.error("the poller of session changes met a bug", exc_info=error)
        self._poller = None
        for listener in self._listeners:
            listener.end("reload", "failed")

    async def _look(self) -> None:
        await self._end_what_is_over()
        now = self._clock.now()
        assert self._looked_at is not None
        for outline in await self._storage.outlines.changed(self._looked_at, now):
            seen = (outline.status, outline.attempt, outline.progress, outline.presence, outline.evaluated_at)
            before = self._known.get(outline.session_id)
            self._known[outline.session_id] = (now, seen)
            if before is None or before[1] != seen:
                self._publish(outline, now)
        self._looked_at = now
        old = now - timedelta(seconds=_KNOWN_S)
        for session_id in [key for key, (at, _) in self._known.items() if at < old]:
            del self._known[session_id]

    async def _end_what_is_over(self) -> None:
        now = self._clock.now()
        for listener in self._listeners:
            if listener.expires_at <= now:
                listener.end("closed", "token_expired")
        listening = list(self._listeners)  # others come while their accounts are read
        wanted = {listener.user.user_id for listener in listening}
        users = {user.user_id: user for user in await self._storage.users.some(wanted)}
        for listener in listening:
            user = users.get(listener.user.user_id)
            if user is None or user.disabled_at is not None or user.role is not listener.user.role:
                listener.end("closed", "account_changed")
            elif listener.sign_in not in user.sign_ins:
                listener.end("closed", "signed_out")

    def _publish(self, outline: Outline, now: datetime) -> None:
        self._seq += 1
        view = InterviewView.of(outline, now).model_dump_json()
        written = format_sse_event(event="session", data_str=view, id=f"{self._run}-{self._seq}")
        event = Event(self._seq, outline.owner_id, written)
        self._kept.append(event)
        for listener in self._listeners:
            listener.tell(event)

    def _missed_since(self, last_id: str) -> list[Event] | None:
        """Return the events after that id; None where this run of the poller does not know it any more."""
        run, _, number = last_id.partition("-")
        if run != self._run or not number.isdecimal() or len(number) > 15:
            return None
        seq = int(number)
        oldest = self._kept[0].seq if self._kept else self._seq + 1
        if not oldest - 1 <= seq <= self._seq:
            return None
        return [event for event in self._kept if event.seq > seq]
