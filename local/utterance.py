"""Turns a persona's phrases into one stretch of audio with the pauses where the persona makes them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from local.inference.tts import SAMPLE_RATE, synthesise
from local.listening import Samples, voiced_intervals
from local.persona import Phrase, VoiceChoice, text_of

_EDGE_S = 0.01
_PEAK = 0.6 * 32767


@dataclass(frozen=True)
class Said:
    """A phrase as it lies in its utterance's audio, from its first to its last sound."""

    start_s: float
    end_s: float
    text: str


class TimedWord(NamedTuple):
    """A word and when it is said, in seconds of its utterance's audio."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Utterance:
    """Audio at 24 kHz that begins and ends with sound (or next to it), its words, and its phrases, if they are known.

    `ends` is False for a recording that stops in mid-turn; `person` names whoever speaks, where it is a recording.
    """

    samples: Samples
    text: str
    phrases: tuple[Said, ...] = ()
    ends: bool = True
    person: str | None = None

    @property
    def duration_s(self) -> float:
        """How long it takes to say."""
        return len(self.samples) / SAMPLE_RATE

    def words(self) -> tuple[TimedWord, ...]:
        """Return its words; each phrase's time is shared out among them by their letters."""
        return tuple(word for phrase in self.phrases for word in _words(phrase))


def _words(phrase: Said) -> list[TimedWord]:
    texts = phrase.text.split()
    letter_s = (phrase.end_s - phrase.start_s) / max(1, sum(map(len, texts)))
    words, at_s = list[TimedWord](), phrase.start_s
    for text in texts:
        words.append(TimedWord(text, at_s, at_s + len(text) * letter_s))
        at_s += len(text) * letter_s
    return words


def utter(speech: tuple[Phrase, ...], voice: VoiceChoice) -> Utterance:
    """Speak the phrases; blocks while the voice is computed. Raises what `local.inference.tts.synthesise` raises."""
    parts, phrases, at_s = list[Samples](), list[Said](), 0.0
    for phrase in speech:
        pcm, _ = synthesise(phrase.say, voice.engine, voice.voice, voice.speed)
        spoken = _trimmed(np.frombuffer(pcm, dtype="<i2").astype(np.int16))
        parts += [spoken, _silence(phrase.pause_s)]
        end_s = at_s + len(spoken) / SAMPLE_RATE
        phrases.append(Said(at_s + _EDGE_S, end_s - _EDGE_S, phrase.say))
        at_s = end_s + phrase.pause_s
    return Utterance(_levelled(np.concatenate(parts[:-1])), text_of(speech), tuple(phrases))


def _silence(duration_s: float) -> Samples:
    return np.zeros(round(duration_s * SAMPLE_RATE), dtype=np.int16)


def _trimmed(samples: Samples) -> Samples:
    """Cut the silence that engines leave around what they speak, so that a pause is as long as the persona says."""
    voiced = voiced_intervals(samples, SAMPLE_RATE)
    if not voiced:
        return samples
    first = max(0, round((voiced[0].start_s - _EDGE_S) * SAMPLE_RATE))
    return samples[first : round((voiced[-1].end_s + _EDGE_S) * SAMPLE_RATE)]


def _levelled(samples: Samples) -> Samples:
    """Bring every voice to the same peak."""
    peak = int(np.abs(samples.astype(np.int32)).max(initial=0))
    return samples if peak == 0 else (samples * (_PEAK / peak)).astype(np.int16)
