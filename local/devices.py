"""The simulated candidate's microphone and camera: tracks fed in real time, whatever is said or shown.

Times are seconds of the monotonic clock.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
from livekit import rtc

from interview.errors import MachineError
from local.camera import HEIGHT, WIDTH, Scene, i420
from local.listening import Interval, Samples
from local.timeline import Chunk

SAMPLE_RATE = 24_000
_FRAME_S = 0.02
_FRAME = round(SAMPLE_RATE * _FRAME_S)
_LEAD_S = 0.04
"""How far ahead the microphone's track is fed, so that a busy machine makes no holes in it."""
_FALLEN_BEHIND_S = 0.2
_TONE_RMS = 16.0
"""Of 32,767: far below speech, and above what counts as no sound at all."""
_PICTURES_PER_S = 12
_VIDEO_BITS_PER_S = 600_000


@dataclass
class _Saying:
    """Something that is being said: what is left of it, and who waits for its end."""

    rest: Samples
    done: asyncio.Future[Interval]
    began_s: float | None = None


def room_tone(seconds: float = 2.0) -> Samples:
    """Return the faint noise (about -66 dBFS) of a room in which nobody speaks, the same each time."""
    noise = np.random.default_rng(0).normal(0, _TONE_RMS, round(seconds * SAMPLE_RATE))
    return np.clip(noise, -32_768, 32_767).astype(np.int16)


class Microphone:
    """A track that carries silence, or the room's `tone` again and again, until something is said."""

    def __init__(self, tone: Samples | None = None, *, keep: bool = True) -> None:
        self.chunks: list[Chunk] = []
        """All that was published, with the moment at which it went out; nothing without `keep`."""
        self._keep = keep
        self._source = rtc.AudioSource(SAMPLE_RATE, 1, queue_size_ms=200)
        self._track: rtc.LocalAudioTrack | None = None
        self._tone = np.zeros(_FRAME, dtype=np.int16) if tone is None else tone
        self._sayings: deque[_Saying] = deque()

    async def publish(self, participant: rtc.LocalParticipant) -> None:
        """Publish the track; `run` feeds it."""
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        await participant.publish_track(self._track, options)

    def mute(self, muted: bool) -> None:
        """Mute the published track, as a page's button does, or unmute it."""
        if self._track is None:
            raise MachineError("the microphone is not published yet")
        if muted:
            self._track.mute()
        else:
            self._track.unmute()

    async def say(self, samples: Samples) -> Interval:
        """Say it, and return when its first sample and its end went out."""
        saying = _Saying(samples, asyncio.get_running_loop().create_future())
        self._sayings.append(saying)
        return await saying.done

    async def run(self) -> None:
        """Feed the track until cancelled; what is unsaid then is cancelled too."""
        due_s = time.monotonic()
        try:
            while True:
                behind_s = time.monotonic() - due_s
                if behind_s > _FALLEN_BEHIND_S:
                    due_s += behind_s
                at_s = due_s + _LEAD_S
                samples = self._next(at_s)
                if self._keep:
                    self.chunks.append(Chunk(at_s, samples))
                await self._source.capture_frame(rtc.AudioFrame(samples.tobytes(), SAMPLE_RATE, 1, _FRAME))
                due_s += _FRAME_S
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        finally:
            while self._sayings:
                self._sayings.popleft().done.cancel()
            await self._source.aclose()

    def _next(self, at_s: float) -> Samples:
        """Return the 20 ms that go out at `at_s`."""
        frame = self._tone[:_FRAME].copy()
        self._tone = np.roll(self._tone, -_FRAME)
        if not self._sayings:
            return frame
        saying = self._sayings[0]
        now, saying.rest = saying.rest[:_FRAME], saying.rest[_FRAME:]
        frame[: len(now)] = now
        if saying.began_s is None:
            saying.began_s = at_s
        if len(saying.rest) == 0:
            self._sayings.popleft()
            if not saying.done.cancelled():
                saying.done.set_result(Interval(saying.began_s, at_s + len(now) / SAMPLE_RATE))
        return frame


class Camera:
    """A track that shows the person, but for the stretch in which the person is away."""

    def __init__(self, scene: Scene) -> None:
        self.left_s: float | None = None
        """When the first picture without the person was published."""
        self.returned_s: float | None = None
        """When the first picture with the person again was published."""
        self._scene = scene
        self._source = rtc.VideoSource(WIDTH, HEIGHT)
        self._away: Interval | None = None

    async def publish(self, participant: rtc.LocalParticipant) -> None:
        """Publish the track; `run` feeds it."""
        track = rtc.LocalVideoTrack.create_video_track("camera", self._source)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA,
            simulcast=False,
            video_codec=rtc.VideoCodec.VP8,
            video_encoding=rtc.VideoEncoding(max_framerate=_PICTURES_PER_S, max_bitrate=_VIDEO_BITS_PER_S),
        )
        await participant.publish_track(track, options)

    def leave(self, *, at_s: float, for_s: float) -> None:
        """Let the person be away once, from then on for so long."""
        self._away = Interval(at_s, at_s + for_s)

    async def run(self) -> None:
        """Feed the track until cancelled."""
        began_s = due_s = time.monotonic()
        try:
            while True:
                self._show(due_s - began_s)
                due_s = max(due_s + 1 / _PICTURES_PER_S, time.monotonic())
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        finally:
            await self._source.aclose()

    def _show(self, at_s: float) -> None:
        now_s = time.monotonic()
        away = self._away is not None and self._away.start_s <= now_s < self._away.end_s
        image = self._scene.empty(at_s) if away else self._scene.person(at_s)
        self._source.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, i420(image)))
        if away and self.left_s is None:
            self.left_s = time.monotonic()
        if not away and self.left_s is not None and self.returned_s is None:
            self.returned_s = time.monotonic()
