"""A candidate in a browser, from the link to the end page, against the real house."""

import base64

import pytest
from playwright.async_api import Browser, Page

from local.persona import Phrase, VoiceChoice
from local.utterance import utter
from tests.browser.conftest import PHONE, SCREENSHOTS, Site, fits, opened, serious, sign_in

QUESTIONS = [
    {"text": "What did you build last year?", "competency": "Building", "max_follow_ups": 0},
    {"text": "How do you find a mistake in a program?", "competency": "Debugging", "max_follow_ups": 0},
    {"text": "How do you explain a plan to others?", "competency": "Explaining", "max_follow_ups": 0},
]
ANSWERS = [
    "I learned it at school and never stopped.",
    "I built a small payment service for a shop, and I tested every part of it before we opened.",
    "I read the log first, then I write a test that fails, and then I change the code until the test is green.",
    "I draw a picture of it, and then I ask everybody what they would do first.",
    "No, thank you, I have no questions.",
]
LISTENING = ".orb.listening"


def spoken(text: str) -> str:
    return base64.b64encode(utter((Phrase(say=text),), VoiceChoice()).samples.astype("<i2").tobytes()).decode()


async def agree(page: Page, link: str) -> None:
    await page.goto(link)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("heading", name="What do you agree to?").wait_for()
    boxes = page.get_by_role("checkbox")
    for number in range(await boxes.count()):
        await boxes.nth(number).check(force=True)
    await page.get_by_role("button", name="Save and continue").click()
    await page.get_by_role("heading", name="Check your devices").wait_for()


async def shot(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.mark.timeout(300)
async def test_a_candidate_goes_from_the_link_to_the_end_page_and_hears_and_answers_three_questions(
    site: Site, browser: Browser
) -> None:
    voice = [spoken(text) for text in ANSWERS]
    made = await site.create(questions=QUESTIONS)
    context, page, watched = await opened(browser)
    await page.goto(made["invite_url"])
    await page.get_by_role("heading", name="Welcome").wait_for()
    assert "#" not in page.url
    assert await serious(page) == []
    await shot(page, "candidate-welcome")
    await agree(page, made["invite_url"])
    await page.get_by_role("button", name="Allow the microphone").click()
    await page.get_by_role("progressbar", name="Level of your microphone").wait_for()
    await page.evaluate("testSay", voice[0])
    await page.get_by_text("We hear you.").wait_for()
    assert await serious(page) == []
    await shot(page, "candidate-devices")
    await page.get_by_role("button", name="Begin the interview").click()
    await page.locator(LISTENING).wait_for(timeout=60_000)
    assert await serious(page) == []
    for number, answer in enumerate(voice):
        await page.locator(LISTENING).wait_for(timeout=60_000)
        await page.evaluate("testSay", answer)
        if number == 2:
            await shot(page, "candidate-room")
        await page.locator(LISTENING).wait_for(state="detached", timeout=60_000)
    await page.get_by_role("heading", name="Thank you").wait_for(timeout=90_000)
    await page.get_by_text("You answered 3 of 3 questions.").wait_for()
    assert await page.evaluate("window.testLoudest") > 0.05, "the interviewer was not heard"
    assert await serious(page) == []
    assert watched.complaints == []
    said = await site.call("GET", f"/api/parallel_interview/session/{made['session_id']}/transcript")
    words = " ".join(turn["text"] for turn in said["turns"] if turn["speaker"] == "candidate").lower()  # pyright: ignore[reportArgumentType]
    assert {"payment", "log", "picture"} <= set(words.replace(",", " ").replace(".", " ").split())
    await read_afterwards(page, site, made["session_id"])
    assert watched.complaints == []
    await context.close()


async def read_afterwards(page: Page, site: Site, session_id: str) -> None:
    """The owner reads the transcript, hears it from an answer on, reads the report and plays a quote."""
    await sign_in(page, site)
    await page.goto(f"{site.url}/app/sessions/{session_id}")
    await page.get_by_role("tab", name="Transcript").click()
    await page.get_by_role("listitem").filter(has_text="payment").first.get_by_role("button").click()
    await page.locator(".turn.now").first.wait_for()  # marked only while it plays
    await page.get_by_role("button", name="Pause").click()
    assert await serious(page) == []
    await page.get_by_role("tab", name="Report").click()
    await page.get_by_role("heading", name="Scores").wait_for(timeout=60_000)
    assert await serious(page) == []
    await shot(page, "session-report")
    await page.get_by_role("button", name="Play this quote").first.click()
    await page.get_by_role("button", name="Pause").wait_for()
    await page.get_by_role("button", name="Show in the transcript").first.click()
    await page.locator(".turn.now").first.wait_for()
    for tab in ("Incidents", "History", "Overview"):
        await page.get_by_role("tab", name=tab).click()
        assert await serious(page) == [], tab
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await fits(page)


@pytest.mark.timeout(200)
async def test_without_a_microphone_it_is_typed_and_a_second_browser_takes_it_over(
    site: Site, strict_browser: Browser
) -> None:
    made = await site.create(questions=QUESTIONS[:1])
    context, page, watched = await opened(strict_browser, viewport=PHONE)
    await agree(page, made["invite_url"])
    await page.get_by_role("button", name="Allow the microphone").click()
    await page.get_by_text("does not give the microphone").wait_for()
    assert await serious(page) == []
    assert await fits(page)
    await page.get_by_role("button", name="Begin, and type my answers").click()
    captions = page.get_by_role("log")
    box = page.get_by_label("Type instead of talking")
    await captions.get_by_text("To begin").wait_for(timeout=60_000)
    await page.locator(LISTENING).wait_for(timeout=60_000)
    assert await fits(page)
    await box.fill("I learned it at <b>school</b>.")
    await box.press("Enter")
    await captions.get_by_text("I learned it at <b>school</b>.").wait_for()
    await page.get_by_text("Question 1 of 1").wait_for(timeout=60_000)

    other_context, other, _ = await opened(strict_browser)
    await other.goto(made["invite_url"])
    await page.get_by_role("heading", name="Your interview is open elsewhere").wait_for(timeout=30_000)
    await other.get_by_role("button", name="Return to the interview").click()
    await other.locator(LISTENING).wait_for(timeout=60_000)
    await other.get_by_role("button", name="End", exact=True).click()
    await other.get_by_role("button", name="End the interview").click()
    await other.get_by_role("heading", name="Thank you").wait_for()
    assert watched.complaints == []
    await context.close()
    await other_context.close()


async def test_who_declines_is_told_kindly_and_finds_the_same_page_again(site: Site, browser: Browser) -> None:
    made = await site.create()
    context, page, _ = await opened(browser)
    await page.goto(made["invite_url"])
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="I do not agree").click()
    await page.get_by_role("button", name="Yes, I do not agree").click()
    await page.get_by_role("heading", name="You have declined").wait_for()
    assert await serious(page) == []
    await page.reload()
    await page.get_by_role("heading", name="You have declined").wait_for()
    await context.close()


