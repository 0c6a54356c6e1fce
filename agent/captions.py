"""Captions run along with the interviewer's voice; this makes the reckoning behind it cheap.

The framework measures how fast a line is spoken by its spectral flux, over a second of audio ten times for each second.
It takes 160 small steps in Python each time; here it is the same sum in one piece, for a fifth of the work.
"""

from functools import cache

import numpy as np
from livekit.agents.voice.transcription._speaking_rate import SpeakingRateStream
from numpy.typing import NDArray

_FRAME_S = 0.025


@cache
def _window(length: int) -> NDArray[np.float64]:
    window = np.hanning(length)
    return window / np.sqrt(np.sum(window**2))


def spectral_flux(audio: NDArray[np.float32], sample_rate: int) -> float:
    """Return the mean change of the spectrum from one half-overlapping 25 ms frame to the next; 0 of under two."""
    length = int(sample_rate * _FRAME_S)
    hop = length // 2
    if len(audio) < length + hop:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(audio, length)[::hop]
    magnitudes = np.abs(np.fft.rfft(frames * _window(length), axis=1))
    return float(np.abs(np.diff(magnitudes, axis=0)).sum(axis=1).mean())


def _spectral_flux(self: SpeakingRateStream, audio: NDArray[np.float32], sample_rate: int) -> float:
    return spectral_flux(audio, sample_rate)


def make_cheap() -> None:
    """Have the framework reckon in this way. It makes its streams itself, so its own class is changed."""
    SpeakingRateStream._spectral_flux = _spectral_flux
