"""The candidate's seat at the plain pipeline: a room of its own, and the same simulated candidate without a page."""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from livekit import api, rtc

from bench.voice.plain import AGENT, IDENTITY
from interview.session import Stage
from interview.transcript import LineKind
from local.attendance import Attendance, Seen
from local.candidate import Candidate
from local.ports import Reservations
from local.processes import Service, Supervised, answers_http
from local.script import ReplyKind
from local.seat import RoomPass
from local.services import PROJECT, Stack

_STATE = "lk.agent.state"
_EMPTY_S = 60
_TOKEN_S = 3600


class PlainCandidate(Candidate):
    """Answers in order whatever is asked; that the interviewer speaks or listens, its attributes tell."""

    def _listen(self) -> None:
        super()._listen()
        self._room.on("participant_attributes_changed", self._on_attributes)

    def _on_attributes(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        if participant.identity != IDENTITY or _STATE not in changed:
            return
        answered = sum(reply.kind is ReplyKind.ANSWER for reply in self._script.said)
        total = len(self._persona.questions)
        finished = sum(spoken.kind is ReplyKind.ANSWER for spoken in self._spoken)
        if finished == total and changed[_STATE] == "listening" and self.now_on and self.now_on.state == "speaking":
            self._ended = "left"
            self._over.set()
            return
        seen = Seen(
            at_s=self._since_joined(time.monotonic()),
            stage=Stage.QUESTIONS,
            # whatever is said before an answer is its question
            question_id=f"q{min(answered + 1, total)}",
            line=LineKind.QUESTION,
            state=changed[_STATE],
            answered=answered,
            total=total,
        )
        self._seen.append(seen)
        self._script = self._script.seeing(seen.cue)


class PlainHouse:
    """The plain pipeline's worker beside a running stack, and the way into its rooms."""

    def __init__(self, stack: Stack) -> None:
        self._settings = stack.settings()

    async def attend(self, candidate: PlainCandidate, questions: list[str], recording: Path) -> Attendance:
        """Hold one conversation, from the worker's being sent for to the last answer's reply."""
        name, identity = f"plain-{uuid.uuid4().hex[:12]}", "candidate-plain"
        key, secret = self._settings.livekit_api_key, self._settings.livekit_api_secret.get_secret_value()
        grants = api.VideoGrants(room_join=True, room=name)
        token = api.AccessToken(key, secret).with_identity(identity).with_grants(grants)
        url = self._settings.livekit_url
        told: dict[str, Any] = {"questions": questions, "candidate": identity}
        async with api.LiveKitAPI(f"http{url.removeprefix('ws')}", key, secret) as livekit:
            await livekit.room.create_room(api.CreateRoomRequest(name=name, empty_timeout=_EMPTY_S))
            try:
                began_s = time.monotonic()
                await livekit.agent_dispatch.create_dispatch(
                    api.CreateAgentDispatchRequest(agent_name=AGENT, room=name, metadata=json.dumps(told))
                )
                room_pass = RoomPass(
                    session_id=name,
                    livekit_url=url,
                    livekit_token=token.with_ttl(timedelta(seconds=_TOKEN_S)).to_jwt(),
                )
                return await candidate.take_part(room_pass, recording, start_answered_s=began_s)
            finally:
                await livekit.room.delete_room(api.DeleteRoomRequest(room=name))


@asynccontextmanager
async def plain_house(stack: Stack) -> AsyncIterator[PlainHouse]:
    """Run the plain pipeline's worker beside a stack. Raises `MachineError` when it does not become ready."""
    reservations = Reservations()
    port = reservations.pick(None)
    environment = stack.env | {"WORKER_HEALTH_PORT": str(port), "PYTHONPATH": str(PROJECT)}
    service = Service(
        name="plain",
        command=(sys.executable, "-m", "bench.voice.plain"),
        environment=environment,
        probe=answers_http(f"http://127.0.0.1:{port}/"),
        ready_timeout_s=120.0,
    )
    worker = Supervised(service, stack.log_path("plain"))
    worker.start()
    try:
        await worker.wait_ready()
        yield PlainHouse(stack)
    finally:
        await asyncio.shield(worker.stop())
        reservations.release()
