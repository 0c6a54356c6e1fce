"""How fast a line is spoken is reckoned as the framework does it, for less work."""

import numpy as np
import pytest
from livekit.agents.voice.transcription._speaking_rate import SpeakingRateDetector, SpeakingRateStream

from agent import captions

FRAMEWORKS_OWN = SpeakingRateStream._spectral_flux


@pytest.mark.parametrize("seconds", [0.025, 0.03, 0.0375, 0.5, 1.0])
@pytest.mark.parametrize("rate", [24_000, 22_050])
async def test_the_flux_is_the_frameworks_own(seconds: float, rate: int) -> None:
    chance = np.random.default_rng(7)
    swell = np.abs(np.sin(np.arange(round(seconds * rate)) / 900))
    audio = (chance.normal(0, 0.1, len(swell)) * swell).astype(np.float32)
    stream = SpeakingRateDetector().stream()
    try:
        assert captions.spectral_flux(audio, rate) == pytest.approx(FRAMEWORKS_OWN(stream, audio, rate), rel=1e-6)
    finally:
        await stream.aclose()


async def test_the_frameworks_streams_reckon_in_the_cheap_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SpeakingRateStream, "_spectral_flux", FRAMEWORKS_OWN)
    captions.make_cheap()
    monkeypatch.setattr(captions, "spectral_flux", lambda audio, rate: 42.0)
    stream = SpeakingRateDetector().stream()
    try:
        assert stream._spectral_flux(np.ones(600, np.float32), 24_000) == 42.0
    finally:
        await stream.aclose()
