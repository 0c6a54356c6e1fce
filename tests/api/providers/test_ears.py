"""A talk is heard on while recognisers die, hang and come back; nothing that was said is lost or heard twice."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import numpy as np
from livekit import rtc
from livekit.agents import stt
from livekit.plugins import deepgram

from agent.ears import Ears
from interview.engines import EngineKind, EngineState
from interview.storage import Storage
from providers.directory import Key, Provider
from tests.api.inference.conftest import missing, silence, spoken, until
from tests.api.providers.conftest import Copies, Fixed, House, provider

FIRST = "the first sentence is about boats on the river"
SECOND = "the second sentence is about trains in the winter"
THIRD = "the third sentence is about gardens and flowers"
FRAME_S = 0.02


class Talk:
    """Somebody who speaks at the pace of speech, in one stream, and what was heard of it."""

    def __init__(self, ears: Ears) -> None:
        self.ears = ears
        self.stream = ears.stream()
        self.finals: list[stt.SpeechData] = []
        self.pushed_s = 0.0
        self._reading = asyncio.create_task(self._read())
        self._quiet = asyncio.create_task(self._murmur())
        self._saying: list[np.ndarray] = []

    async def say(self, text: str) -> float:
        """Speak, and return the stream's second at which it began. The voice activity is told, as the session does."""
        samples = np.concatenate([spoken(text), silence(0.6)])
        began = self.pushed_s
        self.ears.voice_began()
        self._saying = list(np.array_split(samples, max(1, round(len(samples) / 16000 / FRAME_S))))

        async def said() -> bool:
            return not self._saying

        await until(said, 30)
        self.ears.voice_ended()
        return began

    async def passes(self, seconds: float) -> None:
        """Wait until so much more has been sent."""
        until_s = self.pushed_s + seconds

        async def sent() -> bool:
            return self.pushed_s >= until_s

        await until(sent, 10 + seconds)

    @property
    def text(self) -> str:
        return " ".join(data.text for data in self.finals)

    async def hears(self, text: str, within_s: float = 20) -> None:
        async def heard() -> bool:
            return missing(text, self.text) < 0.35

        await until(heard, within_s)

    async def _murmur(self) -> None:
        """Push a frame every 20 ms, of silence where nothing is said."""
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        while True:
            samples = self._saying.pop(0) if self._saying else silence(FRAME_S)
            frame = rtc.AudioFrame(samples.tobytes(), 16000, 1, len(samples))
            self.stream.push_frame(frame)
            self.pushed_s += frame.duration
            next_at += FRAME_S
            await asyncio.sleep(max(0.0, next_at - loop.time()))

    async def _read(self) -> None:
        async for event in self.stream:
            if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                self.finals.append(event.alternatives[0])

    async def aclose(self) -> None:
        self._quiet.cancel()
        await self.stream.aclose()
        await asyncio.gather(self._quiet, self._reading, return_exceptions=True)
        await self.ears.aclose()


@asynccontextmanager
async def talking(house: House) -> AsyncIterator[Talk]:
    async with aiohttp.ClientSession() as http:

        def recogniser(provider: Provider, key: Key) -> deepgram.STT:
            return deepgram.STT(
                model="nova-3",
                language="en",
                api_key=key.key.get_secret_value(),
                base_url=provider.base_url,
                endpointing_ms=300,
                http_session=http,
            )

        talk = Talk(Ears(house.chain(EngineKind.STT), house.meter, recogniser))
        try:
            yield talk
        finally:
            await talk.aclose()


def of(copies: Copies, *names: str, **more: object) -> Fixed:
    return Fixed(*(provider(name, f"{copies.url(name)}/listen", model="nova-3", **more) for name in names))


async def test_a_recogniser_that_dies_in_mid_sentence_loses_nothing_and_the_better_one_takes_over_again(
    copies: Copies, storage: Storage
):
    await copies.start("first")
    await copies.start("second")
    house = House(storage, of(copies, "first", "second"))
    async with talking(house) as talk:
        await talk.say(FIRST)
        await talk.hears(FIRST)
        saying = asyncio.create_task(talk.say(SECOND))
        await talk.passes(1.2)
        await copies.kill("first")
        began = await saying
        await talk.hears(SECOND)
        assert house.told(EngineKind.STT) == [EngineState.DEGRADED]
        about_second = next(data for data in talk.finals if "second" in data.text.lower())
        assert abs(about_second.start_time - began) < 1.0  # seconds of this stream, whoever heard it

        await copies.start("first")

        async def back() -> bool:
            await talk.say(THIRD)
            return house.states.of(EngineKind.STT) is EngineState.OK

        await until(back, 60)
        assert house.told(EngineKind.STT) == [EngineState.DEGRADED, EngineState.OK]
        assert talk.text.lower().count("boats") == 1
        assert talk.text.lower().count("trains") == 1
        await talk.hears(THIRD)
    used = house.meter.take()
    assert used.heard_ms > 5000
    assert used.calls >= 2


async def test_a_recogniser_that_hangs_counts_as_failed_at_its_deadline(copies: Copies, storage: Storage):
    await copies.start("first")
    await copies.start("second")
    house = House(storage, of(copies, "first", "second"))
    async with talking(house) as talk:
        await talk.say(FIRST)
        await talk.hears(FIRST)
        copies.signal("first", signal.SIGSTOP)
        await talk.say(SECOND)
        await talk.hears(SECOND)
        assert house.told(EngineKind.STT) == [EngineState.DEGRADED]


async def test_what_was_said_while_nobody_listened_is_heard_when_somebody_is_back(copies: Copies, storage: Storage):
    await copies.start("first")
    house = House(storage, of(copies, "first"))
    async with talking(house) as talk:
        await talk.say(FIRST)
        await talk.hears(FIRST)
        await copies.kill("first")
        await talk.say(SECOND)

        async def down() -> bool:
            return house.states.of(EngineKind.STT) is EngineState.DOWN

        await until(down, 10)
        await copies.start("first")
        await talk.hears(SECOND, 25)
        await talk.say(THIRD)
        await talk.hears(THIRD)
        assert house.told(EngineKind.STT) == [EngineState.DOWN, EngineState.OK]


async def test_a_noise_that_is_no_speech_makes_nobody_failed(copies: Copies, storage: Storage):
    await copies.start("first")
    await copies.start("second")
    house = House(storage, of(copies, "first", "second", deadline_s=1.0))
    async with talking(house) as talk:
        talk.ears.voice_began()
        await talk.passes(1.0)
        talk.ears.voice_ended()

        async def forgotten() -> bool:
            return talk.ears.unheard_s() == 0.0

        await until(forgotten, 10)
        await talk.say(FIRST)
        await talk.hears(FIRST)
        assert house.told(EngineKind.STT) == []


async def test_a_full_provider_is_passed_over_and_its_slot_comes_back(copies: Copies, storage: Storage):
    await copies.start("first")
    small = provider("small", f"{copies.url('first')}/listen", model="nova-3", slots=1)
    large = provider("large", f"{copies.url('first')}/listen", model="nova-3")
    first, second = (House(storage, Fixed(small, large), session_id) for session_id in ("s1", "s2"))
    async with talking(first) as one:
        await one.say(FIRST)
        await one.hears(FIRST)
        assert [slot.session_id for slot in await storage.provider_slots.in_use()] == ["s1"]
        async with talking(second) as other:
            await other.say(SECOND)
            await other.hears(SECOND)
        assert second.told(EngineKind.STT) == [EngineState.DEGRADED]
        assert first.told(EngineKind.STT) == []
    assert await storage.provider_slots.in_use() == []
