"""Resampling and the frames of a stream."""

import numpy as np
import pytest

from local.inference.stt.audio import AudioTail, Resampler, VoiceActivity
from local.inference.stt.segmenter import FRAME_SAMPLES


def tone(rate: int, seconds: float, hz: float = 440) -> np.ndarray:
    return (np.sin(2 * np.pi * hz * np.arange(int(rate * seconds)) / rate) * 10_000).astype("<i2")


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 48000])
def test_resampling_keeps_pitch_and_length_in_any_chunks(rate: int):
    pcm, resampler = tone(rate, 2).tobytes(), Resampler(rate)
    out = np.concatenate([resampler.push(pcm[at : at + 1777]) for at in range(0, len(pcm), 1777)])
    assert abs(len(out) - 32000) < 200
    spectrum = np.abs(np.fft.rfft(out[:16000]))
    assert abs(int(spectrum.argmax()) - 440) <= 1


def test_a_split_sample_is_put_together():
    resampler = Resampler(16000)
    assert len(resampler.push(b"\x01")) == 0
    assert list(resampler.push(b"\x02\x03")) == [0x0201]


def test_frames_come_once_and_slices_survive_dropping():
    tail, samples = AudioTail(), np.arange(5 * FRAME_SAMPLES, dtype=np.int16)
    frames = tail.push(samples[:700]) + tail.push(samples[700:])
    assert len(frames) == 5
    assert np.array_equal(np.concatenate(frames), samples)
    tail.drop_before(3)
    assert np.allclose(tail.slice(3, 4) * 32768, samples[3 * FRAME_SAMPLES : 4 * FRAME_SAMPLES])
    assert len(tail.slice(0, 5)) == 2 * FRAME_SAMPLES
    tail.drop_before(99)
    assert len(tail.slice(0, 99)) == 0


def test_noise_and_silence_are_no_voice():
    vad, rng = VoiceActivity(), np.random.default_rng(1)
    quiet = [vad.probability(np.zeros(FRAME_SAMPLES, np.int16)) for _ in range(30)]
    noise = [vad.probability(rng.normal(0, 600, FRAME_SAMPLES).astype(np.int16)) for _ in range(60)]
    assert max(quiet) < 0.3
    assert max(noise) < 0.5
