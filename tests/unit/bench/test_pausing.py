"""Answers with pauses are made as they are described, and the same each time."""

import wave
from pathlib import Path

import numpy as np
import pytest

from bench import pausing
from bench.pausing import SAMPLE_RATE, Clip
from local.listening import voiced_intervals


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording: a hum from 0.5 to 1.5 s and from 1.7 to 3 s in a faintly noisy room."""
    noise = np.random.default_rng(0).normal(0, 3, 4 * SAMPLE_RATE)
    hum = 6000 * np.sin(np.arange(4 * SAMPLE_RATE) * 0.1)
    at = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    sound = noise + hum * (((at > 0.5) & (at < 1.5)) | ((at > 1.7) & (at < 3.0)))
    with wave.open(str(tmp_path / "hum.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(sound.astype("<i2").tobytes())
    return tmp_path


CLIP = Clip.model_validate(
    {"file": "hum.wav", "speaker": "nobody", "phrases": [[0.5, 1.5, "I hum", "phrase"], [1.7, 3.0, "and hum."]]}
)


def test_the_speakers_own_pause_is_made_longer_and_nothing_else(folder: Path):
    answer = pausing.answer(CLIP, folder, pauses_s=(1.4,))
    (pause,) = answer.pauses
    assert pause.end_s - pause.start_s == pytest.approx(1.4, abs=0.01)
    assert (pause.text, pause.kind, answer.text) == ("I hum", "phrase", "I hum and hum.")
    first, second = voiced_intervals(answer.samples, SAMPLE_RATE)
    assert first.end_s == pytest.approx(pause.start_s, abs=0.03)
    assert second.start_s == pytest.approx(pause.end_s, abs=0.03)
    assert second.end_s == pytest.approx(answer.end_s, abs=0.03)
    silence = answer.samples[round((pause.start_s + 0.1) * SAMPLE_RATE) : round((pause.end_s - 0.1) * SAMPLE_RATE)]
    assert 0 < np.abs(silence).max() < 100, "a room is quiet, but never without a sound"


def test_a_seed_gives_the_same_answer_again_and_another_seed_other_pauses(folder: Path):
    one, again, other = (pausing.answer(CLIP, folder, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.samples, again.samples)
    assert one.pauses != other.pauses


def test_a_length_for_each_pause_or_none(folder: Path):
    with pytest.raises(ValueError, match="1 pauses, not 2"):
        pausing.answer(CLIP, folder, pauses_s=(1.0, 1.0))


def test_the_corpus_has_enough_people_and_pauses():
    table = pausing.clips()
    assert sum(len(clip.phrases) - 1 for clip in table) >= 60
    assert len({clip.speaker for clip in table}) >= 8
    assert all(pausing.SHORTEST_S <= length <= pausing.LONGEST_S for length in _drawn())


def _drawn() -> tuple[float, ...]:
    return pausing.drawn_pauses(np.random.default_rng(0), 500)
