"""Speech is made once, ahead, and a line without a voice still goes out."""

import asyncio

import pytest
from livekit.agents import APIConnectionError, APIConnectOptions, tts

from agent.speech import Speech


class OneToneVoice(tts.TTS):
    """A voice that says 0.1 s for each word, and can be broken."""

    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=24_000, num_channels=1)
        self.asked: list[str] = []
        self.broken = False
        self.fault: Exception | None = None

    def synthesize(self, text: str, *, conn_options: APIConnectOptions | None = None) -> tts.ChunkedStream:
        self.asked.append(text)
        options = APIConnectOptions(max_retry=0)
        return _Tone(tts=self, input_text=text, conn_options=options)


class _Tone(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        voice = self._tts
        assert isinstance(voice, OneToneVoice)
        if voice.broken:
            raise APIConnectionError
        if voice.fault:
            raise voice.fault
        output_emitter.initialize(
            request_id="r", sample_rate=24_000, num_channels=1, mime_type="audio/pcm", stream=False
        )
        for _ in self._input_text.split():
            output_emitter.push(b"\x01\x00" * 2400)
        output_emitter.flush()


@pytest.fixture
def voice() -> OneToneVoice:
    return OneToneVoice()


async def seconds(speech: Speech, text: str) -> float:
    return sum([frame.duration async for frame in speech.frames(text)])


async def test_what_was_prepared_is_said_without_asking_the_voice_again(voice: OneToneVoice):
    speech = Speech(voice)
    speech.prepare("one two three")
    assert await seconds(speech, "one two three") == pytest.approx(0.3, abs=0.02)
    assert speech.ready("one two three")
    assert await seconds(speech, "one two three") == pytest.approx(0.3, abs=0.02)
    assert voice.asked == ["one two three"]
    await speech.aclose()


async def test_two_readers_of_one_utterance_hear_the_same(voice: OneToneVoice):
    speech = Speech(voice)
    both = await asyncio.gather(seconds(speech, "a b c d"), seconds(speech, "a b c d"))
    assert both[0] == both[1] > 0.3
    await speech.aclose()


async def test_a_line_without_a_voice_goes_out_as_silence_of_a_readers_length_and_is_counted(voice: OneToneVoice):
    voice.broken = True
    speech = Speech(voice)
    assert await seconds(speech, "one two three four five six") == pytest.approx(2.0, abs=0.1)
    assert speech.failures == 1
    assert not speech.ready("one two three four five six")
    voice.broken = False
    assert await seconds(speech, "one two three four five six") == pytest.approx(0.6, abs=0.02)
    await speech.aclose()


async def test_an_unforeseen_error_of_the_voice_leaves_nobody_waiting(voice: OneToneVoice):
    voice.fault = ValueError("not audio")
    speech = Speech(voice)
    async with asyncio.timeout(5):
        assert await seconds(speech, "one two three") == pytest.approx(1.0, abs=0.1)
    await speech.aclose()
