"""Delay profiles: answers after fixed times, as a hosted provider would give them, for benchmarks.

With the `hosted` profile the transcript must not cost the machine anything while latency is measured, so a
benchmark registers what will be said (`POST /v1/bench/cues`) and the stream reads it from that sheet when the
voice detector says that it was said. Nothing here is used when the profile is off.

Where several people talk at the same time, each has a sheet of their own, and is known by a quiet tone under their
voice: words come out of a stream only if their speaker's own sound went in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from local.inference.stt.protocol import Word

_AROUND_HZ = 60.0
_BESIDE_HZ = 6.0
_ABOVE_DB = 20.0


@dataclass(frozen=True)
class DelayProfile:
    """Fixed delays in seconds."""

    stt_final_s: float
    """From the end of speech to the final transcript."""
    llm_first_token_s: float
    tts_first_audio_s: float


HOSTED = DelayProfile(stt_final_s=0.25, llm_first_token_s=0.35, tts_first_audio_s=0.15)
"""What the project's latency budgets assume of a provider far away."""


@dataclass(frozen=True)
class Cue:
    """One answer that will be spoken: its text, and how long its audio lasts from first to last sound."""

    text: str
    duration_s: float


@dataclass(frozen=True)
class CueReader:
    """Reads a sheet of cues in order as the voice detector reports what part of them was spoken."""

    cues: tuple[Cue, ...]
    index: int = 0
    began_s: float | None = None
    """Stream time at which the present cue's first sound came."""
    told: int = 0
    """Words of the present cue that are already part of a final."""

    SLACK_S = 0.5

    @property
    def exhausted(self) -> bool:
        """True when no cue is left: real recognition takes over."""
        return self.index >= len(self.cues)

    def heard(self, start_s: float, end_s: float) -> tuple["CueReader", tuple[Word, ...], bool]:
        """Speech from `start_s` to `end_s` (stream time) was detected.

        Returns the reader after it, the words of that stretch (times spread evenly over the cue), and whether the
        cue is complete. A cue is complete when its duration has passed, less half a second of slack.
        """
        if self.exhausted:
            return self, (), False
        cue = self.cues[self.index]
        began = start_s if self.began_s is None else self.began_s
        texts = cue.text.split()
        share = (end_s - began) / max(cue.duration_s, 0.001)
        complete = end_s - began >= cue.duration_s - self.SLACK_S
        until = len(texts) if complete else max(self.told, min(len(texts), int(share * len(texts))))
        each = cue.duration_s / max(1, len(texts))
        words = tuple(Word(texts[i], began + i * each, began + (i + 1) * each, 0.99) for i in range(self.told, until))
        if complete:
            return replace(self, index=self.index + 1, began_s=None, told=0), words, True
        return replace(self, began_s=began, told=until), words, False


def tones_in(samples: np.ndarray, sample_rate: int, tones_hz: Iterable[float]) -> frozenset[float]:
    """Return which of these tones sound in half a second or more of mono audio.

    A steady tone stands far above what lies beside it in the spectrum; a voice's partials, which move, do not.
    """
    window = np.hanning(len(samples))
    power = np.abs(np.fft.rfft(samples * window)) ** 2 + 1e-12
    at_hz = np.fft.rfftfreq(len(samples), 1 / sample_rate)
    found: set[float] = set()
    for tone_hz in tones_hz:
        apart = np.abs(at_hz - tone_hz)
        beside = power[(apart > _BESIDE_HZ) & (apart < _AROUND_HZ)]
        peak = power[apart <= _BESIDE_HZ]
        if peak.size and beside.size and 10 * np.log10(peak.max() / beside.mean()) > _ABOVE_DB:
            found.add(tone_hz)
    return frozenset(found)
