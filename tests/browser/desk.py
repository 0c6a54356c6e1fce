"""What tests of the proctors' pages need: incidents with evidence, accounts, and rooms with somebody in them."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
from livekit import rtc
from playwright.async_api import Page

from bench.clips.phones import phones
from bench.clips.scenes import phone
from interview.audio import encode_segment
from interview.clock import SystemClock
from interview.consent import current_text
from interview.incident import Clip, Incident, Observation, ObservationBatch, Severity, Still, incident_id
from interview.incident_kind import IncidentKind
from interview.review import Reason, Verdict
from interview.session import Stage
from interview.storage import Storage
from interview.storage.incident_reviews import Decision
from interview.transcript import Speaker, Turn, turn_id
from local import models
from local.camera import Image, Scene
from tests.browser.conftest import Site

EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>'
PASSWORD = "five quiet otters"
BASE = "/api/parallel_interview"
WORST_FIRST = ((IncidentKind.PHONE, "high"), (IncidentKind.SECOND_FACE, "medium"), (IncidentKind.HEAD_AWAY, "low"))


@dataclass(frozen=True)
class Desk:
    """What a proctor's test needs: the running site, its database, and an account."""

    site: Site
    storage: Storage

    async def proctor(self, name: str = "Lena Vogt") -> str:
        """Make a proctor, and return the email."""
        email = f"{uuid.uuid4().hex[:12]}@example.com"
        body = {"email": email, "name": name, "role": "proctor", "password": PASSWORD}
        await self.site.call("POST", "/api/users", body)
        return email

    async def filed(self, session_id: str = "", answer: str = EVIL) -> list[Incident]:
        """Let something be said in a session, a new one or this, and file three incidents with pictures and sound."""
        session_id = session_id or (await self.site.create())["session_id"]
        now = datetime.now(UTC)
        for seq, speaker, text in ((1, Speaker.INTERVIEWER, "What did you build?"), (2, Speaker.CANDIDATE, answer)):
            began = now + timedelta(seconds=4 * seq)
            turn = Turn(
                turn_id=turn_id(session_id, seq),
                session_id=session_id,
                seq=seq,
                attempt=0,
                speaker=speaker,
                text=text,
                stage=Stage.QUESTIONS,
                question_id="q1",
                started_at=began,
                ended_at=began + timedelta(seconds=3),
            )
            await self.storage.turns.append(turn)
        return [
            await self._file(session_id, kind, Severity(severity), now + timedelta(seconds=5 * n))
            for n, (kind, severity) in enumerate(WORST_FIRST, 1)
        ]

    async def _file(self, session_id: str, kind: IncidentKind, severity: Severity, at: datetime) -> Incident:
        key = incident_id(session_id, kind, at)
        detector, version = ("nanodet_g", "3.0.4") if kind is IncidentKind.PHONE else ("yunet", "2023mar")
        photo = Scene(models.ensure(["astronaut"])["astronaut"])
        seen = phone(phones(1), 260, 0, 10, 1)
        stills: list[Still] = []
        for place, moment in enumerate(("before", "at", "after")):
            file_id = f"still:{key}:{moment}"
            shown = (
                seen.draw(photo.person, 2.0) if (kind, moment) == (IncidentKind.PHONE, "at") else photo.person(place)
            )
            await self.storage.files.put(file_id, jpeg(shown), session_id=session_id, content_type="image/jpeg")
            stills.append(Still(moment=moment, taken_at=at + timedelta(seconds=place - 1), file_id=file_id))
        sound = f"clip:{key}"
        tone = (4000 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000)).astype(np.int16)
        ogg = encode_segment(np.stack([tone, tone], axis=1), 48_000)
        await self.storage.files.put(sound, ogg, session_id=session_id, content_type="audio/ogg")
        measured_then = [
            Observation(at=at + timedelta(seconds=n / 2), detector="d", version="1", values=measured(n))
            for n in range(-6, 10)
        ]
        seq = int(at.timestamp())
        batch = ObservationBatch(session_id=session_id, attempt=0, seq=seq, observations=tuple(measured_then))
        await self.storage.observations.append(batch)
        incident = Incident(
            incident_id=key,
            session_id=session_id,
            attempt=0,
            kind=kind,
            severity=severity,
            started_at=at,
            ended_at=at + timedelta(seconds=3),
            confidence=0.9,
            detector=detector,
            detector_version=version,
            threshold=0.6,
            stills=tuple(stills),
            clips=(Clip(started_at=at, duration_s=1.0, file_id=sound),),
            filed_at=at,
        )
        await self.storage.incidents.file(incident)
        return incident

    async def decide(self, incident: Incident, by: str, verdict: Verdict, reason: Reason, *, again: bool) -> None:
        """Decide as somebody, without their browser."""
        user = await self.storage.users.by_email(by)
        assert user is not None
        now = datetime.now(UTC)
        await self.storage.incident_reviews.claim(incident.incident_id, user.user_id, now, 600)
        decision = Decision(user.user_id, verdict, reason, "a note of the first", again)
        await self.storage.incident_reviews.decide(incident.incident_id, decision, now)


