"""How a line is said into the room: what may make it pause, and how it goes on."""

import asyncio
from collections.abc import AsyncIterator, Generator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentSession

from agent.dialogue.actions import Line
from agent.interviewer import RoomVoice
from agent.overhearing import Overhearing
from agent.speech import Speech
from interview.session import Stage
from interview.transcript import LineKind
from tests.unit.agent.test_speech import OneToneVoice


class Handle:
    """A line of the framework's that goes on until it is told to end."""

    def __init__(self, allow_interruptions: bool) -> None:
        self.allow_interruptions = allow_interruptions
        self.interrupted = False
        self.chat_items: list[Any] = []
        self.ended = asyncio.get_running_loop().create_future()

    def done(self) -> bool:
        return self.ended.done()

    def __await__(self) -> Generator[Any]:
        return self.ended.__await__()


class Session:
    """What `RoomVoice` uses of the framework's session."""

    def __init__(self) -> None:
        self.current_speech: Handle | None = None
        self.paused = False
        self.output = SimpleNamespace(audio=SimpleNamespace(resume=self.resume, on=lambda *_: None))

    def say(self, text: str, *, audio: AsyncIterator[Any], allow_interruptions: bool) -> Handle:
        self.current_speech = Handle(allow_interruptions)
        return self.current_speech

    def resume(self) -> None:
        self.paused = False


def line(number: int, *, through: bool = False) -> Line:
    return Line(line_id=number, kind=LineKind.QUESTION, text="Why?", stage=Stage.QUESTIONS, through=through)


@pytest.mark.parametrize("through", [True, False])
async def test_a_line_pauses_for_a_voice_but_not_for_a_noise(through: bool) -> None:
    session = Session()
    voice = RoomVoice(cast(AgentSession, session), Speech(OneToneVoice()), Overhearing("en"))
    saying = asyncio.create_task(voice.say(line(1, through=through), lambda _: None))
    await asyncio.sleep(0)
    handle = session.current_speech
    assert handle is not None
    assert handle.allow_interruptions is not through
    handle.ended.set_result(None)
    await saying


async def test_a_line_that_has_paused_for_a_noise_is_said_on_and_pauses_no_more() -> None:
    session = Session()
    voice = RoomVoice(cast(AgentSession, session), Speech(OneToneVoice()), Overhearing("en"))
    saying = asyncio.create_task(voice.say(line(1), lambda _: None))
    await asyncio.sleep(0)
    handle = session.current_speech
    assert handle is not None
    session.paused = True
    voice.say_on(0)
    assert (session.paused, handle.allow_interruptions) == (True, True), "that is another line"
    voice.say_on(1)
    assert (session.paused, handle.allow_interruptions) == (False, False)
    handle.ended.set_result(None)
    await saying
    session.paused = True
    voice.say_on(1)
    assert session.paused, "it has ended"
