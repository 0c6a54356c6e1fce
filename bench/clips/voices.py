"""Sound with a second voice in it: people who read or talk, and others who say something in their pauses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Sound = NDArray[np.float32]

HELD_OUT = frozenset({"lecture", "jfk", "ami_3", "ami_5"})
"""Voices on which nothing was tried while the detector and its rule were set."""

_LEAD_S = 22.0
_GAP_S = 9.0


@dataclass(frozen=True)
class VoiceClip:
    """`samples` at 16 kHz; `others` are the stretches (start, end, in seconds) in which somebody else speaks alone.

    `material_s` is how long the speaker's own recording is before it repeats itself.
    """

    name: str
    speaker: str
    samples: Sound
    others: tuple[tuple[float, float], ...]
    held_out: bool
    material_s: float


def read(path: Path) -> Sound:
    """Read a recording as mono at 16 kHz, its speech at a usual loudness."""
    parts: list[Sound] = []
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", RATE)
        for frame in container.decode(audio=0):
            parts += [part.to_ndarray()[0].astype(np.float32) / 32768 for part in resampler.resample(frame)]
    return levelled(np.concatenate(parts))


def levelled(sound: Sound) -> Sound:
    """Bring speech to an amplitude of 0.08 in its louder half."""
    blocks = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    levels = np.sqrt((blocks**2).mean(axis=1))
    loud = float(np.percentile(levels, 75))
    return np.clip(sound * (0.08 / max(loud, 1e-4)), -0.98, 0.98).astype(np.float32)


def lively(sound: Sound, seconds: float) -> Sound:
    """Return the stretch of this length in which most is said."""
    size = int(seconds * RATE)
    if len(sound) <= size:
        return sound
    starts = range(0, len(sound) - size, RATE // 4)
    return max((sound[start : start + size] for start in starts), key=lambda part: float((np.abs(part) > 0.02).mean()))


def voice_clips(folder: Path, quick: bool) -> list[VoiceClip]:
    """Make the clips: each lead speaks, then again and again somebody else says something of 2.2 to 4 s, alone."""
    austen = np.concatenate([read(folder / f"austen_{n}.wav") for n in range(1, 6)])
    leads = {
        "two_cities": read(folder / "two_cities.wav"),
        "austen": austen,
        "lecture": read(folder / "lecture.wav"),
        "jfk": read(folder / "jfk.wav"),
    }
    names = ("ami_3", "ami_5", "jfk", "lecture", "austen", "two_cities")
    voices = {name: leads[name] if name in leads else read(folder / f"{name}.wav") for name in names}
    found: list[VoiceClip] = []
    for n in range(2 if quick else 8):
        lead = list(leads)[n % len(leads)]
        others = [name for name in names if name != lead]
        said = [(others[(n + k) % len(others)], (2.2, 3.0, 4.0)[k % 3], 1.0 if k % 2 else 0.5) for k in range(5)]
        parts, marks = [looped(leads[lead], 0, _LEAD_S)], []
        at_s = _LEAD_S
        for k, (name, seconds, gain) in enumerate(said):
            piece = lively(np.roll(voices[name], -k * 3 * RATE), seconds) * gain
            parts += [_quiet(0.4), piece, _quiet(0.4), looped(leads[lead], at_s, _GAP_S)]
            marks.append((at_s + 0.4, at_s + 0.4 + len(piece) / RATE))
            at_s += 0.8 + len(piece) / RATE + _GAP_S
        samples = np.concatenate(parts)
        room = np.random.default_rng(n).normal(0, 0.0008, len(samples)).astype(np.float32)
        apart = lead in HELD_OUT or n % 2 == 1
        own_s = len(leads[lead]) / RATE
        found.append(VoiceClip(f"voice-{n}", lead, samples + room, tuple(marks), apart, own_s))
    return found


def looped(sound: Sound, start_s: float, seconds: float) -> Sound:
    """Take a stretch of a recording that begins anew at its end."""
    at = (int(start_s * RATE) + np.arange(int(seconds * RATE))) % len(sound)
    return sound[at]


def _quiet(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), dtype=np.float32)


def speakers(clips: Sequence[VoiceClip]) -> set[str]:
    """Return whose voices lead."""
    return {clip.speaker for clip in clips}
