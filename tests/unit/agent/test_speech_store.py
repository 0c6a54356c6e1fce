"""Speech of plans is made once on a machine, and the folder does not grow for ever."""

import asyncio
import os
from pathlib import Path

from livekit import rtc

from agent.speech import Speech
from agent.speech_store import SpeechStore
from tests.unit.agent.test_speech import OneToneVoice, seconds


def tone(samples: int = 2400) -> rtc.AudioFrame:
    return rtc.AudioFrame(data=b"\x01\x00" * samples, sample_rate=24_000, num_channels=1, samples_per_channel=samples)


async def test_a_line_of_the_plan_is_made_once_for_two_interviews(tmp_path: Path):
    voice, store = OneToneVoice(), SpeechStore(tmp_path / "speech", "local hibari default 1.0", 10**6)
    for _ in range(2):
        speech = Speech(voice, store=store)
        speech.prepare("one two three", shared=True)
        assert round(await seconds(speech, "one two three"), 1) == 0.3
        await speech.settled()
        await speech.aclose()
    assert voice.asked == ["one two three"]


async def test_what_is_the_candidates_own_never_lies_there(tmp_path: Path):
    speech = Speech(OneToneVoice(), store=SpeechStore(tmp_path, "v", 10**6))
    await seconds(speech, "Hello Ada")
    await speech.settled()
    await speech.aclose()
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


def test_another_voice_is_another_line(tmp_path: Path):
    SpeechStore(tmp_path, "one", 10**6).put("hello", tone())
    assert SpeechStore(tmp_path, "other", 10**6).get("hello") is None
    kept = SpeechStore(tmp_path, "one", 10**6).get("hello")
    assert kept is not None
    assert bytes(kept.data) == bytes(tone().data)


def test_a_torn_file_is_made_anew(tmp_path: Path):
    store = SpeechStore(tmp_path, "v", 10**6)
    store.put("hello", tone())
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"RIFF")
    assert store.get("hello") is None


def test_what_was_not_used_for_longest_goes_when_it_is_too_much(tmp_path: Path):
    store = SpeechStore(tmp_path, "v", max_bytes=2 * (2 * 2400 + 44))
    for age, text in ((300, "old"), (200, "used"), (100, "new")):
        store.put(text, tone())
        path = store._path(text)
        os.utime(path, (path.stat().st_atime - age, path.stat().st_mtime - age))
    store.get("used")
    SpeechStore(tmp_path, "v", max_bytes=2 * (2 * 2400 + 44)).put("newest", tone())
    assert [store.get(text) is not None for text in ("old", "used", "new", "newest")] == [False, True, False, True]
