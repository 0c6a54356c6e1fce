"""What a recording says about timing: pure functions over samples, no clock and no I/O but reading one WAV.

All times are seconds from the first sample. Latency is measured here, on the audio that a candidate heard,
because what a pipeline reports of itself has been seen half a second below it.
"""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""Mono 16-bit samples, shape (n,)."""

_WINDOW_S = 0.010
_HOP_S = 0.005
_OPEN_BELOW_SPEECH_DB = 30.0
_CLOSE_BELOW_SPEECH_DB = 36.0
_FLOOR_DBFS = -60.0
_GOES_ON_WITHIN_S = 0.5
_FRESH_AFTER_S = 1.0
_SAME_S = 0.05
_APART_S = 0.08
_KNOWN_LATE_S = 0.1
"""A line may sound so much before it is known that it is said: two ways lead to the candidate."""


@dataclass(frozen=True)
class Interval:
    """A stretch of speech, in seconds from the first sample."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Its length."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Reply:
    """One answer of the interviewer to the candidate: when the candidate stopped, when the interviewer began.

    Its first sound may be one that only shows that it listens ("Mm-hm."); its line begins at `line_began_s`.
    """

    candidate_ended_s: float
    interviewer_began_s: float
    line_began_s: float

    @property
    def latency_s(self) -> float:
        """Voice to voice: to the first sound."""
        return self.interviewer_began_s - self.candidate_ended_s

    @property
    def line_latency_s(self) -> float:
        """To the line."""
        return self.line_began_s - self.candidate_ended_s


@dataclass(frozen=True)
class Exchange:
    """What two channels of one recording say about who followed whom.

    `cut_off` counts the times that the interviewer began a line although the candidate had only paused: in the
    pause, or just after the candidate had gone on.
    """

    replies: tuple[Reply, ...]
    cut_off: int


def read_stereo(source: Path | BinaryIO) -> tuple[Samples, Samples, int]:
    """Read a 16-bit stereo WAV; return left, right and the sample rate.

    Raises `ValueError` when the file is something else.
    """
    with wave.open(str(source) if isinstance(source, Path) else source, "rb") as file:
        if (file.getnchannels(), file.getsampwidth()) != (2, 2):
            raise ValueError(f"this WAV has {file.getnchannels()} channels of {file.getsampwidth()} bytes, not 2 of 2")
        both = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)
        return both[:, 0].copy(), both[:, 1].copy(), file.getframerate()


def voiced_intervals(
    samples: Samples, sample_rate: int, *, join_gap_s: float = 0.25, shortest_s: float = 0.04
) -> list[Interval]:
    """Find where somebody speaks, to about 5 ms.

    Energy in 10 ms windows with hysteresis: a stretch opens 30 dB below the channel's loud passages (their 95th
    percentile) and closes 36 dB below, never under -60 dBFS, so the channel's volume does not matter. Stretches
    closer than `join_gap_s` are one; those shorter than `shortest_s` are dropped.
    """
    hop = round(_HOP_S * sample_rate)
    level_db = _levels_db(samples, round(_WINDOW_S * sample_rate), hop)
    loud = level_db[level_db > _FLOOR_DBFS]
    if loud.size == 0:
        return []
    speech_db = float(np.percentile(loud, 95))
    opens = level_db > max(speech_db - _OPEN_BELOW_SPEECH_DB, _FLOOR_DBFS)
    stays = level_db > max(speech_db - _CLOSE_BELOW_SPEECH_DB, _FLOOR_DBFS)
    found = [
        Interval(start * hop / sample_rate, end * hop / sample_rate)
        for start, end in _runs(stays)
        if opens[start:end].any()
    ]
    return [interval for interval in _joined(found, join_gap_s) if interval.duration_s >= shortest_s]


def sounds(samples: Samples, sample_rate: int) -> list[Interval]:
    """Return when somebody made a sound, joined so little that a line is told from a listening sound before it."""
    return voiced_intervals(samples, sample_rate, join_gap_s=_APART_S)


