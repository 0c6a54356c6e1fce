"""Carries out what the dialogue machine asks for, and tells it what happened. It decides nothing itself."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from agent.dialogue import Dialogue, DialogueState
from agent.dialogue.actions import (
    Action,
    AwaitDeadline,
    BePatient,
    CancelJudge,
    Close,
    FinishQuestion,
    Hush,
    Judge,
    Line,
    Prepare,
    RecordAnswer,
    Say,
    SayOn,
    ShowProgress,
    WatchSilence,
    WatchVoice,
)
from agent.dialogue.events import (
    Began,
    DeadlineReached,
    Event,
    Heard,
    HeardPartial,
    LineEnded,
    LineStarted,
    SilenceReached,
    TurnEnded,
    VoiceReached,
)
from agent.dialogue.outline import outline
from agent.hearing import HeardSegment
from agent.judging import Judging
from agent.memory import Memory
from agent.speech import Speech
from interview.clock import from_epoch
from interview.session import Progress, Stage
from interview.transcript import Latency, Speaker, TurnKind

log = logging.getLogger(__name__)

_LAST_LINE_S = 2.0
"""How long a line that the end of the job cuts off may take to say how much of it was heard."""


class Spoken(NamedTuple):
    """How a line went: what of it was said, whether it was cut, and its last second of sound, where that is known."""

    text: str
    interrupted: bool
    ended_at: float | None = None


class Voice(Protocol):
    """Says a line in the room. A new line replaces the one that is being said."""

    async def say(self, line: Line, on_started: Callable[[float], None]) -> Spoken:
        """Say it; `on_started` is told the wall-clock second of its first audio. Returns when it has ended."""
        ...

    def hush(self, line_id: int) -> None:
        """Stop saying the line, if it is the one that is being said."""
        ...

    def say_on(self, line_id: int) -> None:
        """Say on with the line where it has paused, if it is the one that is being said, and pause for no voice."""
        ...


class Conductor:
    """One interview's dialogue, running. Everything here happens on one event loop."""

    def __init__(
        self,
        dialogue: Dialogue,
        state: DialogueState,
        *,
        voice: Voice,
        speech: Speech,
        judging: Callable[["Conductor"], Judging],
        memory: Memory,
        show: Callable[[ShowProgress], None],
        be_patient: Callable[[int], None],
        reply_deadline_s: float,
    ) -> None:
        self._dialogue = dialogue
        self.state = state
        self._voice = voice
        self._speech = speech
        self._judging = judging(self)
        self._memory = memory
        self._show = show
        self._be_patient = be_patient
        self._reply_deadline_s = reply_deadline_s
        self._epoch: float | None = None
        self._speech_ended_at: float | None = None
        self._turn_taken_at: float | None = None
        self._heard_at: float | None = None
        self._segment: HeardSegment | None = None
        self._typed = False
        self._words_came = False
        """Since the voice is watched."""
        self._early: list[HeardSegment] = []
        """What was typed before the dialogue began; whoever takes it in bounds it."""
        self._line: asyncio.Task[None] | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._stopped = False
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if state.stage is Stage.DONE:
            self.closed.set_result("completed")  # an earlier attempt said goodbye, and did not come to store it

    def prepare_first_line(self) -> None:
        """Have the first line's audio made, before anybody is there to hear it."""
        if not self.state.lines_said:
            step = self._dialogue.step(self.state, Began(at_s=0.0))
            for action in step.actions:
                if isinstance(action, Say):
                    self._speech.prepare(action.line.text)

    def progress(self) -> ShowProgress:
        """Say where the interview stands."""
        return self._dialogue.progress(self.state)

    def begin(self, epoch: float, event: Callable[[float], Event]) -> None:
        """Start the dialogue's time at `epoch` (seconds since 1970) with its first event."""
        self._epoch = epoch
        self.tell(event(self.since()))
        early, self._early = self._early, []
        for segment in early:
            self.heard(segment, typed=True)
            self.turn_ended(None)

    @property
    def begun(self) -> bool:
        """Whether the dialogue's time runs."""
        return self._epoch is not None

    def since(self, moment: float | None = None) -> float:
        """Return the dialogue's seconds at a wall-clock second, or now."""
        return (time.time() if moment is None else moment) - (self._epoch or 0.0)

    def tell(self, event: Event) -> None:
        """Give the machine an event and carry out what it asks for; once stopped, only words are taken in."""
        if not self.begun or (self._stopped and not isinstance(event, Heard)):
            return
        try:
            self._take_in(event)
        except Exception as error:
            # timers and the recogniser call this: what is raised there reaches nobody who could end the interview
            self._fail(error)
            raise

    def _take_in(self, event: Event) -> None:
        self._words_came |= isinstance(event, HeardPartial) or (isinstance(event, Heard) and not event.typed)
        before = self.state
        step = self._dialogue.step(before, event)
        self.state = step.state
        if step.actions or step.state != before:
            self._memory.event(event.model_dump(mode="json"), outline(step.actions), from_epoch(time.time()))
        for action in step.actions:
            if not self._stopped or isinstance(action, RecordAnswer):
                self._carry_out(action)

    def heard(self, segment: HeardSegment, *, typed: bool = False) -> None:
        """Take in a final segment of what the candidate said or typed; it is stored under its question."""
        if typed and not self.begun:
            self._early.append(segment)
            return
        self._segment, self._typed = segment, typed
        self._heard_at = time.time()
        self.tell(
            Heard(
                at_s=self.since(),
                text=segment.text,
                started_s=self.since(segment.started_at),
                ended_s=self.since(segment.ended_at),
                typed=typed,
            )
        )
        self._segment = None

    def overheard(self, segment: HeardSegment) -> None:
        """Store words that only show that somebody listens; the dialogue goes on as if they had not been said."""
        if not self.begun:
            return
        self._segment, self._typed = segment, False
        self._record_answer(RecordAnswer(stage=self.state.stage, question_id=self._dialogue.answering(self.state)))
        self._segment = None

    def turn_ended(self, speech_ended_at: float | None) -> None:
        """Endpointing holds that the candidate has finished, having stopped at that wall-clock second."""
        if not self.begun:
            return
        self._turn_taken_at = time.time()
        self._speech_ended_at = speech_ended_at or self._turn_taken_at
        self.tell(TurnEnded(at_s=self.since()))
        if self.state.typed_ahead:
            self._speech_ended_at = None  # it is answered after the greeting: that wait tells nothing of our speed

    def stop(self) -> None:
        """Begin nothing any more. What was said until now, and a line that is cut off by this, is still stored."""
        self._stopped = True
        for timer in self._timers.values():
            timer.cancel()

    async def aclose(self) -> None:
        """Stop judging and speech; called when the voice has ended."""
        self.stop()
        await self._judging.aclose()
        if self._line:
            await asyncio.wait({self._line}, timeout=_LAST_LINE_S)
            self._line.cancel()
            await asyncio.gather(self._line, return_exceptions=True)
        await self._speech.aclose()

    def _carry_out(self, action: Action) -> None:
        match action:
            case Say(line=line):
                reply_to, self._speech_ended_at = self._speech_ended_at, None
                saying = self._say(line, reply_to, self._line)
                self._line = asyncio.create_task(saying, name=f"line-{line.line_id}")
                self._line.add_done_callback(self._line_done)
            case Hush(line_id=line_id):
                self._voice.hush(line_id)
            case SayOn(line_id=line_id):
                log.info("the candidate's voice goes on without words: the line is said on")
                self._voice.say_on(line_id)
            case Prepare(text=text, shared=shared):
                self._speech.prepare(text, shared=shared)
            case Judge():
                self._judging.start(action)
            case CancelJudge():
                self._judging.cancel()
            case AwaitDeadline(turn=turn):
                due = (self._speech_ended_at or time.time()) + self._reply_deadline_s
                self._later("deadline", due - time.time(), lambda: DeadlineReached(at_s=self.since(), turn=turn))
            case WatchSilence(watch=watch, after_s=after_s):
                self._later("silence", after_s, lambda: SilenceReached(at_s=self.since(), watch=watch))
            case WatchVoice(voice=voice, after_s=after_s):
                self._words_came = False
                self._later("voice", after_s, lambda: self._voice_reached(voice))
            case BePatient(cut_offs=cut_offs):
                self._be_patient(cut_offs)
            case RecordAnswer():
                self._record_answer(action)
            case FinishQuestion(question_id=question_id):
                self._memory.question_done(question_id)
            case ShowProgress():
                self._show(action)
                self._memory.progress(
                    Progress(
                        answered=action.answered,
                        total=action.total,
                        stage=action.stage,
                        question_id=action.question_id,
                    )
                )
            case Close(reason=reason):
                if not self.closed.done():
                    self.closed.set_result(reason)

    def _voice_reached(self, voice: int) -> VoiceReached:
        return VoiceReached(at_s=self.since(), voice=voice, words=self._words_came)

    def _later(self, name: str, after_s: float, event: Callable[[], Event]) -> None:
        if name in self._timers:
            self._timers[name].cancel()
        loop = asyncio.get_running_loop()
        self._timers[name] = loop.call_later(max(0.0, after_s), lambda: self.tell(event()))

    def _line_done(self, line: asyncio.Task[None]) -> None:
        """A line that could not be said would be waited for until the time is up: the interview fails instead."""
        error = None if line.cancelled() else line.exception()
        if error is None:
            return
        log.error("%s could not be said: %s", line.get_name(), type(error).__name__)
        self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if not self.closed.done():
            self.closed.set_exception(error)

    async def _say(self, line: Line, reply_to: float | None, previous: asyncio.Task[None] | None) -> None:
        prepared = self._speech.ready(line.text)
        taken_at, heard_at = self._turn_taken_at, self._heard_at
        started: list[float] = []

        def on_started(moment: float) -> None:
            started.append(moment)
            lasts_s = self._speech.duration_s(line.text)
            self.tell(LineStarted(at_s=self.since(moment), line_id=line.line_id, lasts_s=lasts_s))

        spoken = await self._voice.say(line, on_started)
        if previous:
            await asyncio.gather(previous, return_exceptions=True)  # its turn is stored before this one's
        if started and spoken.text:
            latency = None
            if reply_to is not None:
                latency = Latency(
                    transcript_s=_between(reply_to, heard_at),
                    end_of_turn_s=_between(reply_to, taken_at),
                    reply_s=_between(reply_to, started[0]),
                    prepared=prepared,
                )
            self._memory.turn(
                Speaker.INTERVIEWER,
                spoken.text,
                started_at=started[0],
                ended_at=spoken.ended_at or time.time(),
                stage=line.stage,
                question_id=line.question_id,
                line=line.kind,
                difficulty=line.difficulty,
                interrupted=spoken.interrupted,
                latency=latency,
            )
        self.tell(LineEnded(at_s=self.since(), line_id=line.line_id, interrupted=spoken.interrupted))

    def _record_answer(self, action: RecordAnswer) -> None:
        segment = self._segment
        if segment is None:
            return
        self._memory.turn(
            Speaker.CANDIDATE,
            segment.text,
            started_at=segment.started_at,
            ended_at=segment.ended_at,
            stage=action.stage,
            question_id=action.question_id,
            kind=TurnKind.TYPED if self._typed else TurnKind.SPOKEN,
            words=segment.words,
            confidence=segment.confidence,
            instructs=action.instructs,
        )


def _between(start: float, end: float | None) -> float | None:
    return None if end is None else round(max(0.0, end - start), 3)
