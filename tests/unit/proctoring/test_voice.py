"""Whose voice it is, on recordings of people."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from interview.incident import Observation
from local import models
from proctoring.analysis import Sound
from proctoring.detectors.shared import Models
from proctoring.detectors.voice import SAMPLE_RATE, VoiceModel, VoiceWatch, log_mels

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def read(path: Path) -> Sound:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        parts = [p.to_ndarray()[0] for frame in container.decode(audio=0) for p in resampler.resample(frame)]
    return (np.concatenate(parts) / 32768).astype(np.float32)


@pytest.fixture(scope="module")
def voices() -> dict[str, Sound]:
    speech = models.ensure(["speech"], progress=False)["speech"]
    return {"candidate": read(speech / "two_cities.wav"), "other": other_voice(read(speech / "beckett.wav"))}


def other_voice(sound: Sound) -> Sound:
    """The same recording spoken a fourth higher and faster: another voice, whoever read it."""
    at = np.arange(0, len(sound) - 1, 1.33)
    return np.interp(at, np.arange(len(sound)), sound).astype(np.float32)


@pytest.fixture
def model(loaded: Models) -> VoiceModel:
    assert loaded.voices is not None
    return loaded.voices


def heard(watch: VoiceWatch, model: VoiceModel, sound: Sound, from_s: float) -> list[Observation]:
    found: list[Observation] = []
    step = SAMPLE_RATE // 5
    for start in range(0, len(sound) - step, step):
        ended = START + timedelta(seconds=from_s + (start + step) / SAMPLE_RATE)
        found += watch.hear(ended, sound[start : start + step], model)
    return found


def test_the_candidate_stays_the_candidate_and_another_voice_is_another(
    model: VoiceModel, voices: dict[str, Sound]
) -> None:
    watch = VoiceWatch()
    own = heard(watch, model, voices["candidate"][: 26 * SAMPLE_RATE], 0)
    assert own, "the candidate was never compared"
    assert np.mean([one.values["second_voice"] >= 0.5 for one in own]) < 0.05
    other = heard(watch, model, voices["other"], 30)
    assert np.mean([one.values["second_voice"] for one in other[4:]]) >= 0.5


def test_silence_and_noise_say_nothing(model: VoiceModel) -> None:
    watch = VoiceWatch()
    hiss = np.random.default_rng(1).normal(0, 0.001, 10 * SAMPLE_RATE).astype(np.float32)
    assert heard(watch, model, hiss, 0) == []
    assert heard(watch, model, np.zeros(5 * SAMPLE_RATE, np.float32), 10) == []


def test_mel_energies_do_not_depend_on_loudness(voices: dict[str, Sound]) -> None:
    part = voices["candidate"][SAMPLE_RATE : 2 * SAMPLE_RATE]
    loud, soft = log_mels(part), log_mels(part * np.float32(0.3))
    assert loud.shape == (98, 80)
    assert np.abs(loud - soft).mean() < 0.05


def test_while_the_candidate_surely_speaks_every_second_stretch_is_enough(
    model: VoiceModel, voices: dict[str, Sound]
) -> None:
    watch = VoiceWatch()
    heard(watch, model, voices["candidate"][: 12 * SAMPLE_RATE], 0)
    own = heard(watch, model, voices["candidate"][12 * SAMPLE_RATE : 26 * SAMPLE_RATE], 12)
    other = heard(watch, model, voices["other"][: 8 * SAMPLE_RATE], 30)
    assert any(apart >= 0.8 for apart in _apart(own))
    assert all(
        apart <= 0.5
        for before, apart in zip(other, _apart(other), strict=False)
        if before.values["second_voice"] > 0 and apart < 1
    )


def _apart(told: list[Observation]) -> list[float]:
    return [round((after.at - before.at).total_seconds(), 2) for before, after in pairwise(told)]
