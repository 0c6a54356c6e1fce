"""What is told rather than seen, through the real API and a real room: the page's events, second seats, camera off.

A few candidates at once, each in a browser's place: they open the link, agree, start, join with camera and microphone,
and then things happen to them, one kind after the other, again and again. Between them lies what must file nothing: a
focus lost for a moment, events that are sent twice, a muted microphone, a candidate who leaves the room and comes back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from livekit import rtc

from bench.clips.scoring import Filed, Truth
from interview.clock import SystemClock
from interview.incident_kind import IncidentKind
from interview.settings import Settings
from interview.signals import CAMERA, OF_THE_PAGE
from interview.storage import Storage
from local import keys
from local.camera import HEIGHT, WIDTH, Scene, i420
from local.ordeal import until
from local.recruiter import Recruiter
from local.seat import RoomPass, Seat
from local.services import Stack

_SERVICES = ("mongo", "livekit", "control_api", "proctoring")
_OVERRIDES = {
    # nobody interviews here
    "AGENT_START_S": "3600",
    "AGENT_DEAD_S": "3600",
    "RATE_LIMIT_PER_USER_PER_MIN": "1000000",
    "RATE_LIMIT_PER_ADDRESS_PER_MIN": "1000000",
}
_KINDS = (*sorted(OF_THE_PAGE), IncidentKind.CAMERA_OFF.value)
_PAIRS = (
    (IncidentKind.TAB_HIDDEN, "tab_hidden", "tab_shown"),
    (IncidentKind.WINDOW_BLUR, "window_blur", "window_focus"),
    (IncidentKind.FULLSCREEN_LEFT, "fullscreen_left", "fullscreen_entered"),
    (IncidentKind.SECOND_SCREEN, "second_screen", "second_screen_gone"),
)
_LASTS_S, _BETWEEN_S, _ROUND_S = 1.2, 0.6, 22.0
"""How long each thing lasts, what is between two, and how long a round is at least: the same again within 10 s is the
same incident, and a focus that is lost for a moment counts as the same again."""
_ASK_EVERY_S = 0.1
_FRAMES_PER_S = 5


@dataclass
class _Candidate:
    """One candidate, and what happened to them; times in seconds since `began`."""

    name: str
    invite_url: str
    seat: Seat
    place: RoomPass
    began: datetime
    room: rtc.Room = field(default_factory=rtc.Room)
    camera: rtc.LocalVideoTrack | None = None
    microphone: rtc.LocalAudioTrack | None = None
    seq: Iterator[int] = field(default_factory=count)
    truths: list[Truth] = field(default_factory=list)

    def since(self, moment: datetime) -> float:
        return (moment - self.began).total_seconds()

    async def lasting(self, kind: IncidentKind, on: Awaitable[Any], off: Callable[[], Awaitable[Any]]) -> None:
        """Let something begin, last and end, and remember when it did."""
        start_s = self.since(datetime.now(UTC))
        await on
        await asyncio.sleep(_LASTS_S)
        await off()
        self.truths.append(Truth(self.name, kind, start_s, self.since(datetime.now(UTC))))
        await asyncio.sleep(_BETWEEN_S)

    async def tell(self, kind: str, **more: Any) -> dict[str, Any]:
        """Tell an event of now; returns it, to be sent again."""
        event = {"seq": next(self.seq), "kind": kind, "at": datetime.now(UTC).isoformat(), **more}
        await self.seat.tell(self.place.session_id, [event])
        return event


async def measure(photo: Path, folder: Path, candidates: int, rounds: int) -> tuple[list[Truth], list[Filed]]:
    """Let all of it happen `candidates` times `rounds`; return what happened and what was filed.

    An incident counts as filed when a recruiter who asks for the session's incidents every 0.1 s is shown it.
    """
    async with Stack(folder, services=list(_SERVICES), overrides=_OVERRIDES) as stack:
        password = keys.load_or_create(stack.state_dir).admin_password_file.read_text().splitlines()[0]
        email = str(Settings.model_fields["admin_email"].default)
        api_url = stack.url("control_api")
        storage = await Storage.connect(stack.settings(), SystemClock())
        scene = Scene(photo)
        try:
            async with await Recruiter.sign_in(api_url, email, password) as recruiter:
                invited = [await _invited(api_url, recruiter.token, n) for n in range(candidates)]
                lived = await asyncio.gather(
                    *(_live(api_url, url, recruiter, storage, scene, rounds) for url in invited)
                )
        finally:
            await storage.close()
    return [truth for truths, _ in lived for truth in truths], [one for _, filed in lived for one in filed]


async def _invited(api_url: str, token: str, number: int) -> str:
    """Make a session that looks for these kinds alone; returns its link."""
    content = {
        "title": "States",
        "competencies": [{"id": "c", "name": "Care"}],
        "questions": [{"id": "q1", "text": "What did you do?", "competency": "c"}],
        "proctoring": {"kinds": list(_KINDS)},
    }
    async with httpx.AsyncClient(base_url=api_url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
        kept = (await http.post("/api/plans", json={"plan": content})).raise_for_status().json()
        body = {"name": "Ada", "email": f"ada{number}@example.org", "plan_id": kept["plan_id"]}
        made = await http.post("/api/parallel_interview/create", json=body)
        return made.raise_for_status().json()["invite_url"]


async def _live(
    api_url: str, invite_url: str, recruiter: Recruiter, storage: Storage, scene: Scene, rounds: int
) -> tuple[list[Truth], list[Filed]]:
    async with Seat(api_url) as seat:
        view = await seat.open(invite_url)
        await seat.agree(view)
        place = await seat.start(view.session_id)
        candidate = _Candidate(view.session_id, invite_url, seat, place, datetime.now(UTC))
        source, sound = rtc.VideoSource(WIDTH, HEIGHT), rtc.AudioSource(48_000, 1)
        candidate.camera = rtc.LocalVideoTrack.create_video_track("camera", source)
        candidate.microphone = rtc.LocalAudioTrack.create_audio_track("microphone", sound)
        filming = asyncio.create_task(_film(source, scene), name="film")
        shown: dict[str, float] = {}
        asking = asyncio.create_task(_ask(candidate, recruiter, shown), name="ask")
        try:
            await _join(candidate)
            await _watched(storage, candidate.name, candidate.began)
            for number in range(rounds):
                ends = asyncio.get_running_loop().time() + _ROUND_S
                await _round(candidate, api_url, storage, number)
                await asyncio.sleep(max(0.0, ends - asyncio.get_running_loop().time()))
        finally:
            filming.cancel()
            asking.cancel()
            await asyncio.gather(filming, asking, return_exceptions=True)
            await candidate.room.disconnect()
        incidents = await recruiter.incidents(view.session_id)
        filed = [
            Filed(
                candidate.name,
                one.kind,
                one.severity,
                candidate.since(one.started_at),
                None if one.ended_at is None else candidate.since(one.ended_at),
                shown.get(one.incident_id, candidate.since(datetime.now(UTC))),
            )
            for one in incidents
        ]
        await recruiter.end(view.session_id)
    return candidate.truths, filed


async def _round(candidate: _Candidate, api_url: str, storage: Storage, number: int) -> None:
    for kind, begins, ends in _PAIRS:
        await candidate.lasting(kind, candidate.tell(begins), lambda ends=ends: candidate.tell(ends))
    start_s = candidate.since(datetime.now(UTC))
    pasted = await candidate.tell("paste", length=40 + number)
    candidate.truths.append(Truth(candidate.name, IncidentKind.PASTE, start_s, start_s))
    await _nothing_happens(candidate, storage, pasted, leaves=number % 4 == 3)
    off, on = (_unpublish, _publish) if number % 2 else (_mute, _unmute)
    before = datetime.now(UTC)
    await candidate.lasting(IncidentKind.CAMERA_OFF, off(candidate), lambda: on(candidate))
    await _watched(storage, candidate.name, before)
    async with Seat(api_url) as elsewhere:
        start_s = candidate.since(datetime.now(UTC))
        await elsewhere.open(candidate.invite_url)
        candidate.truths.append(Truth(candidate.name, IncidentKind.SECOND_SEAT, start_s, start_s))
        await asyncio.sleep(_LASTS_S)
        # back in the first browser; that it has to take the seat again belongs to the same event
        await candidate.seat.open(candidate.invite_url)


async def _nothing_happens(candidate: _Candidate, storage: Storage, sent: dict[str, Any], *, leaves: bool) -> None:
    """What looks like something, and is nothing that should be filed."""
    await candidate.seat.tell(candidate.name, [sent])
    left = {"seq": next(candidate.seq), "kind": "window_blur", "at": datetime.now(UTC).isoformat()}
    back = {"seq": next(candidate.seq), "kind": "window_focus", "at": datetime.now(UTC).isoformat()}
    await candidate.seat.tell(candidate.name, [left, back])
    assert candidate.microphone is not None
    candidate.microphone.mute()
    await asyncio.sleep(_BETWEEN_S)
    candidate.microphone.unmute()
    if leaves:
        await candidate.room.disconnect()
        await asyncio.sleep(_LASTS_S)
        candidate.room = rtc.Room()
        candidate.place, before = await candidate.seat.come_back(candidate.name), datetime.now(UTC)
        await _join(candidate)
        await _watched(storage, candidate.name, before)


async def _mute(candidate: _Candidate) -> None:
    assert candidate.camera is not None
    candidate.camera.mute()


async def _unmute(candidate: _Candidate) -> None:
    assert candidate.camera is not None
    candidate.camera.unmute()


async def _unpublish(candidate: _Candidate) -> None:
    assert candidate.camera is not None
    await candidate.room.local_participant.unpublish_track(candidate.camera.sid)


async def _publish(candidate: _Candidate) -> None:
    assert candidate.camera is not None
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False)
    await candidate.room.local_participant.publish_track(candidate.camera, options)


async def _join(candidate: _Candidate) -> None:
    assert candidate.microphone is not None
    await candidate.room.connect(candidate.place.livekit_url, candidate.place.livekit_token)
    await _publish(candidate)
    heard = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    await candidate.room.local_participant.publish_track(candidate.microphone, heard)


async def _film(source: rtc.VideoSource, scene: Scene) -> None:
    loop = asyncio.get_running_loop()
    began = due = loop.time()
    while True:
        image = await asyncio.to_thread(lambda: i420(scene.person(loop.time() - began)))
        source.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, image))
        due = max(due + 1 / _FRAMES_PER_S, loop.time())
        await asyncio.sleep(due - loop.time())


async def _watched(storage: Storage, session_id: str, since: datetime) -> None:
    """Wait until the proctor has stored that the camera went on after a moment."""

    async def observed() -> bool:
        return any(
            one.at > since and one.detector == CAMERA and one.values.get("on") == 1
            for batch in await storage.observations.of(session_id)
            for one in batch.observations
        )

    await until(f"a proctor of session {session_id} sees that its camera went on after {since}", observed)


async def _ask(candidate: _Candidate, recruiter: Recruiter, shown: dict[str, float]) -> None:
    """Ask again and again what is filed, and remember when each incident was shown first."""
    while True:
        with suppress(httpx.TimeoutException):
            for one in await recruiter.incidents(candidate.name):
                shown.setdefault(one.incident_id, candidate.since(datetime.now(UTC)))
        await asyncio.sleep(_ASK_EVERY_S)