def line_starts(heard: Sequence[Interval], lines: Sequence[Interval]) -> list[float]:
    """Return when each line that sounded began to sound.

    `heard` are stretches of the interviewer's sound, joined over no more than some hundredths of a second, `lines`
    the times from when to when it was known to be saying one. A listening sound lies in no line.
    """
    starts: list[float] = []
    for line in lines:
        within = (one.start_s for one in heard if line.start_s - _KNOWN_LATE_S <= one.start_s <= line.end_s)
        starts += [first] if (first := next(within, None)) is not None else []
    return starts


def exchange(
    candidate: Sequence[Interval], interviewer: Sequence[Interval], lines: Sequence[float] | None = None
) -> Exchange:
    """Pair each end of the candidate's speech with the interviewer's next start.

    `lines` are the starts of the interviewer's lines, where some of its sounds are none. Not a reply: a pause inside
    an answer (the candidate goes on before the interviewer says a line, or within 0.5 s of it: a person needs longer
    than that to interrupt on purpose); an end under which the interviewer was speaking already (they overlapped).
    """
    began_lines = [other.start_s for other in interviewer] if lines is None else sorted(lines)
    replies: list[Reply] = []
    cut_off = _spoken_over(candidate, interviewer, began_lines)
    for spoken, follows in zip(candidate, (*candidate[1:], None), strict=False):
        end = spoken.end_s
        if any(other.start_s <= end < other.end_s for other in interviewer):
            continue
        line = next((start for start in began_lines if start > end), None)
        goes_on = follows.start_s if follows else float("inf")
        if line is None or goes_on <= line:
            continue
        if goes_on < line + _GOES_ON_WITHIN_S:
            cut_off += 1
            continue
        began = next((other.start_s for other in interviewer if other.start_s > end), line)
        replies.append(Reply(end, min(began, line), line))
    return Exchange(tuple(replies), cut_off)


def _spoken_over(candidate: Sequence[Interval], interviewer: Sequence[Interval], lines: Sequence[float]) -> int:
    """Count the lines begun after a second or more of the interviewer's silence, under the candidate's voice."""
    fresh = [
        interval.start_s
        for before, interval in zip((None, *interviewer), interviewer, strict=False)
        if (before is None or interval.start_s - before.end_s >= _FRESH_AFTER_S)
        and any(abs(line - interval.start_s) < _SAME_S for line in lines)
    ]
    return sum(any(spoken.start_s < start < spoken.end_s for spoken in candidate) for start in fresh)


def voice_to_voice(candidate: Sequence[Interval], interviewer: Sequence[Interval]) -> list[float]:
    """Return the seconds from the candidate's end of speech to the interviewer's start, one per reply."""
    return [reply.latency_s for reply in exchange(candidate, interviewer).replies]


def first_words(interviewer: Sequence[Interval], *, after_s: float) -> float | None:
    """Return the seconds from `after_s` to the interviewer's first sound, or None when it never spoke."""
    return next((interval.start_s - after_s for interval in interviewer if interval.end_s > after_s), None)


def percentile_ms(seconds: Sequence[float], percent: float) -> int | None:
    """Return a percentile (linear between ranks) in whole milliseconds, or None of nothing."""
    return round(float(np.percentile(seconds, percent)) * 1000) if seconds else None


def _levels_db(samples: Samples, window: int, hop: int) -> npt.NDArray[np.float64]:
    """Return the level of the window around each hop's middle, in dB of full scale."""
    padded = np.concatenate([samples, np.zeros(window, dtype=np.int16)]).astype(np.float64) / 32768
    energy = np.concatenate([[0.0], np.cumsum(padded**2)])
    first = np.arange(0, max(len(samples) - hop, 0) + 1, hop)
    # The window is centred on the hop it speaks for, so that neither onset nor end is moved by its length.
    begin = np.maximum(first - (window - hop) // 2, 0)
    mean = (energy[np.minimum(begin + window, len(padded))] - energy[begin]) / window
    return 10 * np.log10(np.maximum(mean, 1e-12))


def _runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open index ranges in which `mask` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _joined(intervals: Sequence[Interval], gap_s: float) -> list[Interval]:
    if not intervals:
        return []
    cuts = [i + 1 for i, (one, two) in enumerate(pairwise(intervals)) if two.start_s - one.end_s >= gap_s]
    bounds = [0, *cuts, len(intervals)]
    return [Interval(intervals[a].start_s, intervals[b - 1].end_s) for a, b in pairwise(bounds)]
