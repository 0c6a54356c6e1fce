"""One interview, from the dispatch of its interviewer to the deletion of its room."""

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

from livekit import rtc
from livekit.agents import JobContext
from livekit.agents.voice import room_io
from livekit.rtc._proto.room_pb2 import AudioEncoding

from agent import engines
from agent.conductor import Conductor
from agent.dialogue import Dialogue, DialogueState
from agent.dialogue.events import (
    EVENT,
    Began,
    EngineChanged,
    Event,
    Judged,
    JudgingFailed,
    Left,
    Microphone,
    MicrophoneChanged,
    Resumed,
)
from agent.interviewer import Interviewer, RoomVoice
from agent.judging import Judging
from agent.leaving import ENDED_ELSEWHERE, NO_SHOW, NOT_BACK, PAUSED, ROOM_CLOSED, TAKEN_OVER, leave
from agent.memory import Memory
from agent.microphone import MicrophoneWatch
from agent.overhearing import Overhearing
from agent.page import Page
from agent.presence import Presence
from agent.recorder import Recorder
from agent.script import records, script_of, windows_of
from agent.speech import Speech
from agent.stamped import ResampledInput, StampedInput
from agent.timekeeper import Timekeeper, epoch_of
from agent.voice_activity import VoiceActivity
from interview.catalogue import catalogue
from interview.clock import Clock
from interview.engines import EngineChange, EngineKind, EngineState, last_states
from interview.errors import StaleAttempt, StorageUnavailable
from interview.leftovers import Leftovers
from interview.names import candidate_identity
from interview.outbox import MEGABYTE, Outbox
from interview.session import ConsentItem, Session, Status
from interview.settings import Settings
from interview.spool import Spool
from interview.storage import Storage
from interview.transcript import DialogueEvent
from interview.writes import Writer
from providers.providers import Providers
from rooms.messages import is_control
from rooms.rooms import Rooms

log = logging.getLogger(__name__)

_LAST_WRITES_S = 40.0
_EARLIER_WRITES_S = 2.0
"""How long the writes of an earlier attempt, which another process is just doing, are waited for."""
_VOICE = rtc.TrackPublishOptions(
    source=rtc.TrackSource.SOURCE_MICROPHONE, audio_encoding=AudioEncoding(max_bitrate=80_000)
)
"""How the interviewer's voice is published: from 80 kbit/s on, Opus codes it in the way that is half the work, speech
and silence alike, and below in the way that phones needed. Somebody who sends a picture can receive that."""


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _outbox(settings: Settings, writer: Writer, spool: Spool | None, owner: str, clock: Clock) -> Outbox:
    return Outbox(
        owner,
        writer.perform,
        spool=spool,
        keep_after_s=settings.spool_after_s,
        max_bytes=round(settings.spool_max_mb * MEGABYTE),
        clock=clock,
    )


