"""The simulated candidate: takes an interview over real WebRTC, driven by what it hears and what the page shows.

It goes through the public API as a browser does (`local.seat`), publishes a microphone and a camera, speaks when
the interviewer has been audibly silent after having said a line (a listening sound is none), and records both
directions as heard in the room.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livekit import rtc

from interview.names import TOPIC_PROGRESS
from interview.record import Record
from interview.session import Stage
from interview.transcript import Speaker
from local.attendance import Attendance, Away, Caption, Seen, Spoken, line_over_since, seen_from, write_recording
from local.camera import Scene
from local.devices import SAMPLE_RATE, Camera, Microphone
from local.ear import Ear
from local.listening import Interval
from local.persona import Persona, Phrase
from local.script import Cue, Reply, ReplyKind, Script
from local.seat import RoomPass, Seat
from local.utterance import Utterance, utter

log = logging.getLogger(__name__)

_TOPIC_CAPTIONS = "lk.transcription"
_TOPIC_TYPED = "lk.chat"
_INTERVIEWER = "interviewer-"
_QUIET_S = 0.6
_QUIET_ALTHOUGH_SPEAKING_S = 3.0
"""After so much silence the candidate speaks although the page still says that the interviewer does."""
_LOOK_EVERY_S = 0.02
_SOUND_LAG_S = 0.2
"""Sound comes so much later than what the page shows, at most."""


class Limits(Record):
    """How long things may take, in seconds."""

    whole_s: float = 600
    silence_s: float = 60
    """Of both sides, before the candidate gives up."""
    connect_s: float = 20


class Candidate:
    """One attendance of one persona. Make it, `await attend(...)`, throw it away."""

    def __init__(
        self,
        persona: Persona,
        photo: Path,
        *,
        limits: Limits | None = None,
        recorded: Mapping[tuple[Phrase, ...], Utterance] | None = None,
        announce: Callable[[Utterance], Awaitable[None]] | None = None,
    ) -> None:
        """`photo` is the picture of a person that the camera shows (the asset `astronaut`).

        `recorded` is audio for some of what the persona says, in place of its voice; `announce` is told what is said
        just before that.
        """
        self._persona = persona
        self._announce = announce
        self._limits = limits or Limits()
        self._scene = Scene(photo)
        self._script = Script(persona)
        self._utterances: dict[tuple[Phrase, ...], Utterance] = dict(recorded or {})
        self._ear = Ear()
        self._room = rtc.Room()
        self._over = asyncio.Event()
        self._ended = "connected"
        self._listeners: set[asyncio.Task[None]] = set()
        self._joined_s = 0.0
        self._seen: list[Seen] = []
        self._captions: list[Caption] = []
        self._spoken: list[Spoken] = []
        self._spoke_until_s = float("-inf")

    @property
    def now_on(self) -> Seen | None:
        """What the page shows at present, for a caller that wants to act in the middle of an interview."""
        return self._seen[-1] if self._seen else None

    async def attend(self, api_url: str, invite_url: str, recording: Path) -> Attendance:
        """Open the invite, agree, start, take the interview to its end, and write `recording`.

        Raises `CandidateRefused` when the API says no. Trouble inside the room is in the result, with what was
        recorded until then.
        """
        await asyncio.to_thread(self.rehearse)
        async with Seat(api_url) as seat:
            view = await seat.open(invite_url)
            await seat.agree(view)
            room_pass = await seat.start(view.session_id)
            return await self.take_part(room_pass, recording, start_answered_s=time.monotonic())

    async def take_part(self, room_pass: RoomPass, recording: Path, *, start_answered_s: float) -> Attendance:
        """Join the room and stay until it is deleted or a limit is reached."""
        self._listen()
        await asyncio.wait_for(
            self._room.connect(room_pass.livekit_url, room_pass.livekit_token), self._limits.connect_s
        )
        self._joined_s, joined_at = time.monotonic(), datetime.now(UTC)
        microphone, camera = Microphone(), Camera(self._scene)
        try:
            trouble = await self._converse_while_feeding(microphone, camera)
        finally:
            for task in self._listeners:
                task.cancel()
            await asyncio.gather(*self._listeners, return_exceptions=True)
            await self._room.disconnect()
        began_s = await asyncio.to_thread(write_recording, recording, microphone.chunks, self._ear.tracks, SAMPLE_RATE)
        return Attendance(
            session_id=room_pass.session_id,
            joined_at=joined_at,
            start_answered_s=start_answered_s - self._joined_s,
            recording=recording,
            recording_start_s=began_s - self._joined_s,
            spoken=tuple(self._spoken),
            seen=tuple(self._seen),
            captions=tuple(self._captions),
            away=self._away(camera),
            ended=self._ended,
            trouble=trouble,
        )

    def rehearse(self) -> list[Utterance]:
        """Compute everything that may be said, so that speaking costs nothing later; blocks.

        Returns what will be said when the interviewer follows up exactly where the persona foresees it, in order.
        """
        persona = self._persona
        speeches = [persona.warm_up]
        for question in persona.questions:
            speeches += [part for part in (question.answer, question.follow_up_answer, question.backchannel) if part]
        speeches.append(persona.candidate_questions)
        for speech in (*speeches, persona.nothing_to_add):
            if speech not in self._utterances:
                self._utterances[speech] = utter(speech, persona.voice)
        return [self._utterances[speech] for speech in speeches]

    # --- the room ---

    def _listen(self) -> None:
        room = self._room
        room.on("track_subscribed", self._on_track)
        room.on("data_received", self._on_data)
        room.on("disconnected", self._on_disconnected)
        room.register_text_stream_handler(_TOPIC_CAPTIONS, self._on_caption)

    def _on_track(
        self, track: rtc.Track, _publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO and participant.identity.startswith(_INTERVIEWER):
            self._own(self._ear.follow(track))

    def _on_data(self, packet: rtc.DataPacket) -> None:
        if packet.topic != TOPIC_PROGRESS:
            return
        try:
            seen = seen_from(json.loads(packet.data), self._since_joined(time.monotonic()))
        except ValueError:
            log.warning("a progress message could not be read and was left out")
            return
        self._seen.append(seen)
        self._script = self._script.seeing(seen.cue)

    def _on_caption(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._own(self._read_caption(reader, identity))

    async def _read_caption(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = await reader.read_all()
        attributes = reader.info.attributes or {}
        whose = attributes.get("lk.transcribed_participant_identity", identity)
        speaker = Speaker.INTERVIEWER if whose.startswith(_INTERVIEWER) else Speaker.CANDIDATE
        if text and attributes.get("lk.transcription_final", "true") == "true":
            at_s = self._since_joined(time.monotonic())
            self._captions.append(Caption(at_s=at_s, speaker=speaker, text=text))

    def _on_disconnected(self, reason: int) -> None:
        self._ended = rtc.DisconnectReason.Name(reason).lower()  # pyright: ignore[reportArgumentType]
        self._over.set()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task that `take_part` ends."""
        task = asyncio.create_task(work)
        self._listeners.add(task)
        task.add_done_callback(self._listeners.discard)

    # --- the conversation ---

    async def _converse_while_feeding(self, microphone: Microphone, camera: Camera) -> str:
        """Publish, converse until the room is gone; return what went wrong, if anything did."""
        feeding = [asyncio.create_task(microphone.run()), asyncio.create_task(camera.run())]
        talking = asyncio.create_task(self._converse(microphone, camera))
        over = asyncio.create_task(self._over.wait())
        everything: list[asyncio.Task[Any]] = [*feeding, talking, over]
        try:
            await microphone.publish(self._room.local_participant)
            await camera.publish(self._room.local_participant)
            done, _ = await asyncio.wait(everything, timeout=self._limits.whole_s, return_when=asyncio.FIRST_COMPLETED)
            if over in done:
                return ""
            if not done:
                return f"the interview was not over after {self._limits.whole_s:.0f} s"
            return next(task.result() for task in done) or "a track stopped"
        finally:
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)

    async def _converse(self, microphone: Microphone, camera: Camera) -> str:
        """Take turns until cancelled; return only in despair, saying why."""
        self._spoke_until_s = time.monotonic()
        while True:
            interrupting = await self._await_my_turn(microphone, camera)
            if interrupting is None:
                return f"nobody spoke for {self._limits.silence_s:.0f} s"
            reply = self._script.reply_to(self._cue())
            if reply is not None:
                await self._answer(reply, microphone, camera, interrupting=interrupting)
            self._spoke_until_s = time.monotonic()

    async def _await_my_turn(self, microphone: Microphone, camera: Camera) -> bool | None:
        """Wait until it is polite to speak (False), or time to interrupt (True); None when nobody speaks at all."""
        began_s = time.monotonic()
        while True:
            now_s = time.monotonic()
            if self._into_question(now_s, self._script.interruption_s(self._cue())):
                return True
            listens = self._script.backchannel(self._cue())
            if listens and self._into_question(now_s, listens[1]):
                await self._answer(listens[0], microphone, camera, interrupting=True)
            if self._ear.last_sound_s > self._spoke_until_s and self._cue_wants_me(now_s):
                return False
            if now_s - max(began_s, self._ear.last_sound_s) > self._limits.silence_s:
                return None
            await asyncio.sleep(_LOOK_EVERY_S)

    def _cue_wants_me(self, now_s: float) -> bool:
        quiet_s = now_s - self._ear.last_sound_s
        if self.now_on is None or self.now_on.state != "listening":
            return quiet_s >= _QUIET_ALTHOUGH_SPEAKING_S
        # a sound without a line only shows that I am heard, and I have said what I had to say
        since_s = self._since_joined(self._spoke_until_s) - _SOUND_LAG_S
        return quiet_s >= _QUIET_S and line_over_since(self._seen, since_s)

    def _into_question(self, now_s: float, after_s: float | None) -> bool:
        """Tell whether the interviewer has been asking for so long, and still does."""
        seen = self.now_on
        if seen is None or after_s is None or self._ear.quiet_for_s() > _QUIET_S:
            return False
        asked_s = max(self._joined_s + seen.at_s, self._ear.phrase_began_s)
        return now_s - asked_s >= after_s

    async def _answer(self, reply: Reply, microphone: Microphone, camera: Camera, *, interrupting: bool) -> None:
        self._script = self._script.having_said(reply)
        utterance = self._utterances[reply.speech]
        self._perhaps_leave(reply, camera)
        if reply.typed:
            await self._room.local_participant.send_text(utterance.text, topic=_TOPIC_TYPED)
            said = Interval(time.monotonic(), time.monotonic())
        else:
            if self._announce:
                await self._announce(utterance)
            said = await microphone.say(utterance.samples)
        self._spoken.append(
            Spoken(
                kind=reply.kind,
                question_number=reply.question_number,
                question_id=reply.question_id,
                text=utterance.text,
                start_s=self._since_joined(said.start_s),
                end_s=self._since_joined(said.end_s),
                interrupting=interrupting,
                typed=reply.typed,
            )
        )

    def _perhaps_leave(self, reply: Reply, camera: Camera) -> None:
        absence = self._persona.absence
        if absence and reply.kind is ReplyKind.ANSWER and reply.question_number == absence.during_question:
            camera.leave(at_s=time.monotonic() + absence.after_s, for_s=absence.for_s)

    def _cue(self) -> Cue:
        return self.now_on.cue if self.now_on else Cue(Stage.NOT_STARTED)

    def _since_joined(self, at_s: float) -> float:
        return round(at_s - self._joined_s, 4)

    def _away(self, camera: Camera) -> Away | None:
        if camera.left_s is None:
            return None
        returned_s = camera.returned_s or time.monotonic()
        return Away(start_s=self._since_joined(camera.left_s), end_s=self._since_joined(returned_s))