@asynccontextmanager
async def desk_in(site: Site) -> AsyncIterator[Desk]:
    """Open the database of a site."""
    storage = await Storage.connect(site.settings, SystemClock())
    try:
        yield Desk(site, storage)
    finally:
        await storage.close()


def measured(n: int) -> dict[str, float]:
    """Every figure that the incidents here are judged by, rising and falling."""
    value = max(0.0, min(1.0, 0.3 + n / 10))
    return {"phone": value, "second": value, "head_away_deg": 60 * value}


async def sign_in_as(page: Page, site: Site, email: str, path: str = "/app") -> None:
    await page.goto(site.url + path)
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")


async def heading(page: Page, words: str) -> None:
    await page.get_by_role("heading", name=words, level=1).wait_for()


async def until(condition: Callable[[], Awaitable[bool]], within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.1)


def jpeg(image: Image) -> bytes:
    """Write an RGB picture as a file."""
    return cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()


async def started(site: Site, **body: object) -> str:
    """Make a session whose candidate agreed to everything, and start it."""
    session_id = (await site.create(**body))["session_id"]
    await begin(site, session_id)
    return session_id


async def begin(site: Site, session_id: str) -> None:
    """Agree to everything, and start a session."""
    items = {"interview": True, "recording": True, "camera": True}
    consent = {"items": items, "text_version": current_text("en").version}
    await site.call("POST", f"{BASE}/session/{session_id}/consent", consent)
    await site.call("POST", f"{BASE}/session/{session_id}/start")


@asynccontextmanager
async def before_a_camera(site: Site, session_id: str, draw: Callable[[float], Image]) -> AsyncIterator[rtc.Room]:
    """Be a candidate in the room of a session that goes on, whose camera shows what is drawn for each moment."""
    room = rtc.Room()
    fresh: dict[str, Any] = await site.call("POST", f"{BASE}/session/{session_id}/token")
    await room.connect(fresh["livekit_url"], fresh["livekit_token"])
    height, width = draw(0).shape[:2]
    source = rtc.VideoSource(width, height)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA)
    await room.local_participant.publish_track(track, options)
    feeding = asyncio.create_task(_feed(source, draw))
    try:
        yield room
    finally:
        feeding.cancel()
        await room.disconnect()


async def _feed(source: rtc.VideoSource, draw: Callable[[float], Image]) -> None:
    """Send five pictures a second, until it is cancelled."""
    for number in itertools.count():
        image = cv2.cvtColor(draw(number / 5), cv2.COLOR_RGB2RGBA)
        height, width = image.shape[:2]
        source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, image.tobytes()))
        await asyncio.sleep(0.2)
