"""Answers of people who pause: human recordings in which the speakers' own pauses are made longer.

A pause that matters is one of 0.6 to 3 s inside an answer. Recordings hold few, so each natural pause between two
phrases (`pausing.yaml`) is filled up with the room's own tone, to a length that a seed draws. Nothing else of the
speech is touched, and the end of an answer is where the speaker really finished.

Everything here is deterministic: the same seed gives the same samples.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import av
import numpy as np
import yaml
from pydantic import Field, model_validator

from interview.record import Record
from local.listening import Samples
from local.utterance import Said

SAMPLE_RATE = 16_000
SHORTEST_S, LONGEST_S = 0.6, 3.0
"""Of a pause that an interviewer must bear."""

LEAD_S = 0.5
"""Room tone before the first word."""

_EDGE_S = 0.05
_FADE_S = 0.02
_TONE_S = 0.15
_SPEECH_DB = -20.0
_PEAK = 0.9

Kind = Literal["phrase", "sentence"]


class Phrase(Record):
    """What is said without a pause: where it lies in its file, its words, and what kind of pause follows."""

    start_s: float
    end_s: float
    text: str
    pause: Kind | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, row: Any) -> Any:
        return dict(zip(("start_s", "end_s", "text", "pause"), row, strict=False)) if isinstance(row, list) else row


class Clip(Record):
    """One answer in one recording; `then` is a file that goes on where `file` ends."""

    file: str
    speaker: str
    phrases: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    then: str | None = None
    ends: bool = True
    """False: the recording stops in mid-turn."""

    @property
    def name(self) -> str:
        """File and second."""
        return f"{self.file.removesuffix('.wav')}@{self.phrases[0].start_s:g}"


@dataclass(frozen=True)
class Pause:
    """A silence inside an answer, in seconds of the answer's audio; `text` is all that was said before it."""

    start_s: float
    end_s: float
    kind: Kind
    text: str


@dataclass(frozen=True)
class Answer:
    """An answer to play: 16 kHz mono, beginning with room tone; after `end_s` only room tone follows."""

    name: str
    speaker: str
    samples: Samples
    phrases: tuple[Said, ...]
    pauses: tuple[Pause, ...]
    ends: bool

    @property
    def end_s(self) -> float:
        """When the last word has been said."""
        return self.phrases[-1].end_s

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(phrase.text for phrase in self.phrases)


def clips() -> tuple[Clip, ...]:
    """Read the table of answers."""
    rows = yaml.safe_load(Path(__file__).with_name("pausing.yaml").read_text(encoding="utf-8"))
    return tuple(Clip.model_validate(row) for row in rows)


def answers(folder: Path, seed: int = 0, tail_s: float = 4.0) -> list[Answer]:
    """Make every answer from the recordings in `folder` (the asset `pausing`), its pauses drawn by `seed`."""
    return [answer(clip, folder, seed=seed, tail_s=tail_s) for clip in clips()]


def answer(
    clip: Clip, folder: Path, *, seed: int = 0, tail_s: float = 4.0, pauses_s: tuple[float, ...] | None = None
) -> Answer:
    """Make one answer; `pauses_s` gives the pauses' lengths instead of the seed, one for each."""
    drawn = np.random.default_rng([seed, *clip.name.encode()])
    if pauses_s is None:
        pauses_s = drawn_pauses(drawn, len(clip.phrases) - 1)
    if len(pauses_s) != len(clip.phrases) - 1:
        raise ValueError(f"{clip.name} has {len(clip.phrases) - 1} pauses, not {len(pauses_s)}")
    source = np.concatenate([_read(folder / name) for name in (clip.file, clip.then) if name])
    source = _levelled(source, clip)
    tone = _Tone(source, drawn)
    parts = [tone.take(LEAD_S)]
    at_s, said, pauses = LEAD_S, list[Said](), list[Pause]()
    for number, phrase in enumerate(clip.phrases):
        voice = _cut(source, phrase)
        parts.append(voice)
        # the edges that the cut leaves around a phrase are silence
        said.append(Said(at_s + _EDGE_S, at_s + len(voice) / SAMPLE_RATE - _EDGE_S, phrase.text))
        at_s += len(voice) / SAMPLE_RATE
        if number < len(pauses_s):
            parts.append(tone.take(pauses_s[number] - 2 * _EDGE_S))
            at_s += len(parts[-1]) / SAMPLE_RATE
            text = " ".join(one.text for one in said)
            pauses.append(Pause(said[-1].end_s, at_s + _EDGE_S, phrase.pause or "phrase", text))
    parts.append(tone.take(tail_s))
    return Answer(clip.name, clip.speaker, _joined(parts), tuple(said), tuple(pauses), clip.ends)


