"""A candidate in a browser, from the link to the end page, against the real house."""

import base64

import pytest
from playwright.async_api import Browser, Page

from local.persona import Phrase, VoiceChoice
from local.utterance import utter
from tests.browser.conftest import PHONE, SCREENSHOTS, Site, fits, no_network, opened, serious, sign_in

BUILT = "What did you build last year?"
MISTAKES = "How do you find a mistake in a program?"
PLANS = "How do you explain a plan to others?"
MORE = (
    "And I also do some other things with them, such as long walks through the woods, or a talk over a cup of tea, "
    "until the whole of it is clear to everybody."
)
"""Takes long enough to lose the network in the middle of it, and to find it again."""
LISTENING = ".orb.listening"
CAPTIONS_FOLLOW_THEIR_ORDER = """() => {
  const [first, second] = document.querySelectorAll(".said"), top = (line) => line.getBoundingClientRect().top;
  const before = top(first) < top(second), order = first.style.order;
  first.style.order = 999;
  const after = top(first) > top(second);
  first.style.order = order;
  return before && after;
}"""
MOST_SHIFTED = 0.02
"""Of the page's layout while a question is asked and answered, as the browser reckons it (0.1 is called good)."""


def spoken(*phrases: str) -> str:
    """Return phrases with pauses between them, as the page's `testSay` takes them."""
    said = utter(tuple(Phrase(say=phrase, pause_s=0.5) for phrase in phrases), VoiceChoice())
    return base64.b64encode(said.samples.astype("<i2").tobytes()).decode()


async def agree(page: Page, link: str) -> None:
    await page.goto(link)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("heading", name="What do you agree to?").wait_for()
    boxes = page.get_by_role("checkbox")
    for number in range(await boxes.count()):
        await boxes.nth(number).check(force=True)
    await page.get_by_role("button", name="Save and continue").click()
    await page.get_by_role("heading", name="Check your devices").wait_for()


async def shot(page: Page, name: str, *, whole: bool = False) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)


async def asked(page: Page, words: str) -> None:
    """Wait until the interviewer has said these words, to the end, and listens."""
    await page.get_by_role("log").get_by_text(words).last.wait_for(timeout=60_000)
    await page.locator(LISTENING).wait_for(timeout=60_000)


async def begins_to_say(page: Page, *phrases: str) -> None:
    """Speak, and return in mid-answer: the first phrase was understood, and the next is being said."""
    await page.evaluate("(audio) => void window.testSay(audio)", spoken(*phrases))
    await page.get_by_role("log").get_by_text(phrases[0].rstrip(".")).wait_for(timeout=60_000)
    await page.locator(".said.mine.going").wait_for(timeout=60_000)


async def question_shown(page: Page) -> str:
    return await page.locator(".question").inner_text()


@pytest.mark.timeout(300)
async def test_a_candidate_hears_and_answers_three_questions_whatever_becomes_of_page_and_network(
    site: Site, browser: Browser
) -> None:
    made = await site.create(plan_id=await site.plan("Backend engineer", [BUILT, MISTAKES, PLANS]))
    context, page, watched = await opened(browser)
    await page.goto(made["invite_url"])
    await page.get_by_role("heading", name="Welcome").wait_for()
    assert "#" not in page.url
    assert await serious(page) == []
    await shot(page, "candidate-welcome")
    await agree(page, made["invite_url"])
    await page.get_by_role("button", name="Allow the microphone").click()
    await page.get_by_role("progressbar", name="Level of your microphone").wait_for()
    await page.evaluate("testSay", spoken("Hello."))
    await page.get_by_text("We hear you.").wait_for()
    assert await serious(page) == []
    await shot(page, "candidate-devices", whole=True)
    await page.get_by_role("button", name="Begin the interview").click()

    await asked(page, "To begin")
    assert await serious(page) == []
    await page.evaluate("testSay", spoken("I learned it at school and never stopped."))
    await asked(page, BUILT)
    await page.evaluate("window.testShifted = 0")
    await page.evaluate("testSay", spoken("I built a small payment service for a shop, and tested every part."))
    await asked(page, MISTAKES)
    assert await page.evaluate("window.testShifted") < MOST_SHIFTED
    assert await page.evaluate(CAPTIONS_FOLLOW_THEIR_ORDER), "a line that is still going on stands where it began"
    await shot(page, "candidate-room")

    await begins_to_say(page, "I read the log first.", MORE)
    await page.reload()
    await page.get_by_role("button", name="Return to the interview").click()
    await asked(page, "Please go on where you were.")
    assert await question_shown(page) == MISTAKES
    await page.evaluate("testSay", spoken("Then I write a test that fails."))

    await asked(page, PLANS)
    await begins_to_say(page, "I draw a picture of it.", MORE)
    async with no_network(browser, page):
        await page.get_by_text("The connection was lost.").wait_for()
    await page.get_by_text("You are back.").wait_for()
    assert await question_shown(page) == PLANS
    await page.evaluate("window.testSaid")
    await page.evaluate("testSay", spoken("And then I ask everybody for their opinion."))
    await asked(page, "Is there anything")
    await page.evaluate("testSay", spoken("No, thank you, I have no questions."))
    await page.get_by_role("heading", name="Thank you").wait_for(timeout=90_000)
    await page.get_by_text("You answered 3 of 3 questions.").wait_for()
    assert await page.evaluate("window.testLoudest") > 0.05, "the interviewer was not heard"
    assert await serious(page) == []
    assert watched.complaints == []
    await nothing_is_lost_or_repeated(site, made["session_id"])
    await read_afterwards(page, site, made["session_id"])
    await read_what_is_released(page, site, made["session_id"])
    assert watched.complaints == []
    await context.close()


