"""A recogniser that fails costs a moment, not the rest of the interview."""

import asyncio
from collections.abc import AsyncIterator

from livekit import rtc
from livekit.agents import AgentSession, APIConnectionError, APIConnectOptions, stt
from livekit.agents.types import NOT_GIVEN, NotGivenOr
from livekit.agents.utils.audio import silence_frame
from livekit.agents.voice import io
from livekit.agents.voice.agent_session import SessionConnectOptions

from agent.interviewer import Interviewer
from agent.overhearing import Overhearing

NO_RETRY = APIConnectOptions(max_retry=0, timeout=1.0)


class FailsOnce(stt.STT):
    """A recogniser whose first stream breaks, and whose later ones say when audio reaches them."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))
        self.streams = 0
        self.heard_audio = asyncio.Event()

    async def _recognize_impl(self, *args: object, **kwargs: object) -> stt.SpeechEvent:
        raise NotImplementedError

    def stream(
        self, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions = NO_RETRY
    ) -> stt.RecognizeStream:
        self.streams += 1
        return _Stream(stt=self, conn_options=NO_RETRY, broken=self.streams == 1)


class _Stream(stt.RecognizeStream):
    def __init__(self, *, stt: FailsOnce, conn_options: APIConnectOptions, broken: bool) -> None:
        super().__init__(stt=stt, conn_options=conn_options)
        self._engine = stt
        self._broken = broken

    async def _run(self) -> None:
        async for piece in self._input_ch:
            if self._broken:
                raise APIConnectionError
            if isinstance(piece, rtc.AudioFrame):
                self._engine.heard_audio.set()


class Microphone(io.AudioInput):
    def __init__(self) -> None:
        super().__init__(label="test")

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(0.02)
        return silence_frame(0.02, 16_000)


async def test_after_the_recogniser_has_failed_the_candidate_is_heard_again():
    engine = FailsOnce()
    interviewer = Interviewer(Overhearing("en"))
    session: AgentSession[None] = AgentSession(
        stt=engine,
        turn_handling={"turn_detection": "manual"},
        conn_options=SessionConnectOptions(stt_conn_options=NO_RETRY, max_unrecoverable_errors=10),
    )
    session.input.audio = Microphone()
    await session.start(interviewer, record=False)
    async with asyncio.timeout(8):
        await engine.heard_audio.wait()
    assert interviewer.stt_failures == 1
    await session.aclose()
