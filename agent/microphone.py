"""Whether anything comes from the candidate's microphone: somebody who cannot be heard is told so, not prompted."""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from livekit import rtc

from agent.dialogue.events import Microphone

MISSING_S = 8.0
"""How long a page may take to publish a microphone, after its candidate has come."""

SILENT_S = 25.0
"""Digital silence of this length: a room is never so still, though a browser's noise gate may be for a while."""

_LOOK_S = 1.0
_SAMPLE_EVERY_S = 0.5
_NO_SOUND = 2
"""Amplitude, of 32,767, up to which a sample counts as none."""


class Signs(NamedTuple):
    """What is seen of a candidate's microphone."""

    here_s: float | None
    """How long the candidate has been in the room; None while they are not."""
    published: bool
    muted: bool
    soundless_s: float
    """How long nothing but digital silence has come."""


def judge(signs: Signs) -> Microphone:
    """Say what is the matter with a microphone. Pure; whoever is not there has nothing the matter."""
    if signs.here_s is None:
        return Microphone.OK
    if not signs.published:
        return Microphone.MISSING if signs.here_s >= MISSING_S else Microphone.OK
    if signs.muted:
        return Microphone.MUTED
    return Microphone.SILENT if signs.soundless_s >= SILENT_S else Microphone.OK


class MicrophoneWatch:
    """Looks at one participant's microphone once a second, and tells each time what it found."""

    def __init__(self, room: rtc.Room, identity: str, tell: Callable[[Microphone], None]) -> None:
        self._room = room
        self._identity = identity
        self._tell = tell
        self._here_since: float | None = None
        self._sound_at = time.monotonic()
        self._sampled_at = 0.0

    def heard(self, frame: rtc.AudioFrame) -> None:
        """Look at one frame of many for sound."""
        now = time.monotonic()
        if now - self._sampled_at < _SAMPLE_EVERY_S:
            return
        self._sampled_at = now
        if np.abs(np.frombuffer(frame.data, np.int16)).max(initial=0) > _NO_SOUND:
            self._sound_at = now

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._tell(judge(self._signs()))
            await asyncio.sleep(_LOOK_S)

    def _signs(self) -> Signs:
        now = time.monotonic()
        candidate = self._room.remote_participants.get(self._identity)
        if candidate is None:
            self._here_since = None
            return Signs(None, published=False, muted=False, soundless_s=0)
        self._here_since = self._here_since or now
        microphones = [
            publication
            for publication in candidate.track_publications.values()
            if publication.source == rtc.TrackSource.SOURCE_MICROPHONE
        ]
        muted = all(publication.muted for publication in microphones)
        if muted:
            self._sound_at = now  # silence counts from when it is switched on again
        return Signs(now - self._here_since, bool(microphones), muted, now - self._sound_at)
