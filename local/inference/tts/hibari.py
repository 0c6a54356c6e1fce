"""The `hibari` engine: a small neural voice, about 75 times faster than speech on one core."""

import re
from collections.abc import Iterator

import numpy as np

from interview.errors import ConfigurationError, Invalid

SHIFTS = {"default": 1.0, "low": 1.2, "high": 0.88}
"""Voice to factor: speech is made that much faster, then played that much slower, which moves pitch and formants
down by the factor and leaves the tempo."""
SPEAKS_BEST_ABOVE, SPEAKS_BEST_BELOW = 0.5, 2.0
EDGE_SAMPLES = 240
QUIET = 0.003
LEAD_SAMPLES = 480
"""Hibari leaves 0.3 s of silence before each sentence, which every reply would come later by; 20 ms are kept."""
_LONG_NUMBER = re.compile(r"\d{13,}")


def without_lead(audio: np.ndarray) -> np.ndarray:
    """Cut the silence before the first sound, but for `LEAD_SAMPLES`."""
    sounding = np.flatnonzero(np.abs(audio) > QUIET)
    return audio[max(0, int(sounding[0]) - LEAD_SAMPLES) :] if len(sounding) else audio


def stretch(audio: np.ndarray, factor: float) -> np.ndarray:
    """Resample float32 audio to `factor` times its length, by linear interpolation of an oversampled spectrum."""
    if factor == 1.0 or len(audio) < 2:
        return audio
    length = len(audio)
    padded = np.pad(audio, (EDGE_SAMPLES, EDGE_SAMPLES))
    fine = np.fft.irfft(np.fft.rfft(padded), 4 * len(padded)) * 4
    at = (EDGE_SAMPLES + np.arange(int(length * factor)) / factor) * 4
    return np.interp(at, np.arange(len(fine)), fine).astype(np.float32)


class HibariVoice:
    """Loads the model and the pronunciation rules once."""

    def __init__(self) -> None:
        """Raises `ConfigurationError` when the package or its model cannot be loaded."""
        try:
            from hibari import Hibari

            self._hibari = Hibari()
            self._hibari("Ready.", seed=1)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise ConfigurationError(f"the hibari voice cannot be loaded: {error}") from error

    def voices(self) -> tuple[str, ...]:
        """The voices this engine has."""
        return tuple(SHIFTS)

    def stream(self, text: str, voice: str, speed: float) -> Iterator[np.ndarray]:
        """One piece a sentence; the same request always gives the same audio."""
        if voice not in SHIFTS:
            raise Invalid(f"hibari has no voice {voice[:40]!r}; it has {', '.join(SHIFTS)}", parameter="voice")
        factor = SHIFTS[voice]
        made_at = min(max(speed * factor, SPEAKS_BEST_ABOVE), SPEAKS_BEST_BELOW)
        # Its number rules end at about 20 digits; a longer run is read digit by digit.
        text = _LONG_NUMBER.sub(lambda run: " ".join(run.group()), text)
        try:
            for piece in self._hibari.stream(text, speed=made_at, seed=1):
                yield without_lead(stretch(piece, factor))
        except (LookupError, ValueError, ArithmeticError, RuntimeError) as error:
            raise Invalid(f"hibari cannot pronounce this text ({type(error).__name__})", parameter="input") from error