class InterviewJob:
    """Runs one attempt of one session. `run` leaves nothing open but what it was handed."""

    def __init__(
        self,
        context: JobContext,
        connected: asyncio.Future[None],
        record: Session,
        *,
        settings: Settings,
        storage: Storage,
        rooms: Rooms,
        clock: Clock,
        spool: Path | None,
        vad_model: VoiceActivity,
    ) -> None:
        self._context = context
        self._connected = connected
        self._record = record
        self._settings = settings
        self._storage = storage
        self._rooms = rooms
        self._clock = clock
        self._id = record.session_id
        self._attempt = record.attempt
        self._over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        writer = Writer(storage, on_stale=lambda: self._finish(TAKEN_OVER))
        kept = spool and Spool(spool, self._id, self._attempt, storage.keyring)
        self._outbox = _outbox(settings, writer, kept, f"session {self._id}", clock)
        self._spool = spool
        self._providers = Providers(
            settings,
            storage,
            clock,
            session_id=record.session_id,
            wanted=record.plan.engines,
            on_change=self._engines_changed,
            known=last_states(record.engine_changes),
        )
        evaluate_after_s, meter = settings.evaluation_settle_s, self._providers.meter
        self._memory = Memory(self._outbox, self._id, self._attempt, evaluate_after_s=evaluate_after_s, meter=meter)
        self._chat = self._providers.chat()
        self._ears = engines.build_ears(self._providers, record.plan)
        self._tts = engines.build_voices(self._providers, record.plan)
        store = engines.speech_store(settings, record.plan, self._tts)
        self._speech = Speech(self._tts, engines.connect_options().tts_conn_options, store)
        self._endings = engines.build_endings(settings, record.plan.language, context.inference_executor.do_inference)
        self._session = engines.build_session(self._ears, vad_model, self._endings)
        overhearing = Overhearing(record.plan.language)
        self._interviewer = Interviewer(overhearing, self._endings)
        self._voice = RoomVoice(self._session, self._speech, overhearing, vad_model.attention)
        self._sounds = 0
        if settings.listening_sound_s:
            self._endings.sound = self._listening_sound
        self._presence = Presence(context.room, candidate_identity(self._id))
        self._page = Page(context.room, lambda: self._time.left_s() if self._time else None)
        self._microphone = MicrophoneWatch(context.room, candidate_identity(self._id), self._microphone_found)
        self._recorder: Recorder | None = None
        self._look_now = asyncio.Event()
        self._conducting: Conductor | None = None
        self._time: Timekeeper | None = None
        self._past_s: float | None = None
        """How far the dialogue's time had come in earlier attempts."""

    async def run(self) -> None:
        """Conduct the interview, store its end, and leave."""
        writer = asyncio.create_task(self._outbox.run(), name="outbox")
        heartbeat = asyncio.create_task(self._heartbeat(), name="heartbeat")
        # undone from the last to the first, each whatever becomes of the others: the writes come last, and while they
        # last this attempt is alive
        async with AsyncExitStack() as undo:
            undo.push_async_callback(_cancel, [heartbeat])
            undo.push_async_callback(self._last_writes, writer)
            undo.push_async_callback(self._tts.aclose)
            undo.push_async_callback(self._ears.aclose)
            undo.push_async_callback(self._chat.aclose)
            undo.push_async_callback(self._page.aclose)
            conductor = await self._conductor()
            if self._recorder:
                undo.push_async_callback(self._recorder.aclose)
            undo.push_async_callback(conductor.aclose)
            undo.push_async_callback(self._session.aclose)
            undo.callback(conductor.stop)
            # the greeting is made while the room is entered
            conductor.prepare_first_line()
            await self._enter(conductor)
            tasks = [asyncio.create_task(self._attend(conductor), name="attendance")]
            if not self._record.adjustments.typing_only:
                tasks.append(asyncio.create_task(self._microphone.run(), name="microphone"))
            undo.push_async_callback(_cancel, tasks)
            watched = [writer, heartbeat, *tasks]
            if self._recorder and self._recorder.task:
                watched.append(self._recorder.task)
            reason = await self._until_over(conductor, watched)
            if reason == PAUSED:
                self._page.show(conductor.progress().model_copy(update={"state": "paused"}))
        await self._leave(reason)

    async def _conductor(self) -> Conductor:
        """Build the dialogue where earlier attempts left it."""
        windows = windows_of(self._record, self._settings)
        dialogue = Dialogue(script_of(self._record), silence_s=windows.silence_s, thinking_s=windows.thinking_s)
        stored = await self._told_before() if self._attempt > 1 else []
        past = [EVENT.validate_python(entry.event) for entry in stored]
        self._past_s = max((event.at_s for event in past), default=None)
        self._memory.goes_on_after(stored)
        state = dialogue.replay(past, DialogueState())
        self._endings.cut_off(state.cut_offs)
        conductor = Conductor(
            dialogue,
            state,
            voice=self._voice,
            speech=self._speech,
            judging=lambda conductor: Judging(
                self._chat, partial(self._judged, conductor), conductor.since, self._record.plan.language
            ),
            memory=self._memory,
            show=self._page.show,
            be_patient=self._be_patient,
            reply_deadline_s=self._settings.reply_deadline_s,
        )
        self._interviewer.conducted_by(conductor)
        self._conducting = conductor
        if records(self._record):
            self._recorder = Recorder(self._id, self._attempt, self._settings.recording_segment_s, self._memory.audio)
        return conductor

    def _listening_line(self) -> str:
        return catalogue(self._record.plan.language).line("listening", self._sounds)

    def _listening_sound(self) -> float:
        """Show a candidate who may go on that they are heard; returns how many seconds it takes."""
        takes_s = self._voice.listens(self._listening_line())
        self._sounds += 1
        self._speech.prepare(self._listening_line(), shared=True)
        return takes_s

    def _judged(self, conductor: Conductor, event: Judged | JudgingFailed) -> None:
        if isinstance(event, Judged):
            self._endings.judged(event.complete, event.words)
        conductor.tell(event)

    async def _told_before(self) -> list[DialogueEvent]:
        """Return what earlier attempts were told; what one that died left on this machine is written first."""
        if self._spool is not None:
            leftovers = Leftovers(self._spool, self._storage.keyring, self._settings.spool_keep_s)
            await leftovers.write_before(self._storage, self._id, _EARLIER_WRITES_S)
        return await self._storage.dialogue_events.of(self._id)

    def _be_patient(self, cut_offs: int) -> None:
        """Give a candidate who pauses more time, a little more with each time that they were cut off."""
        self._endings.cut_off(cut_offs)
        log.info("session %s: cut off for the %d. time, waiting longer from here", self._id, cut_offs)

    async def _enter(self, conductor: Conductor) -> None:
        """Join the room and put the taps and listeners in place."""
        await self._connected
        self._context.room.on("data_received", self._told_to_look)
        self._presence.follow(on_room_closed=lambda: self._finish(ROOM_CLOSED))
        # the first thing sent opens the connection for sending, which takes a while: not when the first line is due
        self._page.show(conductor.progress())
        self._speech.prepare(self._listening_line(), shared=True)
        await self._session.start(
            self._interviewer,
            room=self._context.room,
            room_options=room_io.RoomOptions(
                participant_identity=candidate_identity(self._id),
                # what a page has recorded before it joined is on no track, so it would be neither recorded nor dated
                # gain is the browser's business: here it would raise a hum until that is taken for a voice
                audio_input=room_io.AudioInputOptions(pre_connect_audio=False, auto_gain_control=False),
                audio_output=room_io.AudioOutputOptions(track_publish_options=_VOICE),
                text_input=room_io.TextInputOptions(text_input_cb=self._interviewer.on_typed),
                close_on_disconnect=False,
                delete_room_on_close=False,
            ),
            record=False,
            # a session host would let anyone in the room steer the agent
            session_host=False,
        )
        audio_in, audio_out = self._session.input.audio, self._session.output.audio
        if audio_in is None or audio_out is None:
            raise RuntimeError("the room gave the session no audio")
        stamped = StampedInput(audio_in, self._microphone.heard)
        self._session.input.audio = ResampledInput(self._recorder.record_input(stamped) if self._recorder else stamped)
        if self._recorder:
            self._session.output.audio = self._recorder.record_output(audio_out)
            self._recorder.start()
        self._voice.listen()
        self._interviewer.follow(self._session)
        self._ears.follow(self._session)

    async def _until_over(self, conductor: Conductor, tasks: list[asyncio.Task[None]]) -> str:
        await asyncio.wait({self._over, conductor.closed, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()  # a task that failed ends the job with its error
        return conductor.closed.result() if conductor.closed.done() else self._over.result()

    async def _attend(self, conductor: Conductor) -> None:
        """Begin when the candidate is there, wait when they leave, and keep the time."""
        if not await self._presence.arrives(self._settings.no_show_s):
            self._finish(NO_SHOW)
            return
        joined_at = self._clock.now()
        epoch = epoch_of(self._record.clock_started_at, joined_at, self._past_s)
        conductor.begin(epoch, self._first_event)
        self._memory.joined(joined_at)
        for kind in EngineKind:  # until here the dialogue took in nothing, and it may have the past of another attempt
            down = self._providers.states.of(kind) is EngineState.DOWN
            conductor.tell(EngineChanged(at_s=conductor.since(), engine=kind, down=down))
        self._time = Timekeeper(self._record.allowed_s, lambda event: conductor.tell(event(conductor.since())))
        self._time.start(epoch)
        try:
            while True:
                await self._presence.leaves()
                conductor.tell(Left(at_s=conductor.since()))
                self._memory.left(self._clock.now())
                if not await self._presence.arrives(self._settings.rejoin_window_s):
                    self._finish(NOT_BACK)
                    return
                self._memory.joined(self._clock.now())
                self._page.show_again()
                conductor.tell(Resumed(at_s=conductor.since()))
        finally:
            self._time.stop()

    def _first_event(self, at_s: float) -> Event:
        allowed_s = float(self._record.allowed_s)
        if self._attempt > 1:
            return Resumed(at_s=at_s, paused=self._record.resumed_from_pause, allowed_s=allowed_s)
        return Began(at_s=at_s, allowed_s=allowed_s)

    def _microphone_found(self, microphone: Microphone) -> None:
        """Tell the dialogue what it does not know yet: an earlier attempt may have left it with something else."""
        conductor = self._conducting
        if conductor is None or not conductor.begun or conductor.state.microphone is microphone:
            return
        log.info("session %s: the candidate's microphone is %s", self._id, microphone)
        conductor.tell(MicrophoneChanged(at_s=conductor.since(), microphone=microphone))

    async def _heartbeat(self) -> None:
        """Give a sign of life, and learn from the answer whether this attempt is still wanted and for how long.

        A control message is a reason to ask at once; if it is lost, the next heartbeat tells the same.
        """
        while True:
            self._look_now.clear()
            try:
                record = await self._storage.sessions.heartbeat(self._id, self._attempt)
            except StaleAttempt:
                self._finish(TAKEN_OVER)
                return
            except StorageUnavailable as error:
                log.warning("session %s: no heartbeat: %s", self._id, error)
            else:
                self._obey(record)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.heartbeat_s):
                    await self._look_now.wait()

    def _obey(self, record: Session) -> None:
        if record.status is Status.PAUSED:
            self._finish(PAUSED)
        elif record.status is not Status.IN_PROGRESS:
            self._finish(ENDED_ELSEWHERE)
        else:
            if self._time is not None:
                self._time.allow(record.allowed_s)
            if self._recorder is not None and not record.consents(ConsentItem.RECORDING):
                self._recorder.forgo()

    def _engines_changed(self, change: EngineChange) -> None:
        """Note how a kind of engine fares from now on, and tell the dialogue whether anything is left of it."""
        log.warning("session %s: the engines for %s are %s", self._id, change.kind, change.state)
        conductor = self._conducting
        if conductor is not None:
            down = change.state is EngineState.DOWN
            conductor.tell(EngineChanged(at_s=conductor.since(), engine=change.kind, down=down))
        self._memory.engines(change)

    def _told_to_look(self, packet: rtc.DataPacket) -> None:
        if is_control(packet):
            self._look_now.set()

    def _finish(self, reason: str) -> None:
        if not self._over.done():
            self._over.set_result(reason)

    async def _last_writes(self, writer: asyncio.Task[None]) -> None:
        self._memory.usage(self._providers.meter.take())
        self._outbox.close()
        if writer.done():
            log.error("session %s: the writer ended with %d writes not done", self._id, len(self._outbox))
        done, _ = await asyncio.wait({writer}, timeout=_LAST_WRITES_S)
        if not done:
            log.error("session %s: left with %d writes not done", self._id, len(self._outbox))
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _leave(self, reason: str) -> None:
        log.info(
            "session %s attempt %d is over: %s (recogniser lost %d times, lines without sound %d)",
            self._id,
            self._attempt,
            reason,
            self._interviewer.stt_failures,
            self._speech.failures,
        )
        await leave(self._record, reason, self._storage, self._rooms)
