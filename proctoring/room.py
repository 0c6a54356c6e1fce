"""The proctor in one room: joins unseen, watches while the session runs, leaves when it should."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from livekit import rtc

from interview.clock import Clock
from interview.errors import NotFound, StorageError
from interview.names import candidate_identity
from interview.outbox import Outbox
from interview.rules import house_rules
from interview.session import STARTED, ConsentItem, Session, Status
from interview.settings import Settings
from interview.storage import Storage
from interview.writes import Writer
from proctoring.analysis import Analysis
from proctoring.camera import CandidateCamera
from proctoring.microphone import CandidateMicrophone
from proctoring.rules import rules_of
from proctoring.watch import Assignment, Watch
from rooms.dispatches import Dispatch
from rooms.messages import is_control

logger = logging.getLogger(__name__)

_READ_SESSION_EVERY_S = 5.0
_TICK_S = 1.0
_LAST_WRITES_S = 8.0
_FIRST_FRAME_S = 15.0
"""A candidate who is there for so long without a camera has none, or has refused it."""


def reason_to_leave(session: Session, attempt: int) -> str | None:
    """Say why a proctor of this attempt has nothing to do in the session's room, or None where it has."""
    if session.attempt != attempt:
        return "replaced"
    if session.status not in STARTED:
        return f"session {session.status}"
    if not session.plan.proctoring.enabled:
        return "proctoring is off"
    if not session.consents(ConsentItem.CAMERA):
        return "no consent to the camera"
    return None


@dataclass(frozen=True)
class _Senses:
    """What a proctor sees and hears of one candidate."""

    camera: CandidateCamera
    microphone: CandidateMicrophone | None

    def switch(self, on: bool) -> None:
        self.camera.switch(on)
        if self.microphone is not None:
            self.microphone.switch(on)

    async def aclose(self) -> None:
        await self.camera.aclose()
        if self.microphone is not None:
            await self.microphone.aclose()


class RoomProctor:
    """Watches one attempt of one session, from `start()` until the session ends or `stop()`."""

    def __init__(
        self,
        dispatch: Dispatch,
        room: rtc.Room,
        *,
        settings: Settings,
        analysis: Analysis,
        storage: Storage,
        clock: Clock,
    ) -> None:
        self._dispatch = dispatch
        self._room = room
        self._settings = settings
        self._analysis = analysis
        self._storage = storage
        self._clock = clock
        self._outbox = Outbox(f"session {dispatch.session_id}", Writer(storage).perform)
        self._look_now = asyncio.Event()
        self._reason: str | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self, connect: Callable[[], Awaitable[None]], on_left: Callable[[str], None]) -> None:
        """Read the session, `connect` to the room, and begin to watch; `on_left(reason)` is called at the end.

        Does not connect at all where there is no consent or nothing to watch. Raises `StorageUnavailable`.
        """
        try:
            session = await self._storage.sessions.get(self._dispatch.session_id)
        except NotFound:
            reason = "no such session"
        else:
            reason = reason_to_leave(session, self._dispatch.attempt)
            if reason is None:
                watch, hole_s = await self._prepare(session)
                senses = self._senses(watch)
                await connect()
                senses.switch(session.status is Status.IN_PROGRESS)
                watch.tell_what_is_off()
                self._watching = asyncio.create_task(self._attend(senses, watch, hole_s, on_left), name="proctor")
                return
        self._log_leaving(reason)
        on_left(reason)

    async def stop(self, reason: str) -> None:
        """Leave, and return once everything observed is written or 8 s have passed."""
        self._reason = self._reason or reason
        self._look_now.set()
        if self._watching is not None:
            await asyncio.wait({self._watching})

    async def _prepare(self, session: Session) -> tuple[Watch, float]:
        rules = rules_of(session, house_rules(self._settings.proctor_rules_file))
        assignment = Assignment(
            session.session_id, self._dispatch.attempt, rules, blurs=session.plan.proctoring.blur_bystanders
        )
        watch = Watch(assignment, self._analysis, self._storage, self._outbox, self._clock)
        await watch.resume()
        return watch, rules.hole_s

    def _senses(self, watch: Watch) -> "_Senses":
        self._room.on("data_received", self._told_to_look)
        identity = candidate_identity(self._dispatch.session_id)
        camera = CandidateCamera(
            self._room,
            identity,
            frames_per_s=self._settings.proctor_frames_per_s,
            clock=self._clock,
            on_frame=watch.look,
            on_off=watch.camera_off,
            on_paused=watch.camera_paused,
            pace=self._analysis.pace,
        )
        microphone = None
        if watch.listens:
            microphone = CandidateMicrophone(
                self._room, identity, clock=self._clock, on_sound=watch.hear, on_gap=watch.hearing_paused
            )
        return _Senses(camera, microphone)

    async def _attend(self, senses: "_Senses", watch: Watch, hole_s: float, on_left: Callable[[str], None]) -> None:
        writer = asyncio.create_task(self._outbox.run(), name="proctor-outbox")
        try:
            self._log_leaving(await self._follow(senses, watch, hole_s))
        finally:
            await senses.aclose()
            watch.finish()
            await self._last_writes(writer)
            logger.info(
                "session %s: %d frames seen, %d failed, %d batches dropped, %d writes refused, database away %d times",
                self._dispatch.session_id,
                watch.frames,
                senses.camera.failed,
                self._outbox.dropped,
                self._outbox.refused,
                self._outbox.retried,
            )
            on_left(self._reason or "failed")

    def _log_leaving(self, reason: str) -> None:
        session_id, attempt = self._dispatch.session_id, self._dispatch.attempt
        logger.info("session %s attempt %d: proctor leaves: %s", session_id, attempt, reason)

    async def _follow(self, senses: "_Senses", watch: Watch, hole_s: float) -> str:
        """Keep watching as the session says, until there is a reason to leave."""
        loop = asyncio.get_running_loop()
        read_at = loop.time()
        while self._reason is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._look_now.wait()
            if watch.silent_for_s() > hole_s:
                watch.camera_paused()
            if senses.camera.never_came(_FIRST_FRAME_S):
                watch.camera_off()
            if not self._look_now.is_set() and loop.time() - read_at < _READ_SESSION_EVERY_S:
                continue
            self._look_now.clear()
            read_at = loop.time()
            if self._reason is None:
                self._reason = await self._obey(senses)
        return self._reason

    async def _obey(self, senses: "_Senses") -> str | None:
        """Read the session again; returns a reason to leave. A database that is away changes nothing."""
        try:
            session = await self._storage.sessions.get(self._dispatch.session_id)
        except NotFound:
            return "no such session"
        except StorageError as error:
            logger.warning("session %s: not read again: %s", self._dispatch.session_id, error)
            return None
        reason = reason_to_leave(session, self._dispatch.attempt)
        if reason is None:
            senses.switch(session.status is Status.IN_PROGRESS)
        return reason

    def _told_to_look(self, packet: rtc.DataPacket) -> None:
        if is_control(packet):
            self._look_now.set()

    async def _last_writes(self, writer: asyncio.Task[None]) -> None:
        self._outbox.close()
        done, _ = await asyncio.wait({writer}, timeout=_LAST_WRITES_S)
        if not done:
            logger.error("session %s: left with %d writes not done", self._dispatch.session_id, len(self._outbox))
            writer.cancel()
            await asyncio.wait({writer})
