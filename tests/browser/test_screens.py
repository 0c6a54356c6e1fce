"""The pictures of the docs: a house in use, made and looked at anew with every run, so that they stay true.

With `VIVA_SCREENSHOTS=1` those in `docs/screenshots` are made anew; those of the dark scheme stay in
`build/screenshots`.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page

from interview.session import Stage, Status
from interview.transcript import Speaker, Turn, turn_id
from local import models
from local.camera import Image, Scene
from tests.browser.conftest import ROOT, SCREENSHOTS, Site, fits, opened, serious
from tests.browser.desk import BASE, PASSWORD, Desk, before_a_camera, begin, desk_in, heading, sign_in_as, until

DARK = ROOT / "build" / "screenshots"
ANSWERS = {
    "Amina Okafor": "I owned the ledger service. When checkout slowed down I read the traces first, found one query "
    "that ran for every line of the basket, wrote a test that failed, and changed it. It went from 900 to 80 ms.",
    "Bruno Keller": "We had an outage of the queue. I wrote down what we knew, asked one person to watch the "
    "customers, turned the consumer off, and after two hours we had found a message that nobody could read.",
    "Chen Wei": "I moved a service to the new cluster in three weeks, with two colleagues, one customer after another.",
}
INVITED = ("Dilara Kaya", "Elena Rossi")
RUNNING = ("Farid Haddad", "Grace Kim", "Hannes Vogt")


@pytest_asyncio.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    async with desk_in(site) as opened_desk:
        yield opened_desk


async def picture(page: Page, name: str, top: Locator | None = None) -> None:
    """Take a picture in light and in dark; both can be read, and nothing sticks out."""
    for folder, scheme in ((SCREENSHOTS, "light"), (DARK, "dark")):
        folder.mkdir(parents=True, exist_ok=True)
        await page.emulate_media(color_scheme=scheme)  # pyright: ignore[reportArgumentType]
        await page.evaluate("scrollTo(0, 0)")
        if top:
            await top.evaluate("(one) => one.scrollIntoView({ block: 'start' })")
        assert await serious(page) == [], (name, scheme)
        await page.screenshot(path=folder / f"{name}{'' if scheme == 'light' else '-dark'}.png")
    await page.emulate_media(color_scheme="light")
    assert await fits(page), name


async def recruiter(site: Site) -> tuple[str, Site]:
    """Make a recruiter; return the email, and the house as they see it."""
    email = f"rita-{datetime.now(UTC):%H%M%S%f}@example.com"
    await site.call(
        "POST", "/api/users", {"email": email, "name": "Rita Weber", "role": "recruiter", "password": PASSWORD}
    )
    body = {"email": email, "password": PASSWORD, "cookie": False}
    return email, site.seen_by((await site.call("POST", "/api/auth/login", body))["access_token"])


def mail_of(name: str) -> str:
    return f"{name.split()[0].lower()}@example.com"


async def interviewed(desk: Desk, own: Site, plan_id: str, name: str, answer: str) -> str:
    """Make an interview in which every question was answered, and end it: its report is built from what was said."""
    made = await own.create(name=name, email=mail_of(name), plan_id=plan_id)
    session_id = made["session_id"]
    await begin(own, session_id)
    session = await desk.storage.sessions.get(session_id)
    at = datetime.now(UTC) - timedelta(minutes=30)
    for question in session.plan.questions:
        for speaker, text in ((Speaker.INTERVIEWER, question.text), (Speaker.CANDIDATE, answer)):
            seq = await desk.storage.sessions.claim_turn_seq(session_id, session.attempt)
            turn = Turn(
                turn_id=turn_id(session_id, seq),
                session_id=session_id,
                seq=seq,
                attempt=session.attempt,
                speaker=speaker,
                text=text,
                stage=Stage.QUESTIONS,
                question_id=question.id,
                started_at=at,
                ended_at=(at := at + timedelta(seconds=4 if speaker is Speaker.INTERVIEWER else 25)),
            )
            await desk.storage.turns.append(turn)
    await progressed(desk, session_id, len(session.plan.questions))
    await own.call("POST", f"{BASE}/session/{session_id}/end")

    async def over() -> bool:
        versions: dict[str, Any] = await own.call("GET", f"{BASE}/session/{session_id}/report/versions")
        return bool(versions["versions"]) and versions["versions"][0]["status"] == "ready"

    await until(over, 90)
    return session_id


async def progressed(desk: Desk, session_id: str, answered: int) -> None:
    """Let so many questions be answered."""
    found = {"_id": session_id}
    await desk.storage.sessions.collection.change(found, {"$set": {"progress.answered": answered}})


@pytest.mark.timeout(300)
async def test_what_recruiters_see_of_a_house_in_use(desk: Desk, browser: Browser) -> None:
    email, own = await recruiter(desk.site)
    clone = await own.call("POST", "/api/plans/ready:backend_engineer/clone", {"title": "Backend engineer, payments"})
    plan_id = clone["plan_id"]
    for name in INVITED:
        await own.create(name=name, email=mail_of(name), plan_id="ready:sales")
    sessions = [await interviewed(desk, own, plan_id, name, answer) for name, answer in ANSWERS.items()]
    assert [(await desk.storage.sessions.get(one)).status for one in sessions] == [Status.COMPLETED] * len(sessions)
    reason = {"decision": "advance", "reason": "Found the cause, and proved it."}
    await own.call("POST", f"{BASE}/session/{sessions[0]}/decisions", reason)
    context, page, watched = await opened(browser)
    await sign_in_as(page, desk.site, email)
    await heading(page, "Interviews")
    await page.get_by_role("link", name="Amina Okafor").wait_for()
    await picture(page, "app-sessions")
    await page.goto(f"{desk.site.url}/app/plans/{plan_id}")
    await heading(page, "Backend engineer, payments")
    await page.get_by_label("Speech to text").wait_for()
    await picture(page, "app-plan")
    await page.get_by_text("From when it counts").click()
    await picture(page, "app-plan-proctoring", page.get_by_role("heading", name="Recording and proctoring"))
    await page.goto(f"{desk.site.url}/app/compare?plan={plan_id}")
    await page.get_by_role("link", name="Amina Okafor").wait_for()
    await picture(page, "app-compare")
    assert watched.complaints == []
    await context.close()


@pytest.mark.timeout(300)
async def test_what_proctors_see_of_a_house_in_use(desk: Desk, browser: Browser) -> None:
    email, own = await recruiter(desk.site)
    scene = Scene(models.ensure(["astronaut"])["astronaut"])

    def mirrored(at_s: float) -> Image:
        """The same, seen by another camera in a warmer light."""
        warm = cv2.convertScaleAbs(cv2.flip(scene.person(at_s + 4), 1), alpha=0.8, beta=6)
        return np.asarray(warm * np.array([1.0, 0.93, 0.8]), np.uint8)

    async with AsyncExitStack() as stack:
        rooms: list[str] = []
        plans = ("ready:backend_engineer", "ready:nurse_triage", "ready:support_agent")
        for name, plan_id, draw in zip(RUNNING, plans, (scene.person, mirrored, scene.empty), strict=True):
            made = await own.create(name=name, email=mail_of(name), plan_id=plan_id)
            rooms.append(made["session_id"])
            await begin(own, made["session_id"])
            await stack.enter_async_context(before_a_camera(own, made["session_id"], draw))
        incidents = await desk.filed(
            rooms[0], answer="I built a payment service, and I measured it before I changed it."
        )
        context, page, watched = await opened(browser)
        stack.push_async_callback(context.close)
        await sign_in_as(page, desk.site, await desk.proctor())
        await heading(page, "Incidents")
        await page.get_by_role("link", name="Phone").first.wait_for()
        await picture(page, "proctor-queue")
        await page.goto(f"{desk.site.url}/app/incidents/{incidents[0].incident_id}?session_id={rooms[0]}")
        await page.get_by_role("img", name="Phone, picture at the time").wait_for()
        await picture(page, "proctor-incident")
        await page.goto(f"{desk.site.url}/app/live")
        for number in range(len(RUNNING)):
            shown = "(number) => [...document.querySelectorAll('.rooms video')][number]?.videoWidth > 0"
            await page.wait_for_function(shown, arg=number)
        await picture(page, "proctor-live")
        assert watched.complaints == []
        other, page, watched = await opened(browser)
        stack.push_async_callback(other.close)
        await sign_in_as(page, desk.site, email, "/monitoring_dashboard")
        await heading(page, "Monitoring")
        await page.get_by_text("answered").nth(len(rooms) - 1).wait_for()
        await picture(page, "monitoring_dashboard")
        assert watched.complaints == []
    for session_id in rooms:
        await own.call("POST", f"{BASE}/session/{session_id}/end")
