"""What shows an incident: stills before it, during it, after it, or a few seconds of sound.

How to read one back: `jpeg = await storage.files.get(still.file_id)` for each `still` of an incident, and likewise for
each of its `clips` (Ogg Opus).
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from interview.audio import encode_segment
from interview.errors import VivaError
from interview.incident import Clip, Incident, Still
from interview.rules import IncidentChange
from interview.rules.filing import incident_of
from proctoring.detectors.frame import Frame

MAX_BYTES = 60_000
CONTENT_TYPE = "image/jpeg"
SOUND_TYPE = "audio/ogg"
BEFORE, AT, AFTER = "before", "at", "after"
MAX_CLIP_S = 10.0
"""The longest clip, and so how much of the microphone lies in memory."""

Samples = NDArray[np.float32]

_EVERY_S = 0.5
_KEPT = 30
_CLEAR_OF_START = timedelta(seconds=0.2)
_QUALITIES = (85, 75, 60, 45, 30)
_SMALLER = 0.7
_SQUARE, _MARGIN = 0.2, 0.25
_FULL_SCALE = 32767


@dataclass(frozen=True)
class Snapshot:
    """A frame as a JPEG of at most `MAX_BYTES`."""

    taken_at: datetime
    jpeg: bytes


def snapshot(frame: Frame) -> Snapshot:
    """Compress a frame, lowering quality and then size until it fits `MAX_BYTES`."""
    image = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
    while True:
        for quality in _QUALITIES:
            done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if not done:
                raise VivaError(f"a frame of {image.shape} could not be compressed", code="no_still")
            if jpeg.size <= MAX_BYTES:
                return Snapshot(frame.at, jpeg.tobytes())
        image = cv2.resize(image, None, fx=_SMALLER, fy=_SMALLER, interpolation=cv2.INTER_AREA)


def blurred(frame: Frame, boxes: Sequence[tuple[float, float, float, float]]) -> Frame:
    """Return the frame with every face but the largest made unrecognisable.

    `boxes` are x, y, width, height in pixels and may reach out of the picture. A face is averaged over squares of a
    fifth of its width, with a margin of a quarter: what is gone is gone, and no sharpening brings it back.
    """
    others = sorted(boxes, key=lambda box: -box[2] * box[3])[1:]
    if not others:
        return frame
    rgb = frame.rgb.copy()
    height, width = rgb.shape[:2]
    for x, y, box_width, box_height in others:
        left, right = _bounds(x, box_width, width)
        top, bottom = _bounds(y, box_height, height)
        if right <= left or bottom <= top:
            continue
        square = max(1, round(box_width * _SQUARE))
        small = (max(1, (right - left) // square), max(1, (bottom - top) // square))
        coarse = cv2.resize(rgb[top:bottom, left:right], small, interpolation=cv2.INTER_AREA)
        rgb[top:bottom, left:right] = cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)
    return Frame(frame.at, rgb)


def _bounds(start: float, length: float, most: int) -> tuple[int, int]:
    margin = length * _MARGIN
    return max(0, math.floor(start - margin)), min(most, math.ceil(start + length + margin))


class SoundRing:
    """The last seconds that the microphone was listened to: where clips come from. What was not heard is silent."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._kept: deque[tuple[datetime, Samples]] = deque()

    def keep(self, ended_at: datetime, samples: Samples) -> None:
        """Add mono samples (amplitude 1) that ended then, letting go of what is older than the longest clip."""
        self._kept.append((ended_at, samples))
        while self._kept and (ended_at - self._kept[0][0]).total_seconds() > MAX_CLIP_S:
            self._kept.popleft()

    def clear(self) -> None:
        """Forget everything: what lies before a pause is not evidence for what comes after it."""
        self._kept.clear()

    def clip(self, since: datetime, until: datetime) -> "Sound | None":
        """Return what was heard between two moments, at most the last `MAX_CLIP_S` of it; None where nothing was."""
        since = max(since, until - timedelta(seconds=MAX_CLIP_S))
        whole = np.zeros(max(0, round((until - since).total_seconds() * self._rate)), dtype=np.float32)
        heard = False
        for ended_at, samples in self._kept:
            first = round((ended_at - since).total_seconds() * self._rate) - len(samples)
            start, end = max(0, first), min(len(whole), first + len(samples))
            if end > start:
                whole[start:end] = samples[start - first : end - first]
                heard = True
        if not heard:
            return None
        pcm = np.clip(whole * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE).astype(np.int16)
        return Sound(since, len(whole) / self._rate, encode_segment(np.stack([pcm, pcm], axis=1), self._rate))


