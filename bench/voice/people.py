"""What people say in the benchmark: answers of `bench/pausing.py`, and what they say while they listen."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from bench import pausing
from local.inference.tts import SAMPLE_RATE
from local.listening import Samples
from local.utterance import Said, Utterance

_TAIL_S = 0.3
_HOP_S = 0.01
_UNDER_LOUD = 1000
"""Sound is what is less than 30 dB under a phrase's loud passages."""
_MARKS = ".,:;"


def answer(clip: pausing.Clip, folder: Path, seed: int) -> Utterance:
    """Make an answer out of a recording in `folder` (the asset `pausing`); the seed draws how long its pauses are.

    A phrase's last mark of punctuation is left out: who has heard no more than that does not know it.
    """
    made = pausing.answer(clip, folder, seed=seed, tail_s=_TAIL_S)
    samples = _at_24k(made.samples)
    phrases = tuple(_sounding(samples, Said(one.start_s, one.end_s, _open(one.text))) for one in made.phrases)
    return Utterance(samples, " ".join(one.text for one in phrases), phrases, made.ends, made.speaker)


class Listened(NamedTuple):
    """Something that somebody says while they listen: where it lies in which recording, and its words."""

    file: str
    start_s: float
    end_s: float
    text: str
    person: str


LISTENED = (
    Listened("ami_1.wav", 29.48, 29.82, "Okay.", "ami_1"),
    Listened("ami_2.wav", 23.55, 24.15, "Yeah, that's right.", "ami_2"),
    Listened("ami_4.wav", 6.86, 7.50, "Okay.", "ami_4"),
    Listened("ami_4.wav", 7.54, 8.20, "Okay.", "ami_4 again"),
    Listened("ami_6.wav", 0.05, 0.54, "Yeah.", "ami_6"),
    Listened("ami_6.wav", 15.24, 16.06, "Right. Okay.", "ami_6 again"),
    Listened("ami_7.wav", 28.40, 29.00, "Okay.", "ami_7"),
)
"""Found with whisper base, by its times of words."""


def listening(one: Listened, folder: Path) -> Utterance:
    """Make a backchannel out of a recording, as loud as the answers are."""
    clip = pausing.Clip(
        file=one.file,
        speaker=one.person,
        phrases=(pausing.Phrase(start_s=one.start_s, end_s=one.end_s, text=one.text),),
    )
    return answer(clip, folder, seed=0)


def _open(text: str) -> str:
    return text.rstrip(_MARKS)


def _sounding(samples: Samples, phrase: Said) -> Said:
    """Say where the phrase's first and last sound lie, to 10 ms."""
    hop = round(_HOP_S * SAMPLE_RATE)
    first = max(0, round((phrase.start_s - 5 * _HOP_S) * SAMPLE_RATE))
    part = samples[first : round((phrase.end_s + 5 * _HOP_S) * SAMPLE_RATE)].astype(np.float64)
    energy = (part[: len(part) // hop * hop].reshape(-1, hop) ** 2).mean(axis=1)
    loud = np.flatnonzero(energy > np.percentile(energy, 95) / _UNDER_LOUD)
    at_s = first / SAMPLE_RATE
    return Said(at_s + int(loud[0]) * _HOP_S, at_s + (int(loud[-1]) + 1) * _HOP_S, phrase.text)


def _at_24k(samples: Samples) -> Samples:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = pausing.SAMPLE_RATE
    parts = [out.to_ndarray()[0] for out in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(parts).astype(np.int16)


@cache
def clips() -> tuple[pausing.Clip, ...]:
    """Return the table of answers."""
    return pausing.clips()