async def nothing_is_lost_or_repeated(site: Site, session_id: str) -> None:
    """Each answer stands under its question, with what was said before it was cut off; each was asked once."""
    turns = await site.turns(session_id)
    for question, words in (("q1", ["payment"]), ("q2", ["log", "test"]), ("q3", ["picture", "opinion"])):
        answer = " ".join(
            turn["text"] for turn in turns if turn["speaker"] == "candidate" and turn["question_id"] == question
        )
        assert [word for word in words if word not in answer.lower()] == [], answer
    for question in (BUILT, MISTAKES, PLANS):
        assert sum(question in turn["text"] for turn in turns if turn["speaker"] == "interviewer") == 1, question


async def read_afterwards(page: Page, site: Site, session_id: str) -> None:
    """The owner reads the transcript, hears it from an answer on, reads the report and plays a quote."""
    await sign_in(page, site)
    await page.goto(f"{site.url}/app/sessions/{session_id}")
    await page.get_by_role("tab", name="Transcript").click()
    await page.get_by_role("listitem").filter(has_text="payment").first.get_by_role("button", name="Play").click()
    await page.locator(".turn.now").first.wait_for()  # marked only while it plays
    await page.get_by_role("button", name="Pause").click()
    assert await serious(page) == []
    await page.get_by_role("tab", name="Report").click()
    await page.get_by_role("heading", name="Scores").wait_for(timeout=60_000)
    assert await serious(page) == []
    scores = page.get_by_role("heading", name="Scores")
    await scores.evaluate("(one) => scrollBy(0, one.getBoundingClientRect().top - 300)")  # and the player above them
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


async def read_what_is_released(page: Page, site: Site, session_id: str) -> None:
    """The candidate comes back to the end page, and reads what the owner has released."""
    release = {"with_levels": True, "note": "Thank you for your time."}
    await site.call("POST", f"/api/parallel_interview/session/{session_id}/report/release", release)
    await page.set_viewport_size({"width": 1200, "height": 800})
    await page.goto(f"{site.url}/interview")
    await page.get_by_role("heading", name="What your answers showed").wait_for()
    await page.get_by_text("Thank you for your time.").wait_for()
    await page.get_by_text(MISTAKES).first.wait_for()
    assert await serious(page) == []
    await shot(page, "candidate-end", whole=True)


@pytest.mark.timeout(200)
async def test_without_a_microphone_it_is_typed_and_a_second_browser_takes_it_over(
    site: Site, strict_browser: Browser
) -> None:
    plan_id = await site.plan("Typed", [BUILT], proctoring={"enabled": True, "kinds": ["paste"]})
    made = await site.create(plan_id=plan_id)
    context, page, watched = await opened(strict_browser, viewport=PHONE)
    await agree(page, made["invite_url"])
    await page.get_by_role("button", name="Allow the microphone").click()
    await page.get_by_text("does not give the microphone").wait_for()
    assert await serious(page) == []
    assert await fits(page)
    await page.get_by_role("button", name="Begin, and type my answers").click()
    captions = page.get_by_role("log")
    box = page.get_by_label("Type instead of talking")
    await asked(page, "To begin")
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
    async with other.expect_response("**/events"):
        await other.evaluate("document.dispatchEvent(new ClipboardEvent('paste'))")
    await other.get_by_role("button", name="End", exact=True).click()
    await other.get_by_role("button", name="End the interview").click()
    await other.get_by_role("heading", name="Thank you").wait_for()
    await contests(other, "Text was pasted")
    assert watched.complaints == []
    await context.close()
    await other_context.close()


async def contests(page: Page, what: str) -> None:
    """Disagree with what was noted."""
    await page.get_by_text(what).wait_for()
    await page.get_by_role("button", name="I see it differently").click()
    await page.get_by_label("In your words").fill("It was my own note.")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("You disagreed").wait_for()
