"""Proctors in a browser: the queue by keyboard alone, one incident in its context, second opinions, and live rooms."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import numpy as np
import pytest_asyncio
from playwright.async_api import Browser

from interview.review import Reason, Verdict
from local.camera import Image
from tests.browser.conftest import DESKTOP, PHONE, Site, fits, opened, serious
from tests.browser.desk import BASE, EVIL, Desk, before_a_camera, desk_in, heading, sign_in_as, started, until

ZOOMED = {"width": 600, "height": 400}
"""What is left of a window of 1200 × 800 at a zoom of 200 %."""
Colour = tuple[int, int, int]
GREY: Colour = (90, 90, 90)
COLOURS: dict[str, Colour] = {"red": (200, 40, 40), "green": (40, 170, 60), "blue": (40, 60, 200)}
MIDDLE = """async (video) => {
  while (!video.videoWidth) await new Promise((resolve) => setTimeout(resolve, 50));
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const [x, y] = [video.videoWidth / 2, video.videoHeight / 2];
  canvas.getContext("2d").drawImage(video, x, y, 1, 1, 0, 0, 1, 1);
  return [...canvas.getContext("2d").getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
"""The colour in the middle of what a video shows, once it shows something."""


@pytest_asyncio.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    async with desk_in(site) as opened_desk:
        yield opened_desk


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
            for size in (PHONE, ZOOMED):
                await page.set_viewport_size({"width": size["width"], "height": size["height"]})
                assert await fits(page), (path, size)
        assert watched.complaints == []
        await context.close()


async def test_a_running_room_is_watched_unseen_and_an_incident_is_marked(desk: Desk, browser: Browser) -> None:
    session_id = await started(desk.site)
    context, page, watched = await opened(browser)
    async with before_a_camera(desk.site, session_id, coloured(GREY)) as candidate:
        await sign_in_as(page, desk.site, await desk.proctor(), "/app/live")
        await heading(page, "Live")
        await until(lambda: page.evaluate("[...document.querySelectorAll('video')].some((one) => one.videoWidth > 0)"))
        assert await page.locator("audio").count() == 0
        assert not any(name.startswith("observer-") for name in candidate.remote_participants)
        assert await serious(page) == []
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
    await context.close()
    await desk.site.call("POST", f"{BASE}/session/{session_id}/end")


def coloured(colour: Colour) -> Callable[[float], Image]:
    """A picture of one colour."""
    image = np.full((240, 320, 3), colour, np.uint8)
    return lambda _at_s: image


async def test_several_rooms_are_watched_side_by_side_each_in_its_own_place(desk: Desk, browser: Browser) -> None:
    titles = {f"Room {name} {uuid.uuid4().hex[:6]}": colour for name, colour in COLOURS.items()}
    async with AsyncExitStack() as stack:
        rooms: dict[str, str] = {}
        for title, colour in titles.items():
            plan_id = await desk.site.plan(title, ["What did you build?"])
            rooms[title] = await started(desk.site, plan_id=plan_id)
            await stack.enter_async_context(before_a_camera(desk.site, rooms[title], coloured(colour)))
        context, page, watched = await opened(browser)
        stack.push_async_callback(context.close)
        await sign_in_as(page, desk.site, await desk.proctor(), "/app/live")
        for title, colour in titles.items():
            tile = page.get_by_role("article", name=title)
            await tile.get_by_role("button", name="Sound on").wait_for()
            shown = await tile.locator("video").evaluate(MIDDLE)
            assert np.abs(np.subtract(shown, colour)).max() < 40, (title, shown)
        assert await serious(page) == []
        for size in (PHONE, ZOOMED, DESKTOP):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            assert await fits(page), size
        first, second, third = (page.get_by_role("article", name=title) for title in titles)
        # one is heard at a time: whoever is heard next takes the place of the one before
        await first.get_by_role("button", name="Sound on").click()
        await second.get_by_role("button", name="Sound on").click()
        await second.get_by_role("button", name="Sound off").wait_for()
        await first.get_by_role("button", name="Sound on").wait_for()
        # one is left by hand and one ends; what is left is watched on
        await first.get_by_role("button", name="Leave").click()
        await first.locator("video").wait_for(state="detached")
        await desk.site.call("POST", f"{BASE}/session/{list(rooms.values())[1]}/end")
        await second.wait_for(state="detached")
        shown = await third.locator("video").evaluate(MIDDLE)
        assert np.abs(np.subtract(shown, list(titles.values())[2])).max() < 40
        await first.get_by_role("button", name="Watch", exact=True).click()
        await first.locator("video").wait_for()
        assert watched.complaints == []
    for session_id in rooms.values():
        await desk.site.call("POST", f"{BASE}/session/{session_id}/end")
