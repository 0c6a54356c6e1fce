"""The LiveKit agent: what the framework reports becomes events of the dialogue; lines become speech in the room."""

import asyncio
import logging
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable

from livekit import rtc
from livekit.agents import Agent, AgentSession, APIError, ModelSettings, StopResponse, llm, stt
from livekit.agents.voice.events import UserStateChangedEvent
from livekit.agents.voice.io import PlaybackProgressedEvent, PlaybackStartedEvent
from livekit.agents.voice.room_io.types import TextInputEvent
from livekit.agents.voice.speech_handle import SpeechHandle

from agent.allowance import Allowance
from agent.conductor import Conductor, Spoken
from agent.dialogue.actions import Line
from agent.dialogue.events import HeardPartial, SpeechPaused, SpeechStarted
from agent.endings import Endings
from agent.hearing import HeardSegment, StreamClock, segment
from agent.overhearing import Overheard, Overhearing
from agent.speech import Speech
from agent.stamped import began_at_of
from agent.voice_activity import Attention

log = logging.getLogger(__name__)

_LONGEST_TYPED = 4000
_TYPED_AT_MOST = 20
_TYPED_WITHIN_S = 60.0
"""More messages than a person types would fill the database, and everything else there would wait."""


_BREATH_S = 0.3
"""From the end of a listening sound to the next line, of which it takes up to 0.15 s until the sound is heard."""
LEAST_HEARD_S = 0.2
"""Of a line that was cut off before so much of it had sounded nobody heard a word."""


class Played:
    """How much of a line has sounded, and until when (since 1970); one that pauses sounds in several stretches."""

    def __init__(self) -> None:
        self._heard_s = 0.0
        self._until: float | None = None

    def note(self, started_at: float, duration_s: float) -> None:
        """Note a stretch that is certain to have been played."""
        self._heard_s += duration_s
        self._until = started_at + duration_s

    def cut(self, text: str) -> Spoken:
        """Return what was said of a line that was cut off: `text`, unless next to nothing of it had sounded."""
        return Spoken(text if self._heard_s >= LEAST_HEARD_S else "", interrupted=True, ended_at=self._until)


class RoomVoice:
    """Says lines through the agent session, with audio that was made ahead."""

    def __init__(self, session: AgentSession, speech: Speech, overhearing: Overhearing, attention: Attention) -> None:
        """`attention` asks this whether a line is heard that the candidate's voice pauses."""
        self._session = session
        self._speech = speech
        self._overhearing = overhearing
        self._started: Callable[[float], None] | None = None
        self._saying: tuple[int, SpeechHandle] | None = None
        self._sound: SpeechHandle | None = None
        self._heard = Played()
        attention.line_is_heard = self._may_be_interrupted

    def listen(self) -> None:
        """Follow when audio begins to play; called once the session has its output."""
        output = self._session.output.audio
        if output is not None:
            output.on("playback_started", self._on_playback_started)
            output.on("playback_progressed", self._on_playback_progressed)

    async def say(self, line: Line, on_started: Callable[[float], None]) -> Spoken:
        """Say a line, in place of what is being said."""
        self._interrupt(self._session.current_speech)
        # what does not allow interruptions is not listened through: the recogniser is given silence meanwhile
        handle = self._session.say(
            line.text,
            audio=self._speech.frames(line.text, shared=line.shared),
            allow_interruptions=not (self._overhearing.half_duplex or line.through),
        )
        self._saying = line.line_id, handle

        played = Played()

        def started(at: float) -> None:
            # until then, what is told to have played is of what sounded before
            self._heard = played
            self._overhearing.line_started(line.text, at, self._speech.duration_s(line.text))
            on_started(at)

        self._started = started
        await handle
        if self._started is started:  # it never began, and the next sound is not its beginning
            self._started = None
        self._overhearing.line_ended(time.time())
        said = [item for item in handle.chat_items if isinstance(item, llm.ChatMessage)]
        text = " ".join(item.text_content or "" for item in said).strip()
        return played.cut(text) if handle.interrupted else Spoken(text, interrupted=False)

    def listens(self, text: str) -> float:
        """Make a listening sound, in place of an earlier one, unless a line is being said or the sound is not made yet.

        Returns for how many seconds a line would run into it: 0 where none is made.
        """
        self._speech.prepare(text, shared=True)
        lasts_s = self._speech.duration_s(text)
        current = self._session.current_speech
        if lasts_s is None or (current is not None and current is not self._sound):
            return 0.0
        # a sound that the candidate spoke into has paused, and would be in the way of every one that follows
        self._interrupt(current)
        self._sound = self._session.say(text, audio=self._speech.frames(text), add_to_chat_ctx=False)
        return lasts_s + _BREATH_S

    def hush(self, line_id: int) -> None:
        """Stop saying the line, if it is the one that is being said."""
        if self._saying and self._saying[0] == line_id:
            self._interrupt(self._saying[1])

    def say_on(self, line_id: int) -> None:
        """Say on with the line where it has paused, if it is the one that is being said, and pause for no voice."""
        output = self._session.output.audio
        if self._saying is None or self._saying[0] != line_id or output is None:
            return
        handle = self._saying[1]
        if not handle.interrupted and not handle.done():
            handle.allow_interruptions = False
            output.resume()

    def _may_be_interrupted(self) -> bool:
        # one that has paused is not heard
        if self._saying is None or self._started is not None or self._session.agent_state != "speaking":
            return False
        handle = self._saying[1]
        return handle.allow_interruptions and not handle.interrupted and not handle.done()

    @staticmethod
    def _interrupt(speech: SpeechHandle | None) -> None:
        if speech is not None and not speech.done() and not speech.interrupted:
            speech.interrupt(force=True)

    def _on_playback_progressed(self, event: PlaybackProgressedEvent) -> None:
        self._heard.note(event.started_at, event.duration)

    def _on_playback_started(self, event: PlaybackStartedEvent) -> None:
        started, self._started = self._started, None
        if started:
            started(event.created_at)


