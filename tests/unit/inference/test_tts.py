"""Both voices, in process."""

import numpy as np
import pytest

from interview.errors import Invalid
from local.inference import tts
from local.inference.tts import hibari
from local.inference.tts.endpoint import wav_header

SAYING = "Tell me about a project that you are proud of."


@pytest.mark.parametrize(
    ("engine", "voice"),
    [
        ("hibari", "default"),
        ("hibari", "low"),
        ("hibari-low", "default"),
        ("espeak", "default"),
        ("espeak", "en-gb+m3"),
    ],
)
def test_each_voice_speaks_at_its_rate(engine: str, voice: str):
    pcm, rate = tts.synthesise(SAYING, engine, voice)
    samples = np.frombuffer(pcm, "<i2")
    assert rate == 24000
    assert 2.0 < len(samples) / rate < 5.0
    assert np.abs(samples).max() > 3000


def test_the_same_request_gives_the_same_audio():
    assert tts.synthesise(SAYING) == tts.synthesise(SAYING)


def test_the_low_voice_keeps_the_tempo_and_lowers_the_pitch():
    def pitch(engine: str) -> float:
        samples = np.frombuffer(tts.synthesise("Ah, no, you know more.", engine)[0], "<i2").astype(float)
        best = []
        for at in range(0, len(samples) - 2400, 1200):
            frame = samples[at : at + 2400]
            if np.abs(frame).max() < 3000:
                continue
            correlation = np.correlate(frame, frame, "full")[2400:]
            best.append(24000 / (60 + int(correlation[60:400].argmax())))
        return float(np.median(best))

    default, low = len(tts.synthesise(SAYING)[0]), len(tts.synthesise(SAYING, "hibari-low")[0])
    assert 0.85 < low / default < 1.2
    assert pitch("hibari-low") < 0.92 * pitch("hibari")


def test_stretching_changes_length_and_nothing_else():
    tone = np.sin(2 * np.pi * 200 * np.arange(24000) / 24000).astype(np.float32)
    stretched = hibari.stretch(tone, 1.25)
    assert len(stretched) == 30000
    assert int(np.abs(np.fft.rfft(stretched[:24000])).argmax()) == 160
    assert np.abs(stretched).max() == pytest.approx(1, abs=0.05)


def test_speed_is_obeyed():
    slow, fast = (len(tts.synthesise(SAYING, "espeak", speed=speed)[0]) for speed in (0.7, 1.5))
    assert fast < 0.6 * slow


def test_sentences_come_one_by_one():
    pieces = list(tts.stream("One here. Two here. Three here."))
    assert len(pieces) == 3


@pytest.mark.parametrize("text", ["", " \n ", "\0", "...", "🙂🙂", "x" * 4097])
@pytest.mark.parametrize("engine", ["hibari", "espeak"])
def test_what_cannot_be_spoken_is_refused(text: str, engine: str):
    with pytest.raises(Invalid):
        tts.synthesise(text, engine)


@pytest.mark.parametrize(
    "text",
    [
        "Привет мир",
        "مرحبا",
        "7" * 300,
        "12:30 €5.99 & <b>no</b>",
        "a" * 3000,
        "e\u0301\u0301\u0301",
        "\ud800 ok",
        "①Ⅷ½",
    ],
)
@pytest.mark.parametrize("engine", ["hibari", "espeak"])
def test_odd_text_is_spoken_or_refused_but_never_crashes(text: str, engine: str):
    try:
        outcome = tts.synthesise(text, engine)[0]
    except Invalid as refused:
        outcome = refused.details["parameter"]
    assert outcome == "input" or len(outcome) > 1000


@pytest.mark.parametrize(
    ("engine", "voice", "speed"),
    [
        ("hibari", "ash", 1.0),
        ("espeak", "xx-yy", 1.0),
        ("espeak", "../../x", 1.0),
        ("nobody", "", 1.0),
        ("hibari", "", 9),
    ],
)
def test_unknown_voices_engines_and_speeds_are_refused(engine: str, voice: str, speed: float):
    with pytest.raises(Invalid):
        tts.synthesise(SAYING, engine, voice, speed)


def test_the_wav_header_is_read_by_the_standard_library(tmp_path):
    import wave

    path = tmp_path / "x.wav"
    path.write_bytes(wav_header(4800) + bytes(4800))
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth(), file.getnframes()) == (24000, 1, 2, 2400)
