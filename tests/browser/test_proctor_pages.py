"""Proctors in a browser: the queue by keyboard alone, one incident in its context, second opinions, and live rooms."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
import pytest_asyncio
from livekit import rtc
from playwright.async_api import Browser, Page

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
from tests.browser.conftest import DESKTOP, PHONE, SCREENSHOTS, Site, fits, opened, serious

EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>'
PASSWORD = "five quiet otters"
BASE = "/api/parallel_interview"
ZOOMED = {"width": 600, "height": 400}
"""What is left of a window of 1200 × 800 at a zoom of 200 %."""
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

    async def filed(self) -> list[Incident]:
        """Make a session in which something was said and three incidents were filed, each with pictures and sound."""
        session_id = (await self.site.create())["session_id"]
        now = datetime.now(UTC)
        for seq, speaker, text in ((1, Speaker.INTERVIEWER, "What did you build?"), (2, Speaker.CANDIDATE, EVIL)):
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
        picture = cv2.imencode(".jpg", np.full((240, 320, 3), 120, np.uint8))[1].tobytes()
        stills: list[Still] = []
        for place, moment in enumerate(("before", "at", "after")):
            file_id = f"still:{key}:{moment}"
            await self.storage.files.put(file_id, picture, session_id=session_id, content_type="image/jpeg")
            stills.append(Still(moment=moment, taken_at=at + timedelta(seconds=place - 1), file_id=file_id))
        sound = f"clip:{key}"
        tone = (4000 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 48_000)).astype(np.int16)
        ogg = encode_segment(np.stack([tone, tone], axis=1), 48_000)
        await self.storage.files.put(sound, ogg, session_id=session_id, content_type="audio/ogg")
        seen = [
            Observation(at=at + timedelta(seconds=n / 2), detector="d", version="1", values=measured(n))
            for n in range(-6, 10)
        ]
        seq = int(at.timestamp())
        batch = ObservationBatch(session_id=session_id, attempt=0, seq=seq, observations=tuple(seen))
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
            detector="yunet",
            detector_version="2023mar",
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


def measured(n: int) -> dict[str, float]:
    """Every figure that the incidents here are judged by, rising and falling."""
    value = max(0.0, min(1.0, 0.3 + n / 10))
    return {"phone": value, "second": value, "head_away_deg": 60 * value}


@pytest_asyncio.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    storage = await Storage.connect(site.settings, SystemClock())
    yield Desk(site, storage)
    await storage.close()


async def sign_in_as(page: Page, site: Site, email: str, path: str = "/app") -> None:
    await page.goto(site.url + path)
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")


async def heading(page: Page, words: str) -> None:
    await page.get_by_role("heading", name=words, level=1).wait_for()


async def test_a_proctor_clears_three_incidents_by_keyboard_alone(desk: Desk, browser: Browser) -> None:
    incidents = await desk.filed()
    context, page, watched = await opened(browser)
    of_session = f"/app/incidents?session_id={incidents[0].session_id}"
    await sign_in_as(page, desk.site, await desk.proctor(), of_session)
    await heading(page, "Incidents")
    await page.get_by_role("link", name="Head turned away").wait_for()
    for key, expected in (("j", "Phone"), ("j", "Second face"), ("k", "Phone")):
        await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement.textContent") == expected
    await page.keyboard.press("t")
    await page.get_by_text("Phone: you hold it.").wait_for()
    await page.keyboard.press("Enter")
    for words, keys in (("Phone", "c1"), ("Second face", "d2"), ("Head turned away", "u1")):
        await heading(page, words)
        await page.get_by_role("img", name=f"{words}, picture at the time").wait_for()
        for key in keys:
            await page.keyboard.press(key)
    await page.get_by_text("Nothing more waits for you.").wait_for()
    stored = [await desk.storage.incidents.get(one.incident_id) for one in incidents]
    assert [(one.verdict, one.reason) for one in stored] == [
        (Verdict.CONFIRMED, Reason.AS_FILED),
        (Verdict.DISMISSED, Reason.HARMLESS),
        (Verdict.UNSURE, Reason.EVIDENCE_UNCLEAR),
    ]
    assert watched.complaints == []
    await context.close()


async def test_what_is_left_undecided_is_given_back_and_what_is_written_is_text(desk: Desk, browser: Browser) -> None:
    incident = (await desk.filed())[0]
    await desk.storage.incident_reviews.contest(incident.incident_id, EVIL, datetime.now(UTC))
    context, page, watched = await opened(browser)
    at = f"/app/incidents/{incident.incident_id}?session_id={incident.session_id}"
    await sign_in_as(page, desk.site, await desk.proctor(EVIL), at)
    await heading(page, "Phone")
    await page.get_by_text("The candidate contests it").wait_for()
    assert await page.get_by_text("onerror").count() >= 2  # what was said, and what was written

    async def held() -> bool:
        return (await desk.storage.incidents.get(incident.incident_id)).claimed_by is not None

    async def free() -> bool:
        return not await held()

    await until(held)
    await page.keyboard.press("q")
    await heading(page, "Incidents")
    await until(free)
    await page.go_back()
    await page.get_by_role("button", name="Dismiss").wait_for()
    await page.keyboard.press("n")
    await page.keyboard.type(EVIL)
    await page.keyboard.press("Escape")
    await page.keyboard.press("ArrowRight")
    await page.get_by_role("img", name="Phone, picture after").wait_for()
    for key in "sd1":
        await page.keyboard.press(key)
    await heading(page, "Second face")
    stored = await desk.storage.incidents.get(incident.incident_id)
    assert (stored.state, stored.verdict) == ("second_opinion", "dismissed")
    assert EVIL in (stored.notes or {}).values()
    await page.goto(desk.site.url + at)
    await page.get_by_text("You gave the first opinion").wait_for()
    assert await page.get_by_text("onerror").count() >= 4  # now also the note, and the name of who wrote it
    assert await page.evaluate("window.evil") is None
    assert watched.complaints == []
    await context.close()


async def until(condition: Callable[[], Awaitable[bool]], within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.1)


async def test_a_second_opinion_is_given_without_knowing_the_first(desk: Desk, browser: Browser) -> None:
    incident = (await desk.filed())[1]
    first, second = await desk.proctor("Ada First"), await desk.proctor("Ben Second")
    await desk.decide(incident, first, Verdict.CONFIRMED, Reason.AS_FILED, again=True)
    context, page, watched = await opened(browser)
    await sign_in_as(page, desk.site, second, f"/app/incidents/{incident.incident_id}?state=second_opinion")
    await heading(page, "Second face")
    await page.get_by_text("You are asked for a second opinion.").wait_for()
    assert await page.get_by_text("a note of the first").count() == 0
    assert await page.get_by_text("Ada First").count() == 0
    await page.get_by_role("button", name="Dismiss").click()
    await page.get_by_role("button", name="harmless").click()
    await page.get_by_text("Dismissed: harmless. 1 done.").first.wait_for()
    await page.goto(f"{desk.site.url}/app/incidents/{incident.incident_id}")
    await page.get_by_text("a note of the first").wait_for()
    await page.get_by_role("link", name="Agreement").click()
    await heading(page, "How far people agree")
    await page.get_by_text("Cohen's kappa").wait_for()
    row = page.get_by_role("row", name="Confirmed")
    assert await row.get_by_role("cell").all_inner_texts() == ["0", "1", "0"]
    assert watched.complaints == []
    await context.close()


async def test_every_page_is_accessible_in_both_schemes_and_fits(desk: Desk, browser: Browser) -> None:
    incident = (await desk.filed())[1]
    email = await desk.proctor()
    await desk.storage.incident_reviews.contest(incident.incident_id, "It was my brother.", datetime.now(UTC))
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    one = f"/app/incidents/{incident.incident_id}?session_id={incident.session_id}"
    for scheme in ("light", "dark"):
        context, page, watched = await opened(browser, color_scheme=scheme)
        await sign_in_as(page, desk.site, email)
        await heading(page, "Incidents")  # where a proctor lands
        for path, words in (
            ("/app/incidents", "Incidents"),
            (one, "Second face"),
            ("/app/agreement", "How far people agree"),
            ("/app/live", "Live"),
        ):
            await page.set_viewport_size({"width": 1200, "height": 800})
            await page.goto(desk.site.url + path)
            await heading(page, words)
            await page.locator(".loading").wait_for(state="detached")
            if path == one:
                await page.get_by_role("img", name="picture at the time").wait_for()
                await page.keyboard.press("d")
                await page.get_by_role("button", name="harmless").wait_for()
            assert await serious(page) == [], (scheme, path)
            if scheme == "light" and path in ("/app/incidents", one):
                await page.screenshot(path=SCREENSHOTS / f"proctor-{'incident' if path == one else 'queue'}.png")
            for size in (PHONE, ZOOMED):
                await page.set_viewport_size({"width": size["width"], "height": size["height"]})
                assert await fits(page), (path, size)
        assert watched.complaints == []
        await context.close()


async def test_a_running_room_is_watched_unseen_and_an_incident_is_marked(desk: Desk, browser: Browser) -> None:
    session_id = await started(desk.site)
    candidate = rtc.Room()
    fresh: dict[str, Any] = await desk.site.call("POST", f"{BASE}/session/{session_id}/token")
    await candidate.connect(fresh["livekit_url"], fresh["livekit_token"])
    source = rtc.VideoSource(320, 240)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA)
    await candidate.local_participant.publish_track(track, options)
    feeding = asyncio.create_task(feed(source))
    context, page, watched = await opened(browser)
    try:
        await sign_in_as(page, desk.site, await desk.proctor(), "/app/live")
        await heading(page, "Live")
        await until(lambda: page.evaluate("[...document.querySelectorAll('video')].some((one) => one.videoWidth > 0)"))
        assert await page.locator("audio").count() == 0
        assert not any(name.startswith("observer-") for name in candidate.remote_participants)
        assert await serious(page) == []
        await page.screenshot(path=SCREENSHOTS / "proctor-live.png")
        for size in (PHONE, ZOOMED, DESKTOP):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert await fits(page), size
        await page.get_by_role("button", name="Mark an incident").first.click()
        await page.get_by_label("What you saw").select_option("phone")
        await page.get_by_label("Note").fill("a telephone beside the keyboard")
        await page.get_by_role("button", name="File it").click()
        await page.get_by_text("Filed: Phone.").wait_for()
        (filed,) = [one for one in await desk.storage.incidents.of(session_id) if one.detector == "person"]
        assert (filed.kind, filed.state, filed.note(0)) == ("phone", "decided", "a telephone beside the keyboard")
        await page.get_by_role("button", name="Close").click()
        await page.get_by_role("button", name="Sound on").first.click()
        await page.get_by_role("button", name="Sound off").first.wait_for()
        assert watched.complaints == []
    finally:
        feeding.cancel()
        await candidate.disconnect()
        await context.close()
        await desk.site.call("POST", f"{BASE}/session/{session_id}/end")


async def started(site: Site) -> str:
    """Make a session whose candidate agreed to everything, and start it."""
    session_id = (await site.create())["session_id"]
    items = {"interview": True, "recording": True, "camera": True}
    consent = {"items": items, "text_version": current_text("en").version}
    await site.call("POST", f"{BASE}/session/{session_id}/consent", consent)
    await site.call("POST", f"{BASE}/session/{session_id}/start")
    return session_id


async def feed(source: rtc.VideoSource) -> None:
    """Send a picture ten times a second, until it is cancelled."""
    picture = np.full((240, 320, 4), 90, np.uint8).tobytes()
    while True:
        source.capture_frame(rtc.VideoFrame(320, 240, rtc.VideoBufferType.RGBA, picture))
        await asyncio.sleep(0.1)