@dataclass(frozen=True)
class Sound:
    """A few seconds of the candidate's microphone as Ogg Opus."""

    started_at: datetime
    duration_s: float
    ogg: bytes


class StillRing:
    """The last quarter of a minute in stills, two a second: where the still *before* an incident comes from."""

    def __init__(self) -> None:
        self._kept: deque[Snapshot] = deque(maxlen=_KEPT)

    def wants(self, at: datetime) -> bool:
        """Tell whether it is time for another still."""
        return not self._kept or (at - self._kept[-1].taken_at).total_seconds() >= _EVERY_S

    def keep(self, still: Snapshot) -> None:
        """Add a still, letting go of the oldest."""
        self._kept.append(still)

    def clear(self) -> None:
        """Forget everything: what lies before a pause is not evidence for what comes after it."""
        self._kept.clear()

    def before(self, moment: datetime) -> Snapshot | None:
        """Return the last still that is clear of `moment`, or None where none was kept."""
        earlier = [still for still in self._kept if still.taken_at <= moment - _CLEAR_OF_START]
        return earlier[-1] if earlier else None


def file_id(incident: str, moment: str) -> str:
    """Derive the id under which an incident's still is stored."""
    return f"still:{incident}:{moment}"


@dataclass(frozen=True)
class Filing:
    """An incident as it is now, and the pictures that have to be stored before it."""

    incident: Incident
    pictures: tuple[tuple[str, bytes], ...] = ()
    """(file id, JPEG)."""
    sounds: tuple[tuple[str, bytes], ...] = ()
    """(file id, Ogg Opus)."""


def with_sound(filing: Filing, sound: Sound | None) -> Filing:
    """Return the filing with a clip beside its stills, if there is one. Filed again it is the same clip."""
    if sound is None:
        return filing
    key = f"clip:{filing.incident.incident_id}:{len(filing.incident.clips)}"
    clip = Clip(started_at=sound.started_at, duration_s=sound.duration_s, file_id=key)
    incident = filing.incident.model_copy(update={"clips": (*filing.incident.clips, clip)})
    return replace(filing, incident=incident, sounds=(*filing.sounds, (key, sound.ogg)))


def opened(
    change: IncidentChange, *, session_id: str, attempt: int, at: datetime, stills: dict[str, Snapshot]
) -> Filing:
    """Make the filing of an incident that was just found. `stills` maps `before` and `at` to what there is."""
    incident = incident_of(change, session_id=session_id, attempt=attempt, filed_at=at)
    return _with_stills(incident, stills)


def closed(incident: Incident, change: IncidentChange, stills: dict[str, Snapshot]) -> Filing:
    """Make the filing of an incident that is over. `stills` maps `after` to a still, where one could be taken."""
    over = incident.model_copy(update={"ended_at": change.ended_at, "confidence": change.confidence})
    return _with_stills(over, stills)


def _with_stills(incident: Incident, stills: dict[str, Snapshot]) -> Filing:
    added = tuple(
        Still(moment=moment, taken_at=still.taken_at, file_id=file_id(incident.incident_id, moment))
        for moment, still in stills.items()
    )
    pictures = tuple((file_id(incident.incident_id, moment), still.jpeg) for moment, still in stills.items())
    return Filing(incident.model_copy(update={"stills": incident.stills + added}), pictures)