def drawn_pauses(drawn: np.random.Generator, count: int) -> tuple[float, ...]:
    """Draw lengths from 0.6 to 3 s, each octave alike: people make more short pauses than long ones."""
    exponents = drawn.uniform(np.log(SHORTEST_S), np.log(LONGEST_S), count)
    return tuple(round(float(length), 3) for length in np.exp(exponents))


class _Tone:
    """The sound of a room in which nobody speaks: the recording's quietest moments, one after the other."""

    def __init__(self, source: np.ndarray, drawn: np.random.Generator) -> None:
        size = round(_TONE_S * SAMPLE_RATE)
        pieces = source[: len(source) // size * size].reshape(-1, size)
        energy = (pieces.astype(np.float64) ** 2).mean(axis=1)
        self._quiet = pieces[np.argsort(energy, kind="stable")[:6]]
        self._drawn = drawn

    def take(self, duration_s: float) -> np.ndarray:
        """Return so much of it, without a loop that can be heard."""
        size, fade = self._quiet.shape[1], round(_FADE_S * SAMPLE_RATE)
        length = max(0, round(duration_s * SAMPLE_RATE))
        out = np.zeros(length + size, dtype=np.float32)
        ramp = np.ones(size, dtype=np.float32)
        ramp[:fade] = np.sin(np.linspace(0, np.pi / 2, fade))
        ramp[-fade:] = ramp[:fade][::-1]
        for at in range(0, length, size - fade):
            piece = self._quiet[self._drawn.integers(len(self._quiet))]
            piece = piece[::-1] if self._drawn.integers(2) else piece
            room = min(size, len(out) - at)
            out[at : at + room] += (piece * ramp)[:room]
        return out[:length]


@cache
def _read(path: Path) -> np.ndarray:
    """Read any sound file as 16 kHz mono floats."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    with av.open(str(path)) as file:
        frames = [out for frame in file.decode(audio=0) for out in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def _levelled(source: np.ndarray, clip: Clip) -> np.ndarray:
    """Bring every speaker's loud passages to the same level, as a browser's gain control does."""
    spoken = np.concatenate([_cut(source, phrase) for phrase in clip.phrases])
    hop = SAMPLE_RATE // 100
    energy = (spoken[: len(spoken) // hop * hop].reshape(-1, hop).astype(np.float64) ** 2).mean(axis=1)
    loud = float(np.sqrt(np.percentile(energy, 95)))
    gain = min(10 ** (_SPEECH_DB / 20) / loud, _PEAK / float(np.abs(spoken).max()))
    return (source * gain).astype(np.float32)


def _cut(source: np.ndarray, phrase: Phrase) -> np.ndarray:
    first = max(0, round((phrase.start_s - _EDGE_S) * SAMPLE_RATE))
    part = source[first : round((phrase.end_s + _EDGE_S) * SAMPLE_RATE)].copy()
    fade = round(_FADE_S * SAMPLE_RATE)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    part[:fade] *= ramp
    part[-fade:] *= ramp[::-1]
    return part


def _joined(parts: list[np.ndarray]) -> Samples:
    return (np.clip(np.concatenate(parts), -1, 1) * 32767).astype(np.int16)
