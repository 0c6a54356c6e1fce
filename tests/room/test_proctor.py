"""The real proctoring worker in a real LiveKit room, watching a candidate's camera."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import pytest_asyncio
from livekit import api, rtc

from interview.clock import SystemClock
from interview.incident import Incident
from interview.names import TOPIC_CONTROL, proctor_identity, room_name
from interview.plan import Competency, IncidentKind, Plan, Question
from interview.rules import default_rules, replay
from interview.session import Candidate, Consent, ConsentItem, Progress, Session, Status
from interview.storage import Storage
from local import models
from local.camera import HEIGHT, WIDTH, Image, Scene, i420
from local.services import Stack
from proctoring.detectors.faces import FaceFinder
from proctoring.detectors.frame import Frame
from proctoring.rules import rules_of
from rooms.rooms import Rooms

FRAMES_PER_S = 15
WITHIN_S = 0.6
"""Half a second, and the time that a frame needs through encoder, network and decoder."""


async def until(condition: Callable[[], Awaitable[bool]], what: str, within_s: float = 30) -> None:
    try:
        async with asyncio.timeout(within_s):
            while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not within {within_s} s: {what}") from None


@dataclass
class House:
    """What the tests run on."""

    stack: Stack
    storage: Storage
    rooms: Rooms
    scene: Scene
    livekit: api.LiveKitAPI


@pytest_asyncio.fixture(scope="module")
async def house(tmp_path_factory) -> AsyncIterator[House]:
    async with Stack(tmp_path_factory.mktemp("proctor"), services=["mongo", "livekit", "proctoring"]) as stack:
        settings = stack.settings()
        storage, rooms = await Storage.connect(settings, SystemClock()), Rooms.of(settings)
        livekit = api.LiveKitAPI(
            settings.livekit_url.replace("ws", "http", 1),
            settings.livekit_api_key,
            settings.livekit_api_secret.get_secret_value(),
        )
        scene = Scene(models.ensure(["astronaut"], progress=False)["astronaut"])
        yield House(stack, storage, rooms, scene, livekit)
        await livekit.aclose()
        await rooms.aclose()
        await storage.close()


@dataclass
class Seat:
    """A candidate in their room whose camera shows what `show` draws."""

    house: House
    session: Session
    room: rtc.Room
    show: Callable[[float], Image]
    track: rtc.LocalVideoTrack | None = None
    changed_at: list[datetime] = field(default_factory=list)
    drawn: int = 0
    frames_per_s: float = FRAMES_PER_S
    rotation: rtc.VideoRotation.ValueType = rtc.VideoRotation.VIDEO_ROTATION_0
    """By how much whoever looks has to turn what is sent, as phones send it."""

    async def filmed(self, seconds: float) -> None:
        """Return when the camera has run for so long."""
        until_drawn = self.drawn + seconds * self.frames_per_s

        async def reached() -> bool:
            return self.drawn >= until_drawn

        await until(reached, f"{seconds} s of video")

    def turn_to(self, show: Callable[[float], Image]) -> None:
        self.show = show
        self.changed_at.append(datetime.now(UTC))

    async def incidents(self) -> list[Incident]:
        return await self.house.storage.incidents.of(self.session.session_id)

    async def film(self, source: rtc.VideoSource) -> None:
        loop = asyncio.get_running_loop()
        start = due = loop.time()
        while True:
            image = self.show(loop.time() - start)
            height, width = image.shape[:2]
            frame = rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, i420(image))
            source.capture_frame(frame, rotation=self.rotation)
            self.drawn += 1
            due += 1 / self.frames_per_s
            await asyncio.sleep(max(0, due - loop.time()))

    async def observed_s(self) -> float:
        """Seconds of video that the proctor has stored observations of."""
        batches = await self.house.storage.observations.of(self.session.session_id)
        times = [seen.at for batch in batches for seen in batch.observations]
        return (max(times) - min(times)).total_seconds() if times else 0


def new_session(camera_consent: bool = True) -> Session:
    now = datetime.now(UTC)
    session_id = str(uuid.uuid4())
    return Session(
        session_id=session_id,
        owner_id="owner",
        candidate=Candidate(name="Ada", email="ada@example.org"),
        plan=Plan(
            plan_id="p",
            title="A plan",
            competencies=(Competency(id="c", name="Care"),),
            questions=(Question(id="q1", text="What did you do?", competency="c"),),
        ),
        livekit_room_name=room_name(session_id),
        created_at=now,
        updated_at=now,
        not_after=now + timedelta(days=1),
        consent=Consent(
            items={ConsentItem.INTERVIEW: True, ConsentItem.CAMERA: camera_consent},
            text_version="1",
            given_at=now,
            given_by="candidate",
        ),
        progress=Progress(total=1),
    )


@asynccontextmanager
async def seat(house: House, *, camera_consent: bool = True) -> AsyncIterator[Seat]:
    """Start a session, with the candidate in the room and filmed, and the proctor dispatched."""
    session = new_session(camera_consent)
    await house.storage.sessions.add(session)
    await house.rooms.open(session.session_id)
    session = await house.storage.sessions.start(session.session_id, by="test")
    room = rtc.Room()
    await room.connect(house.stack.url("livekit"), house.rooms.candidate_token(session.session_id))
    seated = Seat(house, session, room, house.scene.person)
    source = rtc.VideoSource(WIDTH, HEIGHT)
    filming = asyncio.create_task(seated.film(source))
    seated.track = rtc.LocalVideoTrack.create_video_track("camera", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False)
    await room.local_participant.publish_track(seated.track, options)
    await house.rooms.dispatch(session.session_id, session.attempt, proctor=True)
    try:
        yield seated
    finally:
        filming.cancel()
        await room.disconnect()
        await house.rooms.close(session.session_id)


async def in_room(house: House, session: Session) -> list[str]:
    listed = await house.livekit.room.list_participants(api.ListParticipantsRequest(room=room_name(session.session_id)))
    return [participant.identity for participant in listed.participants]


async def test_an_absence_is_filed_once_with_stills_that_show_it(house: House) -> None:
    async with seat(house) as candidate:
        await until(lambda: _true(candidate.observed_s, 3), "the proctor watches")
        candidate.turn_to(house.scene.empty)
        await until(lambda: _some(candidate.incidents), "the absence is found while it lasts", 10)
        (going_on,) = await candidate.incidents()
        assert going_on.ended_at is None
        candidate.turn_to(house.scene.person)
        await until(lambda: _ended(candidate.incidents), "its end is filed", 10)
        assert list(candidate.room.remote_participants) == []

        (incident,) = await candidate.incidents()
        gone, back = candidate.changed_at
        assert incident.kind is IncidentKind.NO_FACE
        assert abs((incident.started_at - gone).total_seconds()) < WITHIN_S
        assert incident.ended_at is not None
        assert abs((incident.ended_at - back).total_seconds()) < WITHIN_S
        assert [still.moment for still in incident.stills] == ["before", "at", "after"]
        assert await _faces(house, incident) == [True, False, True]

        seen_s = await candidate.observed_s()
        await until(lambda: _true(candidate.observed_s, seen_s + 1), "the observations of its end are stored")
        observations = await _observations(house, candidate.session)
        (replayed,) = replay(observations, rules_of(candidate.session, default_rules()))
        found = (incident.kind, incident.started_at, incident.ended_at, incident.confidence)
        assert (replayed.kind, replayed.started_at, replayed.ended_at, replayed.confidence) == found


async def test_a_second_face_is_filed(house: House) -> None:
    async with seat(house) as candidate:
        await until(lambda: _true(candidate.observed_s, 2), "the proctor watches")

        def together(at_s: float) -> Image:
            half = house.scene.person(at_s)[:, 160:480]
            return np.ascontiguousarray(np.hstack([half, half]))

        candidate.turn_to(together)
        await until(lambda: _some(candidate.incidents), "the second face is found", 10)
        candidate.turn_to(house.scene.person)
        await until(lambda: _ended(candidate.incidents), "its end is filed", 10)
        (incident,) = await candidate.incidents()
        assert incident.kind is IncidentKind.SECOND_FACE


async def test_a_camera_switched_off_is_not_an_absence(house: House) -> None:
    async with seat(house) as candidate:
        await until(lambda: _true(candidate.observed_s, 2), "the proctor watches")
        assert candidate.track is not None
        candidate.track.mute()
        candidate.turn_to(house.scene.empty)
        await until(lambda: _told(house, candidate.session, "camera"), "the rules are told that no frames come")
        await candidate.filmed(4)
        candidate.turn_to(house.scene.person)
        candidate.track.unmute()
        seen_s = await candidate.observed_s()
        await until(lambda: _true(candidate.observed_s, seen_s + 3), "the proctor watches again")
        assert await candidate.incidents() == []


async def test_a_picture_that_turns_shrinks_grows_breaks_and_crawls_files_nothing(house: House) -> None:
    person = house.scene.person

    def portrait(at_s: float) -> Image:
        return np.ascontiguousarray(person(at_s)[:, 140:500])

    def on_its_side(at_s: float) -> Image:
        return np.ascontiguousarray(np.rot90(person(at_s)))

    def scaled(width: int, height: int) -> Callable[[float], Image]:
        return lambda at_s: np.asarray(cv2.resize(person(at_s), (width, height)), dtype=np.uint8)

    def broken(at_s: float) -> Image:
        image = person(at_s).copy()
        if candidate.drawn % 7 == 0:
            image[240:] = np.random.default_rng(candidate.drawn).integers(0, 256, image[240:].shape, dtype=np.uint8)
        return image

    async with seat(house) as candidate:
        await until(lambda: _true(candidate.observed_s, 2), "the proctor watches")
        for show, rotation, frames_per_s, seconds in (
            (portrait, rtc.VideoRotation.VIDEO_ROTATION_0, FRAMES_PER_S, 2),
            (on_its_side, rtc.VideoRotation.VIDEO_ROTATION_90, FRAMES_PER_S, 2),
            (scaled(1280, 960), rtc.VideoRotation.VIDEO_ROTATION_0, 5, 2),
            (scaled(32, 24), rtc.VideoRotation.VIDEO_ROTATION_0, FRAMES_PER_S, 2),
            (broken, rtc.VideoRotation.VIDEO_ROTATION_0, FRAMES_PER_S, 2),
            (person, rtc.VideoRotation.VIDEO_ROTATION_0, 1, 5),
            (person, rtc.VideoRotation.VIDEO_ROTATION_0, FRAMES_PER_S, 1),
        ):
            candidate.rotation, candidate.frames_per_s = rotation, frames_per_s
            candidate.turn_to(show)
            await candidate.filmed(seconds)
        seen_s = await candidate.observed_s()
        await until(lambda: _true(candidate.observed_s, seen_s + 2), "the proctor still watches")
        assert [one.kind for one in await candidate.incidents()] == []


async def test_nothing_is_watched_while_the_session_is_paused(house: House) -> None:
    async with seat(house) as candidate:
        await until(lambda: _true(candidate.observed_s, 2), "the proctor watches")
        session_id = candidate.session.session_id
        await house.storage.sessions.move(session_id, Status.PAUSED, by="test")
        await _signal(house, candidate.session)
        await until(lambda: _told(house, candidate.session, "camera"), "it stops")
        candidate.turn_to(house.scene.empty)
        await candidate.filmed(4)
        candidate.turn_to(house.scene.person)
        await house.storage.sessions.move(session_id, Status.IN_PROGRESS, by="test")
        await _signal(house, candidate.session)
        seen_s = await candidate.observed_s()
        await until(lambda: _true(candidate.observed_s, seen_s + 3), "the proctor watches again")
        assert await candidate.incidents() == []


async def test_the_proctor_is_hidden_and_leaves_with_the_session(house: House) -> None:
    async with seat(house) as candidate:
        await until(lambda: _true(candidate.observed_s, 1), "the proctor watches")
        assert proctor_identity(1) in await in_room(house, candidate.session)
        assert list(candidate.room.remote_participants) == []
        await house.storage.sessions.complete(candidate.session.session_id, attempt=1, by="test", reason="done")
        await _signal(house, candidate.session)

        async def alone() -> bool:
            return proctor_identity(1) not in await in_room(house, candidate.session)

        await until(alone, "the proctor leaves")


async def test_without_consent_to_the_camera_nobody_watches(house: House) -> None:
    async with seat(house, camera_consent=False) as declined, seat(house) as agreed:
        await until(lambda: _true(agreed.observed_s, 3), "the other room is watched")
        assert await _observations(house, declined.session) == []
        assert proctor_identity(1) not in await in_room(house, declined.session)


async def test_what_is_seen_while_the_database_is_away_is_written_when_it_is_back(house: House) -> None:
    async with seat(house) as candidate:
        await until(lambda: _true(candidate.observed_s, 2), "the proctor watches")
        candidate.turn_to(house.scene.empty)
        before = house.stack.restarts("mongo")
        house.stack.kill("mongo")
        await house.stack.wait_restarted("mongo", before)
        await until(lambda: _some(candidate.incidents), "the absence is filed")
        candidate.turn_to(house.scene.person)
        await until(lambda: _ended(candidate.incidents), "its end is filed")
        (incident,) = await candidate.incidents()
        assert abs((incident.started_at - candidate.changed_at[0]).total_seconds()) < WITHIN_S
        batches = await house.storage.observations.of(candidate.session.session_id)
        assert [batch.seq for batch in batches] == list(range(len(batches)))
        assert await _faces(house, incident) == [True, False, True]


async def _true(seconds: Callable[[], Awaitable[float]], at_least: float) -> bool:
    return await seconds() >= at_least


async def _some(incidents: Callable[[], Awaitable[list[Incident]]]) -> bool:
    return bool(await incidents())


async def _ended(incidents: Callable[[], Awaitable[list[Incident]]]) -> bool:
    return all(incident.ended_at for incident in await incidents())


async def _observations(house: House, session: Session):
    batches = await house.storage.observations.of(session.session_id)
    return [observation for batch in batches for observation in batch.observations]


async def _told(house: House, session: Session, detector: str) -> bool:
    return any(observation.detector == detector for observation in await _observations(house, session))


async def _signal(house: House, session: Session) -> None:
    await house.livekit.room.send_data(
        api.SendDataRequest(room=room_name(session.session_id), data=b"", topic=TOPIC_CONTROL)
    )


async def _faces(house: House, incident: Incident) -> list[bool]:
    """Tell for each of an incident's stills whether it shows a face."""
    finder = FaceFinder(models.ensure(["yunet"], progress=False)["yunet"])
    shown = []
    for still in incident.stills:
        jpeg = await house.storage.files.get(still.file_id)
        assert len(jpeg) <= 60_000
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)
        shown.append(any(face.score > 0.7 for face in finder.find(Frame(still.taken_at, rgb), 320)))
    return shown