class Interviewer(Agent):
    """A thin adapter between LiveKit's voice pipeline and the dialogue.

    `stt_failures` counts recogniser streams that were lost.
    """

    def __init__(self, overhearing: Overhearing, endings: Endings | None = None) -> None:
        super().__init__(instructions="")
        self._overhearing = overhearing
        self._conductor: Conductor | None = None
        self._endings = endings
        self.stt_failures = 0
        self._typing = Allowance(_TYPED_AT_MOST, _TYPED_WITHIN_S)

    def conducted_by(self, conductor: Conductor) -> None:
        """Set whom to tell."""
        self._conductor = conductor

    def follow(self, session: AgentSession) -> None:
        """Follow the candidate's voice activity."""
        session.on("user_state_changed", self._on_user_state)

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncIterator[stt.SpeechEvent]:
        """Recognise speech, taking words and confidence on the way.

        A recogniser that fails after its retries is counted, and the framework calls this again with audio that goes
        on from there; its error budget is set so high that it does not close the session.
        """
        try:
            async for event in self._recognised(audio):
                yield event
        except APIError as error:
            self.stt_failures += 1
            log.error("the recogniser failed (%s), connecting again", type(error).__name__)
            raise

    async def _recognised(self, frames: AsyncIterable[rtc.AudioFrame]) -> AsyncIterator[stt.SpeechEvent]:
        session = self.session
        engine = session.stt
        if engine is None:
            raise RuntimeError("the session was built without a recogniser")
        clock = StreamClock()
        async with engine.stream(conn_options=session.conn_options.stt_conn_options) as stream:
            forwarding = asyncio.create_task(_forward(frames, stream, clock), name="stt-input")
            try:
                async for event in stream:
                    # what the framework is not told cannot stop the interviewer: its line goes on where it paused
                    if self._on_speech(event, clock):
                        yield event
            finally:
                forwarding.cancel()
                await asyncio.gather(forwarding, return_exceptions=True)

    async def on_user_turn_completed(self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage) -> None:
        """Tell the dialogue that the candidate has finished; the framework is to generate nothing."""
        if self._conductor:
            stopped_at = (new_message.metrics or {}).get("stopped_speaking_at")
            self._conductor.turn_ended(stopped_at)
        raise StopResponse

    def on_typed(self, session: AgentSession, event: TextInputEvent) -> None:
        """Take a typed answer as a spoken one."""
        text = event.text.replace("\x00", "").strip()[:_LONGEST_TYPED]
        if not text or self._conductor is None:
            return
        if not self._typing.take(time.monotonic()):
            log.warning("too many typed messages in a minute, %d left out so far", self._typing.refused)
            return
        if session.current_speech is not None and not self._conductor.state.greets:
            session.current_speech.interrupt(force=True)
        now = time.time()
        self._conductor.heard(HeardSegment(text, now, now, (), None), typed=True)
        self._conductor.turn_ended(now)

    def _on_speech(self, event: stt.SpeechEvent, clock: StreamClock) -> bool:
        """Tell the dialogue what was recognised; False when it is nothing that anybody said to it."""
        if self._conductor is None or not event.alternatives or not event.alternatives[0].text.strip():
            return True
        best = event.alternatives[0]
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
            heard = segment(best, clock)
            match self._overhearing.judge(heard.text, heard.started_at, heard.ended_at):
                case Overheard.ECHO:
                    log.info("the interviewer's own words came back (%d times)", self._overhearing.echoes)
                    self._forget()
                    return False
                case Overheard.BACKCHANNEL if not self._conductor.state.ending:  # there, "yes" is an answer
                    self._conductor.overheard(heard)
                    self._forget()
                    return False
                case _:
                    self._end_by(heard.text, final=True)
                    self._conductor.heard(heard)
        elif event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT:
            if self._overhearing.may_be_echo(best.text):
                return False
            self._end_by(best.text, final=False)
            self._conductor.tell(HeardPartial(at_s=self._conductor.since(), text=best.text))
        return True

    def _forget(self) -> None:
        if self._endings:
            self._endings.forget()

    def _end_by(self, text: str, *, final: bool) -> None:
        if self._endings:
            self._endings.heard(text, final=final)

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if self._conductor is None:
            return
        at_s = self._conductor.since()
        if event.new_state == "speaking":
            self._conductor.tell(SpeechStarted(at_s=at_s))
        elif event.old_state == "speaking":
            self._conductor.tell(SpeechPaused(at_s=at_s))


async def _forward(frames: AsyncIterable[rtc.AudioFrame], stream: stt.RecognizeStream, clock: StreamClock) -> None:
    async for frame in frames:
        clock.pushed(frame.duration, began_at_of(frame))
        stream.push_frame(frame)
    stream.end_input()
