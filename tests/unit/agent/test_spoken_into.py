"""What becomes of a listening sound that the candidate speaks into, in the framework's own session."""

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice import io

from agent import engines
from agent.endings import Endings
from agent.interviewer import Interviewer, RoomVoice
from agent.overhearing import Overhearing
from agent.speech import Speech
from local.persona import Phrase, VoiceChoice
from local.utterance import utter
from tests.unit.agent.test_recogniser import FailsOnce
from tests.unit.agent.test_speech import OneToneVoice

RATE = 24_000
PIECE = RATE // 50
BOUND_S = 10.0


class Microphone(io.AudioInput):
    """A candidate who is silent, or talks and talks."""

    def __init__(self) -> None:
        super().__init__(label="test")
        said = np.asarray(utter((Phrase(say="I read the log first, and then I write a test."),), VoiceChoice()).samples)
        self._voice = said[: len(said) // PIECE * PIECE].reshape(-1, PIECE)
        self._at = 0
        self.talks = False

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(0.02)
        self._at = (self._at + 1) % len(self._voice) if self.talks else 0
        piece = self._voice[self._at] if self.talks else np.zeros(PIECE, np.int16)
        return rtc.AudioFrame(piece.tobytes(), RATE, 1, PIECE)


class Loudspeaker(io.AudioOutput):
    """Never comes to the end of what it plays by itself. Says how many sounds have begun, and whether it has paused."""

    def __init__(self) -> None:
        super().__init__(label="test", capabilities=io.AudioOutputCapabilities(pause=True), sample_rate=RATE)
        self.begun, self.paused, self._playing = 0, False, False
        self._news = asyncio.Condition()

    async def until(self, begun: int, *, paused: bool) -> None:
        async with asyncio.timeout(BOUND_S), self._news:
            await self._news.wait_for(lambda: (self.begun, self.paused) == (begun, paused))

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._playing:
            self._playing, self.begun = True, self.begun + 1
            self.on_playback_started(created_at=time.time())
            await self._tell()

    def flush(self) -> None:
        super().flush()

    def clear_buffer(self) -> None:
        if self._playing:
            self._playing = False
            self.on_playback_finished(playback_position=0.1, interrupted=True)

    def pause(self) -> None:
        super().pause()
        self.paused = True
        self._telling = asyncio.create_task(self._tell())

    def resume(self) -> None:
        super().resume()
        self.paused = False
        self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


async def test_the_next_listening_sound_is_heard_although_the_one_before_was_spoken_into() -> None:
    detector, overhearing, speech = engines.load_vad(), Overhearing("en"), Speech(OneToneVoice())
    session: AgentSession[None] = AgentSession(
        stt=FailsOnce(), vad=detector, turn_handling=engines.turn_handling(Endings()), aec_warmup_duration=None
    )
    voice = RoomVoice(session, speech, overhearing, detector.attention)
    microphone, loudspeaker = Microphone(), Loudspeaker()
    session.input.audio, session.output.audio = microphone, loudspeaker
    await session.start(Interviewer(overhearing), record=False)
    speech.prepare("Mm-hm.")
    await speech.settled()
    assert voice.listens("Mm-hm.") > 0
    await loudspeaker.until(1, paused=False)
    microphone.talks = True
    await loudspeaker.until(1, paused=True)
    assert voice.listens("Mm-hm.") > 0
    microphone.talks = False
    await loudspeaker.until(2, paused=False)
    await session.aclose()
    await speech.aclose()
