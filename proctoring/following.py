"""Following one participant's track in a room: subscribed while it is wanted, and read by one reader at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from livekit import rtc

logger = logging.getLogger(__name__)

_CLOSE_S = 3.0

Source = rtc.TrackSource.ValueType


class TrackFollower:
    """Subscribes to one participant's track of one source, and to nothing else. Starts switched off.

    `read(track)` runs while the track is there and is cancelled when it is gone; `on_stopped()` is called then, also
    when the participant left or it was switched off here. `on_found(publication)` comes before each `read`.
    """

    def __init__(
        self,
        room: rtc.Room,
        identity: str,
        source: Source,
        *,
        read: Callable[[rtc.Track], Awaitable[None]],
        on_stopped: Callable[[], None],
        on_found: Callable[[rtc.RemoteTrackPublication], None] = lambda _: None,
    ) -> None:
        self._room = room
        self._identity = identity
        self._source = source
        self._read = read
        self._on_stopped = on_stopped
        self._on_found = on_found
        self._reader: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self.on = False
        self.sid: str | None = None
        """The track that is read."""
        room.on("track_published", self._published)
        room.on("track_subscribed", self._subscribed)
        room.on("track_unsubscribed", lambda _track, publication, _participant: self._gone(publication.sid))
        room.on("track_unpublished", lambda publication, _participant: self._gone(publication.sid))
        room.on("participant_disconnected", self._left)
        room.on("reconnected", lambda: self.switch(self.on))

    def switch(self, on: bool) -> None:
        """Subscribe, or unsubscribe; a repeat is harmless."""
        self.on = on
        participant = self._room.remote_participants.get(self._identity)
        for publication in participant.track_publications.values() if participant else ():
            if publication.source == self._source and publication.subscribed != on:
                publication.set_subscribed(on)
        if not on:
            self._stop()

    async def aclose(self) -> None:
        """Stop reading and wait, for a few seconds at most, until the reader is gone."""
        self.on = False
        self._stop()
        if not self._ending:
            return
        _, pending = await asyncio.wait(self._ending, timeout=_CLOSE_S)
        if pending:
            logger.warning("%s: a stream did not end within %s s", self._identity, _CLOSE_S)

    def wants(self, publication: rtc.TrackPublication, participant: rtc.Participant) -> bool:
        """Tell whether this is the track that is followed, while it is."""
        return self.on and participant.identity == self._identity and publication.source == self._source

    def _published(self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        if self.wants(publication, participant):
            publication.set_subscribed(True)

    def _subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if not self.wants(publication, participant):
            return
        self._on_found(publication)
        self._stop()
        self.sid = publication.sid
        self._reader = asyncio.create_task(self._reading(track), name=f"follow-{self._identity}")

    async def _reading(self, track: rtc.Track) -> None:
        await self._read(track)

    def _gone(self, sid: str) -> None:
        if sid == self.sid:
            self._stop()

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._identity:
            self._stop()

    def _stop(self) -> None:
        reader, self._reader, self.sid = self._reader, None, None
        if reader is None:
            return
        self._ending.add(reader)
        reader.add_done_callback(self._ending.discard)
        reader.cancel()
        self._on_stopped()
