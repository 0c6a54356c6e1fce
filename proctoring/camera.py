"""The candidate's camera as a proctor sees it: the newest frame a few times a second, everything else dropped."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import cv2
import numpy as np
from livekit import rtc

from interview.clock import Clock
from proctoring.analysis import Grab
from proctoring.detectors.frame import MAX_WIDTH_PX, Pixels
from proctoring.following import TrackFollower

logger = logging.getLogger(__name__)

OnFrame = Callable[[datetime, Grab], Awaitable[None]]

_LOG_EVERY = 100
_LEAVING_S = 0.4


class CandidateCamera:
    """Subscribes to one participant's camera in a room, and to nothing else.

    Starts switched off; `switch(True)` subscribes. `on_frame(at, grab)` is awaited for one frame at a time;
    `on_off()` is called when the candidate, who is there, muted or unpublished it; `on_paused()` when no more frames
    come for another reason: they left, were disconnected, or it was switched off here. A busy machine slows it down:
    `pace()` says how many times as seldom a frame is taken.
    """

    def __init__(
        self,
        room: rtc.Room,
        identity: str,
        *,
        frames_per_s: float,
        clock: Clock,
        on_frame: OnFrame,
        on_off: Callable[[], None],
        on_paused: Callable[[], None],
        pace: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self._room = room
        self._identity = identity
        self._period_s = 1 / frames_per_s
        self._clock = clock
        self._on_frame = on_frame
        self._on_off = on_off
        self._pace = pace
        self._seen = False
        self._publication: rtc.RemoteTrackPublication | None = None
        self._waiting_since: float | None = None
        self._checks: set[asyncio.Task[None]] = set()
        self.failed = 0
        """Frames that could not be looked at."""
        self._track = TrackFollower(
            room,
            identity,
            rtc.TrackSource.SOURCE_CAMERA,
            read=self._read,
            on_stopped=on_paused,
            on_found=self._found,
        )
        room.on("track_unpublished", self._unpublished)
        room.on("track_muted", lambda _participant, publication: self._muted(publication.sid))

    def switch(self, on: bool) -> None:
        """Subscribe to the candidate's camera, or unsubscribe; a repeat is harmless."""
        self._track.switch(on)

    async def aclose(self) -> None:
        """Stop reading and wait, for a few seconds at most, until the reader is gone."""
        for check in self._checks:
            check.cancel()
        await self._track.aclose()

    def _found(self, publication: rtc.RemoteTrackPublication) -> None:
        self._seen = True
        self._publication = publication
        if publication.muted:
            self._on_off()
        if publication.simulcasted and publication.width > MAX_WIDTH_PX:
            # the detectors look at no more than that, and decoding is the larger part of the cost
            publication.set_video_quality(rtc.VideoQuality.VIDEO_QUALITY_MEDIUM)

    def _unpublished(self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        if self._track.wants(publication, participant):
            check = asyncio.create_task(self._off_unless_left(), name="camera-off")
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)

    async def _off_unless_left(self) -> None:
        """Say that the camera is off, if in a moment the candidate is still there: who leaves unpublishes first."""
        await asyncio.sleep(_LEAVING_S)
        if self._track.on and self.candidate_present() and self._track.sid is None:
            self._on_off()

    def never_came(self, within_s: float) -> bool:
        """Tell, once, that the candidate has been there for so long and no camera was ever seen of them."""
        if self._seen or not self._track.on or not self.candidate_present():
            self._waiting_since = None
            return False
        now = asyncio.get_running_loop().time()
        self._waiting_since = self._waiting_since or now
        if now - self._waiting_since < within_s:
            return False
        self._seen = True
        return True

    def candidate_present(self) -> bool:
        """Tell whether the candidate is in the room."""
        return self._identity in self._room.remote_participants

    def _off(self) -> bool:
        return self._publication is not None and self._publication.muted

    def _muted(self, sid: str) -> None:
        if sid == self._track.sid:
            self._on_off()

    async def _read(self, track: rtc.Track) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        # a stream that holds one frame replaces it by the next: what is taken is always the newest
        stream = rtc.VideoStream.from_track(track=track, capacity=1)
        try:
            async for event in stream:
                now = loop.time()
                # what still comes of a camera that is off was under way, or is the server's black picture
                if now < due or self._off():
                    continue
                due = max(due + self._period_s * self._pace(), now)
                await self._look(event)
        finally:
            await stream.aclose()

    async def _look(self, event: rtc.VideoFrameEvent) -> None:
        """Hand a frame on. One that a detector fails on is counted, and the next one is taken."""
        try:
            await self._on_frame(self._clock.now(), lambda: _rgb(event))
        except Exception as error:  # whatever one picture does to a detector, the next one is looked at
            self.failed += 1
            if self.failed % _LOG_EVERY == 1:
                logger.exception("%s: %d frames not looked at: %s", self._identity, self.failed, error)


_ROTATIONS: dict[int, int] = {
    rtc.VideoRotation.VIDEO_ROTATION_90: cv2.ROTATE_90_CLOCKWISE,
    rtc.VideoRotation.VIDEO_ROTATION_180: cv2.ROTATE_180,
    rtc.VideoRotation.VIDEO_ROTATION_270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def _rgb(event: rtc.VideoFrameEvent) -> Pixels:
    """Convert a received frame to an upright RGB image."""
    frame = event.frame.convert(rtc.VideoBufferType.RGB24)
    rgb = np.frombuffer(frame.data, dtype=np.uint8).reshape(frame.height, frame.width, 3)
    rotation = _ROTATIONS.get(event.rotation)  # pyright: ignore[reportArgumentType] - an int at run time
    return rgb if rotation is None else np.asarray(cv2.rotate(rgb, rotation), dtype=np.uint8)
