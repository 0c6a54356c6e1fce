"""Two channels of audio placed on the wall clock, cut into segments. Pure: times come from the caller."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CANDIDATE = 0
INTERVIEWER = 1


class CutSegment(NamedTuple):
    """A finished stretch: `started_at` in seconds since 1970, `samples` of shape (frames, 2)."""

    started_at: float
    samples: NDArray[np.int16]


class Timeline:
    """Holds what is not yet cut. `origin` is the wall-clock second of the first sample."""

    def __init__(self, sample_rate: int, segment_s: float, origin: float) -> None:
        self.sample_rate = sample_rate
        self._length = round(segment_s * sample_rate)
        self._origin = origin
        self._cut = 0  # samples since origin that have been handed out
        self._buffer = np.zeros((2 * self._length, 2), np.int16)
        self.dropped = 0

    @property
    def segment_due_at(self) -> float:
        """The wall-clock second at which the open segment ends."""
        return self._origin + (self._cut + self._length) / self.sample_rate

    def place(self, channel: int, at: float, samples: NDArray[np.int16]) -> None:
        """Put mono samples at wall-clock second `at`.

        What belongs to a segment that was already cut is dropped; the candidate's is counted in `dropped`.
        """
        start = round((at - self._origin) * self.sample_rate)
        begin = start - self._cut
        if begin < 0:
            lost = min(len(samples), -begin)
            if channel == CANDIDATE:  # a line's audio is placed while it plays and again when that is certain
                self.dropped += lost
            samples, begin = samples[lost:], 0
        if not len(samples):
            return
        self._grow(begin + len(samples))
        self._buffer[begin : begin + len(samples), channel] = samples

    def cut(self) -> CutSegment:
        """Take the open segment, whatever of it is silent."""
        return self._take(self._length)

    def cut_rest(self, until: float) -> CutSegment | None:
        """Take what lies before `until`, shorter than a segment; None when there is nothing."""
        length = min(round((until - self._origin) * self.sample_rate) - self._cut, self._length)
        return self._take(length) if length > 0 else None

    def _take(self, length: int) -> CutSegment:
        self._grow(length)
        started_at = self._origin + self._cut / self.sample_rate
        samples = self._buffer[:length].copy()
        self._buffer = np.concatenate([self._buffer[length:], np.zeros((length, 2), np.int16)])
        self._cut += length
        return CutSegment(started_at, samples)

    def _grow(self, length: int) -> None:
        missing = length - len(self._buffer)
        if missing > 0:
            self._buffer = np.concatenate([self._buffer, np.zeros((missing + self._length, 2), np.int16)])
