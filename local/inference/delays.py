"""Delay profiles: answers after fixed times, as a hosted provider would give them, for benchmarks.

With the `hosted` profile the transcript must not cost the machine anything while latency is measured, so a
benchmark tells what will be said (`POST /v1/bench/cues`), either everything before a stream begins, or each answer just
before it is said. The stream matches it to the audio by the voice detector: the cue's first word begins with the first
voice, its words are told as interims when they have ended, and at each pause what was said until then becomes final.
Nothing here is used when the profile is off.

Where several people talk at the same time, each has a sheet of their own, and is known by a quiet tone under their
voice: words come out of a stream only if their speaker's own sound went in.
"""

from collections import deque
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
    """One answer that will be spoken: its text, and how long its audio lasts from first to last sound.

    `words` are timed from the audio's first sample; without them the text is spread evenly over the duration.
    """

    text: str
    duration_s: float
    words: tuple[Word, ...] = ()

    def timed(self) -> tuple[Word, ...]:
        """Return the words with their times."""
        texts = self.text.split()
        each = self.duration_s / max(1, len(texts))
        return self.words or tuple(Word(text, i * each, (i + 1) * each, 0.99) for i, text in enumerate(texts))


@dataclass(frozen=True)
class CueReader:
    """Reads a sheet of cues in order as the voice detector reports what part of them was spoken."""

    cues: tuple[Cue, ...]
    index: int = 0
    began_s: float | None = None
    """Stream time of the present cue's first sample."""
    told: int = 0
    """Words of the present cue that are already part of a final."""

    SLACK_S = 0.5
    """Where only a duration is known, a cue is complete when it has passed less so much."""

    EARLY_S = 0.1
    """The voice detector may hold a word for over, or not begun, so much too soon."""

    @property
    def exhausted(self) -> bool:
        """True when no cue is left: real recognition takes over."""
        return self.index >= len(self.cues)

    def heard(self, start_s: float, end_s: float) -> tuple["CueReader", tuple[Word, ...], bool]:
        """Speech from `start_s` to `end_s` (stream time) was detected, and a pause follows.

        Returns the reader after it, the words of that stretch, and whether the cue is complete.
        """
        if self.exhausted:
            return self, (), False
        cue, began = self.cues[self.index], self._began(start_s)
        words = cue.timed()
        if cue.words:
            until = sum(word.start_s < end_s - began + self.EARLY_S for word in words)
        else:
            passed = end_s - began >= cue.duration_s - self.SLACK_S
            until = len(words) if passed else int((end_s - began) / max(cue.duration_s, 0.001) * len(words))
        until = max(self.told, min(len(words), until))
        told = tuple(word.shifted(began) for word in words[self.told : until])
        if until == len(words):
            return replace(self, index=self.index + 1, began_s=None, told=0), told, True
        return replace(self, began_s=began, told=until), told, False

    def so_far(self, start_s: float, at_s: float) -> tuple[Word, ...]:
        """Return the words that have ended at `at_s` and are part of no final, of speech that began at `start_s`."""
        if self.exhausted:
            return ()
        began = self._began(start_s)
        words = self.cues[self.index].timed()[self.told :]
        return tuple(word.shifted(began) for word in words if began + word.end_s <= at_s)

    def _began(self, start_s: float) -> float:
        words = self.cues[self.index].words
        return self.began_s if self.began_s is not None else start_s - (words[0].start_s if words else 0.0)


class CueBoard:
    """Cues that are about to be said: the next stream that hears a voice takes the oldest."""

    KEPT_S = 10.0
    MOST = 100

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Cue]] = deque(maxlen=self.MOST)

    def announce(self, cues: Iterable[Cue], now_s: float) -> None:
        """Put cues on the board, in the order in which they will be said."""
        self._waiting.extend((now_s, cue) for cue in cues)

    def take(self, now_s: float) -> Cue | None:
        """Return the cue of the speech that begins now; None where nobody announced any within the last seconds."""
        while self._waiting:
            announced_s, cue = self._waiting.popleft()
            if now_s - announced_s <= self.KEPT_S:
                return cue
        return None


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
