"""From the recogniser's stream time to the wall clock."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from livekit.agents.stt import SpeechData
from livekit.agents.types import TimedString

from interview.clock import from_epoch
from interview.transcript import Word

_SAME_S = 0.001
"""Frames that follow one another this closely are one stretch."""


class StreamClock:
    """Maps seconds of audio pushed into a stream to wall-clock seconds.

    A stream counts the audio that it was given; a muted or lost microphone gives none, so the two drift apart by
    whole gaps. Each gap begins a new stretch.
    """

    def __init__(self) -> None:
        self._pushed_s = 0.0
        self._starts: list[float] = []
        self._offsets: list[float] = []

    def pushed(self, duration_s: float, began_at: float | None) -> None:
        """Note that audio which began at `began_at` (since 1970) was pushed; None where only its length is known."""
        expected = self._pushed_s + self._offsets[-1] if self._offsets else None
        if began_at is not None and (expected is None or abs(began_at - expected) > _SAME_S):
            self._starts.append(self._pushed_s)
            self._offsets.append(began_at - self._pushed_s)
        self._pushed_s += duration_s

    def wall(self, stream_s: float) -> float:
        """Return the wall-clock second of a moment of the stream."""
        if not self._offsets:
            raise ValueError("no audio was pushed yet, so the stream has no time")
        index = max(0, bisect_right(self._starts, stream_s) - 1)
        return stream_s + self._offsets[index]


class HeardSegment(NamedTuple):
    """A final piece of recognised speech; times are wall-clock seconds since 1970."""

    text: str
    started_at: float
    ended_at: float
    words: tuple[Word, ...]
    confidence: float | None


def segment(data: SpeechData, clock: StreamClock) -> HeardSegment:
    """Turn a recogniser's final result into a segment on the wall clock."""
    words = tuple(_word(word, clock, data.confidence) for word in data.words or () if str(word).strip())
    return HeardSegment(
        text=data.text.strip(),
        started_at=words[0].started_at.timestamp() if words else clock.wall(data.start_time),
        ended_at=words[-1].ended_at.timestamp() if words else clock.wall(data.end_time),
        words=words,
        confidence=_mean([word.confidence for word in words]) if words else _share(data.confidence),
    )


def _word(word: TimedString, clock: StreamClock, fallback: float) -> Word:
    start = word.start_time if isinstance(word.start_time, int | float) else 0.0
    end = word.end_time if isinstance(word.end_time, int | float) else start
    confidence = word.confidence if isinstance(word.confidence, int | float) else fallback
    return Word(
        text=str(word).strip(),
        started_at=from_epoch(clock.wall(start)),
        ended_at=from_epoch(clock.wall(max(start, end))),
        confidence=_share(confidence),
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, float(value)))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
