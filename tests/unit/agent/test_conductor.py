"""The conductor carries out what the dialogue asks for, and lets nothing hang."""

import asyncio
from collections.abc import Callable

import pytest

from agent.conductor import Conductor, Spoken
from agent.dialogue import Dialogue, DialogueState
from agent.dialogue.actions import Line, ShowProgress
from agent.dialogue.events import Began, SpeechStarted, VoiceReached
from agent.dialogue.lines import Script
from agent.hearing import HeardSegment
from agent.judging import Judging
from agent.memory import Memory
from agent.speech import Speech
from interview.catalogue import catalogue
from interview.outbox import Outbox
from interview.session import Stage
from interview.writes import Remember, Write, WriteKind
from providers.chat import ChatClient
from tests.unit.agent.player import plan

from .test_speech import OneToneVoice


class Room:
    """A room in which a line is said until it is told to end, or cannot be said at all."""

    def __init__(self) -> None:
        self.said: list[Line] = []
        self.said_on: list[int] = []
        self.fault: Exception | None = None
        self.ended = asyncio.Event()

    async def say(self, line: Line, on_started: Callable[[float], None]) -> Spoken:
        self.said.append(line)
        if self.fault:
            raise self.fault
        on_started(1000.0)
        await self.ended.wait()
        return Spoken("Hello", interrupted=True)

    def hush(self, line_id: int) -> None:
        self.ended.set()

    def say_on(self, line_id: int) -> None:
        self.said_on.append(line_id)


async def nobody(_: Write, __: Remember) -> None:
    raise AssertionError("nobody writes here")


class Play:
    """A conductor with its outbox, whose writes nobody performs: what waits there is what would be stored."""

    def __init__(self, state: DialogueState | None = None) -> None:
        self.room = Room()
        self.page_fault: Exception | None = None
        self.outbox = Outbox("test", nobody)
        self.chat = ChatClient("http://127.0.0.1:9", "", "none", timeout_s=1)
        self.conductor = Conductor(
            Dialogue(Script(plan(), catalogue("en"), "Ada", recorded=True)),
            state or DialogueState(),
            voice=self.room,
            speech=Speech(OneToneVoice()),
            judging=lambda conductor: Judging(self.chat, conductor.tell, conductor.since),
            memory=Memory(self.outbox, "s", 1, evaluate_after_s=2),
            show=self.show,
            be_patient=lambda _: None,
            reply_deadline_s=0.4,
        )

    def show(self, _: ShowProgress) -> None:
        if self.page_fault:
            raise self.page_fault

    def begin(self) -> None:
        self.conductor.begin(1000.0, lambda at_s: Began(at_s=at_s))

    async def close(self) -> None:
        await self.conductor.aclose()
        await self.chat.aclose()


async def test_a_line_that_cannot_be_said_ends_the_interview_instead_of_hanging_it():
    play = Play()
    play.room.fault = RuntimeError("no session")
    play.begin()
    with pytest.raises(RuntimeError):
        async with asyncio.timeout(5):
            await play.conductor.closed
    await play.close()


async def test_a_defect_while_an_event_is_taken_in_ends_the_interview_too():
    play = Play()
    play.page_fault = RuntimeError("a defect")
    with pytest.raises(RuntimeError):
        play.begin()
    assert isinstance(play.conductor.closed.exception(), RuntimeError)
    play.room.ended.set()
    await play.close()


async def test_an_attempt_that_finds_the_goodbye_said_has_only_to_store_the_end():
    play = Play(DialogueState(stage=Stage.DONE, lines_said=9))
    assert play.conductor.closed.result() == "completed"
    await play.close()


async def test_once_stopped_it_says_nothing_more_but_keeps_last_words_and_the_line_that_was_cut_off():
    play = Play()
    play.begin()
    await asyncio.sleep(0)
    play.conductor.stop()
    before = len(play.outbox)
    play.conductor.heard(HeardSegment("my last words", 1001.0, 1002.0, (), None))
    assert len(play.outbox) == before + 2  # the event and the turn
    play.conductor.turn_ended(1002.0)
    assert len(play.outbox) == before + 2
    play.room.ended.set()
    await play.close()
    assert len(play.room.said) == 1
    assert len(play.outbox) == before + 3  # the line, as far as it was heard


async def test_what_is_typed_before_the_dialogue_begins_is_kept_until_it_does():
    play = Play()
    play.conductor.heard(HeardSegment("I came to it through school", 999.0, 999.0, (), None), typed=True)
    play.conductor.turn_ended(999.0)
    assert len(play.outbox) == 0
    play.begin()
    await asyncio.sleep(0)
    turns = [write.record for write in play.outbox.waiting if write.kind is WriteKind.TURN]
    assert [(turn["text"], turn["kind"]) for turn in turns] == [("I came to it through school", "typed")]
    assert len(play.room.said) == 1, "the greeting is not cut short by it"
    play.conductor.stop()
    play.room.ended.set()
    await play.close()


async def test_what_is_typed_before_the_greeting_has_been_said_gives_the_greeting_no_latency():
    play = Play()
    for begins in (False, True):
        if begins:
            play.begin()
        play.conductor.heard(HeardSegment("I came to it through school", 999.0, 999.0, (), None), typed=True)
        play.conductor.turn_ended(999.0)
    play.room.ended.set()
    await play.close()
    turns = [write.record for write in play.outbox.waiting if write.kind is WriteKind.TURN]
    said = [turn for turn in turns if turn["speaker"] == "interviewer"]
    assert [(turn["line"], turn["latency"]) for turn in said] == [("greeting", None)]


async def test_a_line_is_said_on_through_a_noise():
    play = Play()
    play.begin()
    await asyncio.sleep(0)
    play.conductor.tell(SpeechStarted(at_s=1.0))
    play.conductor.tell(VoiceReached(at_s=9.0, voice=play.conductor.state.voice, words=False))
    assert play.room.said_on == [play.room.said[0].line_id]
    play.conductor.stop()
    play.room.ended.set()
    await play.close()
