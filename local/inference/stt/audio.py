"""The audio of one stream: resampled to 16 kHz, cut into frames, kept as long as it is needed."""

import av
import numpy as np
from livekit.local_inference import VAD

from local.inference.stt.segmenter import FRAME_SAMPLES, SAMPLE_RATE


class Resampler:
    """Turns 16-bit mono PCM of one rate into 16 kHz, keeping its filter's state between calls."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._resampler = (
            None if rate == SAMPLE_RATE else av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        )
        self._odd = b""

    def push(self, pcm: bytes) -> np.ndarray:
        """Return the int16 samples at 16 kHz that `pcm` completes; a split sample is kept for the next call."""
        pcm = self._odd + pcm
        whole = len(pcm) - len(pcm) % 2
        pcm, self._odd = pcm[:whole], pcm[whole:]
        samples = np.frombuffer(pcm, dtype="<i2")
        if self._resampler is None or not len(samples):
            return samples
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self._rate
        return np.concatenate(
            [np.empty(0, np.int16), *(out.to_ndarray()[0] for out in self._resampler.resample(frame))]
        )


class AudioTail:
    """The latest audio of a stream, addressed by frame number since the stream began."""

    def __init__(self) -> None:
        self._samples = np.empty(0, np.int16)
        self._first = 0
        self._next = 0

    def push(self, samples: np.ndarray) -> list[np.ndarray]:
        """Append; return the frames of 512 samples that are now complete, each exactly once."""
        self._samples = np.concatenate([self._samples, samples])
        frames = []
        while (self._next - self._first + 1) * FRAME_SAMPLES <= len(self._samples):
            at = (self._next - self._first) * FRAME_SAMPLES
            frames.append(self._samples[at : at + FRAME_SAMPLES])
            self._next += 1
        return frames

    def slice(self, start: int, end: int) -> np.ndarray:
        """Frames [start, end) as float32 between -1 and 1; what was already dropped is left out."""
        first = max(0, start - self._first) * FRAME_SAMPLES
        last = max(0, end - self._first) * FRAME_SAMPLES
        return self._samples[first:last].astype(np.float32) / 32768.0

    def drop_before(self, frame: int) -> None:
        """Forget what lies before `frame`."""
        count = min(frame, self._next) - self._first
        if count > 0:
            self._samples = self._samples[count * FRAME_SAMPLES :].copy()
            self._first += count


class VoiceActivity:
    """LiveKit's on-device voice detector (0.04 ms a frame on one core); one instance a stream."""

    def __init__(self) -> None:
        self._vad = VAD()

    def probability(self, frame: np.ndarray) -> float:
        """How likely it is that this frame of 512 int16 samples is voice, 0 to 1."""
        return float(self._vad.predict(np.ascontiguousarray(frame)))

    def close(self) -> None:
        """Give the detector back."""
        self._vad.close()
