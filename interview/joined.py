"""A recording as one WAV of which any part can be made by itself: which segment lies where. Pure.

Every segment stands at its wall-clock time; stretches that nothing covers are silent, and where two overlap the earlier
is heard. What a segment's audio is short of is silent too, so that every byte has its place before any is decoded.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interview.audio import JOINED_RATE, Samples
from interview.errors import Invalid, NotFound
from interview.recording import RecordingSegment

HEADER_BYTES = 44
FRAME_BYTES = 4
"""Two channels of 16 bits."""
_MAX_JOINED_S = 6 * 3600
_SILENCE_FRAMES = 5 * JOINED_RATE
"""What silence is given out at a time."""


@dataclass(frozen=True)
class Stretch:
    """Frames `start` to `end` of the joined recording: of a segment, from its frame `offset` on, or silence (None)."""

    start: int
    end: int
    segment: RecordingSegment | None = None
    offset: int = 0

    def bytes_of(self, samples: Samples | None) -> bytes:
        """Return its bytes, from the samples of its segment; what they are short of is silent."""
        if samples is None:
            return bytes((self.end - self.start) * FRAME_BYTES)
        frames = self.end - self.start
        sound = samples[self.offset : self.offset + frames].astype("<i2", copy=False).tobytes()
        return sound + bytes(frames * FRAME_BYTES - len(sound))


class Joined:
    """The segments of one recording, joined.

    Raises `NotFound` (code `no_recording`) when there is none, `Invalid` when their times span more than six hours.
    """

    def __init__(self, segments: Sequence[RecordingSegment]) -> None:
        if not segments:
            raise NotFound("nothing was recorded in this session", code="no_recording")
        ordered = sorted(segments, key=lambda segment: segment.started_at)
        self.started_at = ordered[0].started_at
        total_s = (max(segment.ended_at for segment in ordered) - self.started_at).total_seconds()
        if total_s > _MAX_JOINED_S:
            raise Invalid(f"the segments span {total_s:.0f} s, more than the {_MAX_JOINED_S} s that are joined")
        self.frames = round(total_s * JOINED_RATE)
        self.size_bytes = HEADER_BYTES + self.frames * FRAME_BYTES
        self.stretches = tuple(self._laid_out(ordered))

    @property
    def tag(self) -> str:
        """What changes whenever a byte of it does."""
        ids = (
            f"{segment.segment_id}@{segment.started_at.isoformat()}+{segment.duration_s}" for segment in self._heard()
        )
        return hashlib.sha256(f"{JOINED_RATE}:{self.frames}:{','.join(ids)}".encode()).hexdigest()[:32]

    @property
    def header(self) -> bytes:
        """The header of the WAV: 16 bits, stereo."""
        data_bytes = self.frames * FRAME_BYTES
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, JOINED_RATE, JOINED_RATE * FRAME_BYTES, FRAME_BYTES, 16)
        return (
            struct.pack("<4sI4s", b"RIFF", 36 + data_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)
        )

    def within(self, first: int, last: int) -> Iterator[tuple[Stretch | None, int, int]]:
        """Yield what bytes `first` to `last` (both included) are made of, in order.

        Each is a stretch, or None for the header, and from and to which of its bytes are wanted. No stretch is longer
        than a segment or five seconds.
        """
        if first < HEADER_BYTES:
            yield None, first, min(last + 1, HEADER_BYTES)
        for stretch in self.stretches:
            begin = HEADER_BYTES + stretch.start * FRAME_BYTES
            end = HEADER_BYTES + stretch.end * FRAME_BYTES
            if end <= first or begin > last:
                continue
            yield stretch, max(first - begin, 0), min(last + 1, end) - begin

    def _heard(self) -> Iterator[RecordingSegment]:
        return (stretch.segment for stretch in self.stretches if stretch.segment is not None)

    def _laid_out(self, ordered: Sequence[RecordingSegment]) -> Iterator[Stretch]:
        at = 0
        for segment in ordered:
            start = round((segment.started_at - self.started_at).total_seconds() * JOINED_RATE)
            end = min(start + round(segment.duration_s * JOINED_RATE), self.frames)
            yield from _silence(at, start)
            if end > max(at, start):
                yield Stretch(max(at, start), end, segment, offset=max(at - start, 0))
            at = max(at, end)
        yield from _silence(at, self.frames)


def _silence(start: int, end: int) -> Iterator[Stretch]:
    for begin in range(start, end, _SILENCE_FRAMES):
        yield Stretch(begin, min(begin + _SILENCE_FRAMES, end))
