"""Whose voice it is: CAM++ over stretches of speech, compared with the candidate's own from the start of the interview.

Nothing is compared with anybody else's voice, nothing is stored: the reference lives in memory and goes with the room.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from interview.incident import Observation
from interview.signals import WINDOW
from proctoring.detectors.models import checked
from proctoring.onnx_models import campplus
from proctoring.onnx_models.running import run

SHA256 = "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"

SAMPLE_RATE = 16_000
WINDOW_S = 1.6
_HOP_S = 0.4
_RESTS = 2
"""Stretches that are passed over after one that surely is the candidate's: the next one that is all somebody else's
ends 1.6 s later at the earliest."""
_FRAME, _SHIFT, _FFT = 400, 160, 512
_PREEMPHASIS = 0.97
_FRAMES = 1 + (int(WINDOW_S * SAMPLE_RATE) - _FRAME) // _SHIFT
_LOWEST_HZ = 20.0

_ENROL_S = 8.0
"""Speech that the candidate's reference is made of at least; the first to speak in an interview is the candidate."""
_ENROL_AT_MOST = 40
_SPOKEN_SHARE = 0.75
"""Of a stretch that must be speech before it is compared."""
_OVER_FLOOR = 4.0
"""How many times as loud as the quietest tenth of the last half minute speech is, in amplitude."""
_QUIETEST = 0.003
"""Amplitude, of 1, under which nothing is speech."""
_BLOCK_S = 0.02
_REMEMBER_BLOCKS = 1500
_LIKE, _UNLIKE = 0.55, 0.15
"""Cosine between the stretch and the reference from which it is surely, and under which surely not, the candidate."""


class VoiceModel:
    """CAM++ from a checkpoint of 3D-Speaker. Not safe to use from two threads at once.

    Raises `ConfigurationError` if the model is missing or altered.
    """

    name = "campplus"
    version = "common-advanced"

    def __init__(self, checkpoint: Path) -> None:
        checked(checkpoint, SHA256, "VOICE_MODEL", "campplus_cn_en_common.pt")
        self._session = campplus.load(checkpoint, _FRAMES)

    def embed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the unit vector (192) of a stretch of `WINDOW_S` at 16 kHz, amplitude 1."""
        found = run(self._session, log_mels(samples)[None])[0][0]
        return found / np.linalg.norm(found)


@dataclass(frozen=True)
class _Heard:
    at: datetime
    vector: NDArray[np.float32]


class VoiceWatch:
    """The voices on one candidate's microphone."""

    def __init__(self) -> None:
        self._ring = np.zeros(int(WINDOW_S * SAMPLE_RATE), dtype=np.float32)
        self._levels: deque[float] = deque(maxlen=_REMEMBER_BLOCKS)
        self._rest = np.zeros(0, dtype=np.float32)
        self._blocks = 0
        self._own: list[NDArray[np.float32]] = []
        self._reference: NDArray[np.float32] | None = None
        self._rests = 0
        self._paused = False

    def hear(self, at: datetime, samples: NDArray[np.float32], model: VoiceModel) -> list[Observation]:
        """Add sound that ended `at`; returns what the stretches that are complete now say.

        `second_voice` is 0 where the candidate speaks and 1 where surely somebody else does; silence says nothing,
        nor does anything before the candidate's own voice is known.
        """
        if self._paused:
            self._forget()
        samples = np.concatenate([self._rest, samples])
        size = int(_BLOCK_S * SAMPLE_RATE)
        whole = len(samples) // size
        self._rest = samples[whole * size :]
        found: list[Observation] = []
        for number in range(whole):
            block = samples[number * size : (number + 1) * size]
            self._ring = np.concatenate([self._ring[size:], block])
            self._levels.append(float(np.sqrt(np.mean(block**2))))
            self._blocks += 1
            if self._blocks % round(_HOP_S / _BLOCK_S):
                continue
            if self._rests:
                self._rests -= 1
                continue
            ended = at - timedelta(seconds=(len(samples) - (number + 1) * size) / SAMPLE_RATE)
            observation = self._judge(ended, model)
            if observation is not None:
                self._rests = _RESTS if observation.values["likeness"] >= _LIKE else 0
                found.append(observation)
        return found

    def pause(self) -> None:
        """Forget, before the next sound, what was heard last: the microphone was away. The reference stays.

        Any thread may say so, also while a sound is being listened to.
        """
        self._paused = True

    def _forget(self) -> None:
        self._paused, self._rests = False, 0
        self._ring[:] = 0
        self._levels.clear()
        self._rest = self._rest[:0]

    def _judge(self, at: datetime, model: VoiceModel) -> Observation | None:
        blocks = round(WINDOW_S / _BLOCK_S)
        if len(self._levels) < blocks:
            return None
        levels = np.array(self._levels)
        needed = max(_QUIETEST, _OVER_FLOOR * float(np.percentile(levels, 10)))
        # pauses inside words and between them are part of speech
        spoken = np.convolve(levels[-blocks:] >= min(needed, 0.02), np.ones(9), "same") > 0
        if float(spoken.mean()) < _SPOKEN_SHARE:
            return None
        vector = model.embed(self._ring)
        if self._reference is None:
            self._enrol(vector)
            return None
        likeness = float(vector @ self._reference)
        other = min(1.0, max(0.0, (_LIKE - likeness) / (_LIKE - _UNLIKE)))
        values = {"second_voice": round(other, 3), "likeness": round(likeness, 3), WINDOW: WINDOW_S}
        return Observation(at=at, detector=model.name, version=model.version, values=values)

    def _enrol(self, vector: NDArray[np.float32]) -> None:
        self._own.append(vector)
        if len(self._own) * _HOP_S < _ENROL_S:
            return
        mean = np.mean(self._own, axis=0)
        self._reference = mean / np.linalg.norm(mean)
        self._own = []


def log_mels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (frames, 80) log mel energies as Kaldi computes them (25 ms, 10 ms, Povey window), mean-normalised."""
    count = 1 + (len(samples) - _FRAME) // _SHIFT
    at = np.arange(_FRAME)[None, :] + _SHIFT * np.arange(count)[:, None]
    frames = samples[at].astype(np.float64) * 32768
    frames -= frames.mean(axis=1, keepdims=True)
    frames -= _PREEMPHASIS * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    power = np.abs(np.fft.rfft(frames * _window(), _FFT)) ** 2
    energies = np.log(np.maximum(power @ _filters().T, 1.2e-7))
    return (energies - energies.mean(axis=0)).astype(np.float32)


@cache
def _window() -> NDArray[np.float64]:
    return np.hanning(_FRAME) ** 0.85


@cache
def _filters() -> NDArray[np.float64]:
    """Kaldi's triangles on the mel scale, (80, bins)."""

    def mel(hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return 1127.0 * np.log(1 + np.asarray(hz) / 700.0)

    edges = np.linspace(mel(_LOWEST_HZ), mel(SAMPLE_RATE / 2), campplus.MELS + 2)
    bins = mel(np.arange(_FFT // 2 + 1) * SAMPLE_RATE / _FFT)
    up = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(up, down))
