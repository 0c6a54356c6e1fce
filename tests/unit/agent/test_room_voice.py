"""How a line is said into the room: what may make it pause, and how it goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.agents import AgentSession, llm

from agent.conductor import Spoken
from agent.dialogue.actions import Line
from agent.interviewer import RoomVoice
from agent.overhearing import Overhearing
from agent.speech import Speech
from agent.voice_activity import Attention
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

    def interrupt(self, *, force: bool) -> None:
        """Mark it: the framework ends it a little later, when it has told how much of it has played."""
        self.interrupted = True

    def ends(self, text: str = "") -> None:
        """Let it end, with so much of it said."""
        self.chat_items = [llm.ChatMessage(role="assistant", content=[text])]
        self.ended.set_result(None)

    def __await__(self) -> Generator[Any]:
        return self.ended.__await__()


class Session:
    """What `RoomVoice` uses of the framework's session."""

    def __init__(self) -> None:
        self.current_speech: Handle | None = None
        self.paused = False
        self.agent_state = "listening"
        self.said: list[Handle] = []
        self.begun = asyncio.Queue[Handle]()
        self.told: dict[str, Callable[[Any], None]] = {}
        self.output = SimpleNamespace(audio=SimpleNamespace(resume=self.resume, on=self.told.__setitem__))

    def say(
        self, text: str, *, audio: AsyncIterator[Any], allow_interruptions: bool = True, add_to_chat_ctx: bool = True
    ) -> Handle:
        self.current_speech = Handle(allow_interruptions)
        self.said.append(self.current_speech)
        self.begun.put_nowait(self.current_speech)
        return self.current_speech

    def resume(self) -> None:
        self.paused = False

    def plays(self) -> None:
        """Begin to play what is said."""
        self.agent_state = "speaking"
        self.told["playback_started"](SimpleNamespace(created_at=10.0))


def line(number: int, *, through: bool = False) -> Line:
    return Line(line_id=number, kind=LineKind.QUESTION, text="Why?", stage=Stage.QUESTIONS, through=through)


@pytest.mark.parametrize("through", [True, False])
async def test_a_line_pauses_for_a_voice_but_not_for_a_noise(through: bool) -> None:
    session = Session()
    voice = RoomVoice(cast(AgentSession, session), Speech(OneToneVoice()), Overhearing("en"), Attention())
    saying = asyncio.create_task(voice.say(line(1, through=through), lambda _: None))
    handle = await session.begun.get()
    assert handle.allow_interruptions is not through
    handle.ends()
    await saying


async def test_a_line_that_has_paused_for_a_noise_is_said_on_and_pauses_no_more() -> None:
    session = Session()
    voice = RoomVoice(cast(AgentSession, session), Speech(OneToneVoice()), Overhearing("en"), Attention())
    saying = asyncio.create_task(voice.say(line(1), lambda _: None))
    handle = await session.begun.get()
    session.paused = True
    voice.say_on(0)
    assert (session.paused, handle.allow_interruptions) == (True, True), "that is another line"
    voice.say_on(1)
    assert (session.paused, handle.allow_interruptions) == (False, False)
    handle.ends()
    await saying
    session.paused = True
    voice.say_on(1)
    assert session.paused, "it has ended"


async def test_what_had_sounded_of_a_line_is_told_of_it_also_where_the_next_has_been_asked_for() -> None:
    session = Session()
    voice = RoomVoice(cast(AgentSession, session), Speech(OneToneVoice()), Overhearing("en"), Attention())
    voice.listen()
    saying = asyncio.create_task(voice.say(line(1), lambda _: None))
    first = await session.begun.get()
    session.told["playback_started"](SimpleNamespace(created_at=10.0))
    saying_next = asyncio.create_task(voice.say(line(2), lambda _: None))
    second = await session.begun.get()
    assert first.interrupted, "a new line replaces the one that is being said"
    session.told["playback_progressed"](SimpleNamespace(started_at=10.0, duration=6.0))
    first.ends("Why?")
    session.told["playback_started"](SimpleNamespace(created_at=16.2))
    second.interrupt(force=True)
    session.told["playback_progressed"](SimpleNamespace(started_at=16.2, duration=0.1))
    second.ends("Why?")
    assert await saying == Spoken("Why?", interrupted=True, ended_at=16.0)
    told = await saying_next
    assert (told.text, told.ended_at) == ("", pytest.approx(16.3))


async def test_a_listening_sound_tells_how_long_it_takes_and_is_not_made_over_a_line() -> None:
    session, speech = Session(), Speech(OneToneVoice())
    voice = RoomVoice(cast(AgentSession, session), speech, Overhearing("en"), Attention())
    assert voice.listens("Mm-hm.") == 0.0, "it is not made yet"
    await speech.settled()
    assert voice.listens("Mm-hm.") == pytest.approx((speech.duration_s("Mm-hm.") or 0) + 0.3)
    assert len(session.said) == 1
    assert await session.begun.get() is session.said[0]
    saying = asyncio.create_task(voice.say(line(1), lambda _: None))
    handle = await session.begun.get()
    assert voice.listens("Mm-hm.") == 0.0, "something is being said"
    handle.ends()
    await saying
    await speech.aclose()


async def test_a_listening_sound_that_was_spoken_into_is_not_in_the_way_of_the_next() -> None:
    session, speech = Session(), Speech(OneToneVoice())
    voice = RoomVoice(cast(AgentSession, session), speech, Overhearing("en"), Attention())
    speech.prepare("Mm-hm.")
    await speech.settled()
    voice.listens("Mm-hm.")
    paused = session.said[0]
    assert voice.listens("Mm-hm.") > 0
    assert paused.interrupted
    assert session.current_speech is session.said[1]
    assert not session.said[1].interrupted
    await speech.aclose()


async def test_a_line_that_is_taken_back_before_it_begins_does_not_begin_with_the_next_sound() -> None:
    session, speech, began = Session(), Speech(OneToneVoice()), list[float]()
    voice = RoomVoice(cast(AgentSession, session), speech, Overhearing("en"), Attention())
    voice.listen()
    saying = asyncio.create_task(voice.say(line(1), began.append))
    taken_back = await session.begun.get()
    voice.hush(1)
    assert taken_back.interrupted
    taken_back.ends()
    await saying
    session.told["playback_started"](SimpleNamespace(created_at=12.0))
    assert began == []


def soft_beginnings_count(session: Session) -> tuple[RoomVoice, Callable[[], bool]]:
    attention = Attention()
    voice = RoomVoice(cast(AgentSession, session), Speech(OneToneVoice()), Overhearing("en"), attention)
    voice.listen()
    return voice, attention.wanted


@pytest.mark.parametrize("through", [True, False])
async def test_a_soft_beginning_counts_while_a_line_is_heard_unless_it_is_said_through(through: bool) -> None:
    session = Session()
    voice, counts = soft_beginnings_count(session)
    told = [counts()]
    saying = asyncio.create_task(voice.say(line(1, through=through), lambda _: None))
    handle = await session.begun.get()
    told.append(counts())
    session.plays()
    told.append(counts())
    handle.ends()
    await saying
    told.append(counts())
    assert told == [False, False, not through, False]


async def test_no_soft_beginning_counts_while_a_line_has_paused_or_is_being_ended() -> None:
    session = Session()
    voice, counts = soft_beginnings_count(session)
    saying = asyncio.create_task(voice.say(line(1), lambda _: None))
    handle = await session.begun.get()
    session.plays()
    session.agent_state = "listening"
    assert not counts()
    session.agent_state = "speaking"
    assert counts()
    voice.hush(1)
    assert not counts()
    handle.ends()
    await saying