async def test_each_way_in_that_is_closed_has_its_page(site: Site, browser: Browser) -> None:
    early = await site.create(not_before="2040-01-01T10:00:00Z", not_after="2040-01-02T10:00:00Z")
    withdrawn = await site.create()
    await site.call("POST", f"/api/parallel_interview/session/{withdrawn['session_id']}/invite/revoke")
    for link, heading in (
        (early["invite_url"], "It is a little early"),
        (withdrawn["invite_url"], "This invitation cannot be opened"),
        (f"{site.url}/interview#{'x' * 43}", "This invitation cannot be opened"),
        (f"{site.url}/interview", "This invitation cannot be opened"),
    ):
        context, page, watched = await opened(browser, viewport=PHONE)
        await page.goto(link)
        await page.get_by_role("heading", name=heading).wait_for()
        assert await serious(page) == []
        assert await fits(page)
        assert watched.complaints == []
        await context.close()


async def test_it_speaks_german_where_the_interview_does(site: Site, browser: Browser) -> None:
    made = await site.create(plan_id="ready:kundendienst")
    context, page, _ = await opened(browser)
    await page.goto(made["invite_url"])
    await page.get_by_role("heading", name="Willkommen").wait_for()
    assert await page.evaluate("document.documentElement.lang") == "de"
    await context.close()


async def test_before_joining_the_page_is_light_and_keyboard_alone_gets_through_consent(
    site: Site, browser: Browser
) -> None:
    made = await site.create()
    context, page, _ = await opened(browser)
    await page.goto(made["invite_url"])
    await page.get_by_role("heading", name="Welcome").wait_for()
    transferred = await page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'script')"
        ".reduce((sum, one) => sum + one.encodedBodySize, 0)"
    )
    assert 0 < transferred <= 300_000
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent") == "Continue":
            break
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="What do you agree to?").wait_for()
    for _ in range(2):
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
    assert await page.get_by_role("checkbox").first.is_checked()
    await context.close()
