"""Puts frames that arrived over time onto one stereo timeline. Pure, but for writing the WAV."""

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from local.listening import Samples

_GAP_S = 0.2
_LOOKAHEAD = 100


@dataclass(frozen=True)
class Chunk:
    """Samples and the moment (seconds, any fixed origin) at which their first one was heard or played."""

    at_s: float
    samples: Samples


def place(chunks: Sequence[Chunk], sample_rate: int) -> list[float]:
    """Return where each chunk begins, in seconds.

    Audio is continuous but its delivery is not: a busy process gets frames late, in bursts. So a chunk follows the
    one before it by its length; the origin of an unbroken run is the *earliest* delivery in it, since lateness can
    only add. A run ends where audio is really missing: the chunk comes more than 0.2 s after the end of the one
    before, and none of the next hundred catches up.
    """
    starts: list[float] = []
    for first, last in _unbroken(chunks, sample_rate):
        lengths = np.array([len(chunk.samples) / sample_rate for chunk in chunks[first:last]])
        within = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
        arrived = np.array([chunk.at_s for chunk in chunks[first:last]])
        origin = float(np.min(arrived - within))
        starts.extend(float(origin + offset) for offset in within)
    return starts


def lay_out(chunks: Sequence[Chunk], sample_rate: int, *, start_s: float, length: int) -> Samples:
    """Return `length` samples that begin at `start_s`: the chunks where they belong, silence between them."""
    track = np.zeros(length, dtype=np.int16)
    for chunk, at_s in zip(chunks, place(chunks, sample_rate), strict=True):
        begin = round((at_s - start_s) * sample_rate)
        skipped = max(0, -begin)
        end = min(begin + len(chunk.samples), length)
        if end > begin + skipped:
            track[begin + skipped : end] = chunk.samples[skipped : end - begin]
    return track


def write_stereo(path: Path, left: Samples, right: Samples, sample_rate: int) -> None:
    """Write two channels of equal length as a 16-bit WAV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.column_stack([left, right]).astype("<i2").tobytes())


def _unbroken(chunks: Sequence[Chunk], sample_rate: int) -> list[tuple[int, int]]:
    """Split into runs of continuous audio; each is a half-open range of indices."""
    # How far behind a chunk's place by the running count its delivery came; what a gap adds, it adds for good.
    behind: list[float] = []
    counted_s = 0.0
    for chunk in chunks:
        behind.append(chunk.at_s - counted_s)
        counted_s += len(chunk.samples) / sample_rate
    runs: list[tuple[int, int]] = []
    first, origin = 0, behind[0] if behind else 0.0
    for index in range(1, len(chunks)):
        origin = min(origin, behind[index])
        if behind[index] - origin > _GAP_S and min(behind[index : index + _LOOKAHEAD]) - origin > _GAP_S:
            runs.append((first, index))
            first, origin = index, behind[index]
    if chunks:
        runs.append((first, len(chunks)))
    return runs
