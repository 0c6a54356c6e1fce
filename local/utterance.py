"""Turns a persona's phrases into one stretch of audio with the pauses where the persona makes them."""

from dataclasses import dataclass

import numpy as np

from local.inference.tts import SAMPLE_RATE, synthesise
from local.listening import Samples, voiced_intervals
from local.persona import Phrase, VoiceChoice, text_of

_EDGE_S = 0.01
_PEAK = 0.6 * 32767


@dataclass(frozen=True)
class Utterance:
    """Audio at 24 kHz that begins and ends with sound, and its words."""

    samples: Samples
    text: str

    @property
    def duration_s(self) -> float:
        """How long it takes to say."""
        return len(self.samples) / SAMPLE_RATE


def utter(speech: tuple[Phrase, ...], voice: VoiceChoice) -> Utterance:
    """Speak the phrases; blocks while the voice is computed. Raises what `local.inference.tts.synthesise` raises."""
    parts: list[Samples] = []
    for phrase in speech:
        pcm, _ = synthesise(phrase.say, voice.engine, voice.voice, voice.speed)
        parts += [_trimmed(np.frombuffer(pcm, dtype="<i2").astype(np.int16)), _silence(phrase.pause_s)]
    return Utterance(_levelled(np.concatenate(parts[:-1])), text_of(speech))


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
