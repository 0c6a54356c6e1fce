"""A recruiter in a browser, from preparing to deciding, against the real house; what people wrote is text."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page

from local.seat import Seat
from local.typist import Typist
from tests.browser.conftest import PHONE, Site, fits, opened, serious

PASSWORD = "a long word for the recruiter"
EVIL = '<img src=x onerror="window.evil=1">'
NAME = f"Amina {EVIL}"
ANSWER = (
    f"I built {EVIL} a payment service for a shop in three months, wrote a test for every part of it, "
    "and measured that the night run took ten minutes instead of an hour."
)
RESUME = "2019 to 2024: Example Bank\nmoved the ledger of the bank to a new database without a pause\n"
PLAN = {
    "title": "Backend engineer",
    "job_role": "Backend engineer",
    "speaking_speed": 2.0,
    "competencies": [{"id": "building", "name": "Building"}],
    "questions": [{"id": "q1", "text": "What did you build?", "competency": "building", "max_follow_ups": 0}],
    "proctoring": {"enabled": False, "kinds": []},
    "blind_scoring": True,
}
LAST_PLAYED = """(() => {
  window.lastPlayed = null;
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    window.lastPlayed = this;
    return play.call(this);
  };
  window.heardPast = (seconds) =>
    new Promise((resolve, reject) => {
      const until = Date.now() + 20000;
      (function look() {
        if (window.lastPlayed && !window.lastPlayed.paused && window.lastPlayed.currentTime > seconds) resolve();
        else if (Date.now() > until) reject(new Error("the recording does not play"));
        else setTimeout(look, 50);
      })();
    });
})()"""
STICKS_OUT = """[...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120)).slice(-8).join('\\n')"""
ZOOMED = 600
"""So many pixels wide are 1,200 at 200 %."""


@dataclass(frozen=True)
class Account:
    """A recruiter of this house, and what is theirs."""

    email: str
    token: str
    plan_id: str


async def hired(site: Site, email: str) -> Account:
    await site.call("POST", "/api/users", {"email": email, "name": "Rita", "role": "recruiter", "password": PASSWORD})
    body = {"email": email, "password": PASSWORD, "cookie": False}
    token = (await site.call("POST", "/api/auth/login", body))["access_token"]
    plan = await site.seen_by(token).call("POST", "/api/plans", {"plan": PLAN})
    return Account(email, token, plan["plan_id"])


async def signed_in(page: Page, site: Site, email: str) -> None:
    await page.goto(site.url)
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Interviews").wait_for()


async def looks_well(page: Page, where: str) -> None:
    """No serious finding of axe in light or dark, and nothing sticks out on a phone or at 200 % zoom."""
    assert await serious(page) == [], where
    await page.emulate_media(color_scheme="dark")
    found = await page.evaluate("axe.run(document, { runOnly: ['color-contrast'] })")
    assert [node["html"] for one in found["violations"] for node in one["nodes"]] == [], f"{where}, dark"
    await page.emulate_media(color_scheme="light")
    before = page.viewport_size
    for width in (PHONE["width"], ZOOMED):
        await page.set_viewport_size({"width": width, "height": 400})
        if not await fits(page):
            pytest.fail(f"{where} at {width}: {await page.evaluate(STICKS_OUT)}")
    if before:
        await page.set_viewport_size(before)
    assert await page.evaluate("window.evil") is None, where


@pytest.mark.timeout(240)
async def test_a_recruiter_watches_live_reads_plays_a_quote_scores_and_decides(site: Site, browser: Browser) -> None:
    mine = await hired(site, "rita@example.com")
    own = site.seen_by(mine.token)
    made = await own.create(name=NAME, plan_id=mine.plan_id)
    context, page, watched = await opened(browser)
    await page.add_init_script(LAST_PLAYED)
    await signed_in(page, site, mine.email)
    await page.goto(f"{site.url}/app/sessions/{made['session_id']}")
    await watch_it_live(page, site, made["invite_url"])
    await score_before_reading(page)
    await read_and_listen(page)
    await correct_what_was_misheard(page)
    await decide(page)
    await compare(page)
    await search(page)
    assert await page.evaluate("Object.keys(localStorage)") == ["language"]
    assert watched.complaints == []
    await context.close()


async def watch_it_live(page: Page, site: Site, link: str) -> None:
    """The candidate types, and the page shows how far they are without being loaded anew."""
    typist = Typist()
    async with Seat(site.url) as seat:
        view = await seat.open(link)
        await seat.agree(view)
        await typist.join(await seat.start(view.session_id))
        await page.get_by_text("in the room", exact=True).wait_for()
        await page.get_by_text("0 of 1 answered").wait_for()
        await typist.until("the greeting is over", lambda me: bool(me.said) and me.shown[-1].state == "listening")
        await typist.type("I learned it at school.")
        await typist.until_asked("q1", 60)
        await typist.type(ANSWER)
        await page.get_by_text("1 of 1 answered").wait_for(timeout=60_000)
        await page.get_by_role("tab", name="Transcript").click()
        await page.get_by_text("onerror").first.wait_for()
        await page.get_by_role("button", name="End", exact=True).click()
        await page.get_by_role("alertdialog").get_by_role("button", name="End", exact=True).click()
        await page.get_by_text("Completed", exact=True).wait_for()
    await typist.leave()


async def score_before_reading(page: Page) -> None:
    """The plan is blind: nothing of the model's is shown before one's own scores are there."""
    await page.get_by_role("tab", name="Report").click()
    await page.get_by_text("This plan asks for your own scores first").first.wait_for(timeout=60_000)
    assert await page.get_by_text("of 5").count() == 0
    await looks_well(page, "report, withheld")
    await page.get_by_role("button", name="Give my own scores").click()
    await page.get_by_role("group", name="Building").get_by_label("4").check()
    await page.get_by_label("Note on Building").fill(EVIL)
    await page.get_by_role("button", name="Keep my scores").click()
    await page.get_by_text("before reading the model's").wait_for()


async def read_and_listen(page: Page) -> None:
    """A quote plays from its moment, and leads to its turn; the report can be had in each form."""
    await page.get_by_role("tab", name="Report").click()
    await page.get_by_role("heading", name="Scores").wait_for()
    await page.get_by_text("People gave: 4 (you)").wait_for()
    await page.get_by_role("button", name="Play this quote").first.click()
    await page.evaluate("heardPast", 0.2)
    await page.evaluate("heardPast", await page.evaluate("lastPlayed.currentTime") + 0.3)
    await page.get_by_role("button", name="Show in the transcript").first.click()
    await page.locator(".turn.now").filter(has_text="payment service").wait_for()
    await page.get_by_role("button", name="Pause").click()
    await page.get_by_role("tab", name="Report").click()
    for form, ending in (("PDF", ".pdf"), ("JSON", ".json"), ("CSV", ".csv"), ("Markdown", ".md"), ("Page", ".html")):
        async with page.expect_download() as download:
            await page.get_by_role("group", name="Download").get_by_role("button", name=form).click()
        name = (await download.value).suggested_filename
        assert name.startswith("report-"), name
        assert name.endswith(f"-1{ending}"), name
    await looks_well(page, "report")


async def correct_what_was_misheard(page: Page) -> None:
    """The original stays, and the report is built anew."""
    await page.get_by_role("tab", name="Transcript").click()
    await page.get_by_role("listitem").filter(has_text="payment service").get_by_role("button", name="Correct").click()
    await page.get_by_label("Really said", exact=True).fill(f"{ANSWER} It was in Rust. {EVIL}")
    await page.get_by_role("button", name="Keep the correction").click()
    await page.get_by_text("Read as: ").wait_for()
    await looks_well(page, "transcript")
    await page.get_by_role("tab", name="Report").click()
    await page.get_by_text("after a correction").first.wait_for()
    await page.get_by_text("Ready", exact=True).wait_for(timeout=60_000)


async def decide(page: Page) -> None:
    """Nothing is preset; a decision comes with its reason, and the one before stays."""
    await page.get_by_role("tab", name="Decision").click()
    assert await page.get_by_role("radio", checked=True).count() == 0
    for choice, reason in (("Hold", "A second talk first."), ("Advance", f"Convincing. {EVIL}")):
        assert await page.get_by_role("button", name="Decide", exact=True).is_disabled()
        await page.get_by_label(choice, exact=True).check()
        await page.get_by_label("Reason", exact=True).fill(reason)
        await page.get_by_role("button", name="Decide", exact=True).click()
        await page.get_by_role("list", name="What was decided").get_by_text(reason).wait_for()
    assert await page.get_by_role("list", name="What was decided").get_by_role("listitem").count() == 2
    await page.get_by_role("button", name="Release the report").click()
    await page.get_by_text("is released without levels").wait_for()
    await looks_well(page, "decision")
    await page.get_by_role("button", name="Take it back").click()
    await page.get_by_role("button", name="Release the report").wait_for()


async def compare(page: Page) -> None:
    """Side by side, with agreement and rates by group; small numbers are said to be small."""
    await page.get_by_role("tab", name="Overview").click()
    await page.get_by_role("link", name="Compare with others on this plan").click()
    row = page.get_by_role("row").filter(has_text="Amina")
    await row.get_by_text("Advance").wait_for()
    await row.get_by_text("people: 4").wait_for()
    agreement = page.get_by_role("region", name="How far people and model agree")
    await agreement.get_by_role("row").filter(has_text="People and model").first.get_by_text("too few").wait_for()
    await page.get_by_text("Few pairs:").wait_for()
    await page.get_by_label("Groups, one person a line").fill(f"amina@example.com, {EVIL}")
    await page.get_by_role("button", name="Show the rates").click()
    await page.get_by_text("Small numbers").wait_for()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download as CSV").click()
    assert (await download.value).suggested_filename == "impact-ratios.csv"
    await looks_well(page, "comparison")


async def search(page: Page) -> None:
    """What was said is found, and the link leads to its turn."""
    await page.get_by_role("link", name="Search").click()
    await page.get_by_label("Words", exact=True).fill("in rust")
    await page.get_by_role("button", name="Search").click()
    await page.get_by_text("Found in 1 of 1").wait_for()
    await looks_well(page, "search")
    await page.get_by_role("link", name="Show in the transcript").click()
    await page.locator(".turn.now").filter(has_text="payment service").wait_for()


async def test_a_resume_is_handed_in_and_only_what_is_approved_is_asked(site: Site, browser: Browser) -> None:
    mine = await hired(site, "paul@example.com")
    made = await site.seen_by(mine.token).create(name=NAME, plan_id=mine.plan_id)
    context, page, watched = await opened(browser)
    await signed_in(page, site, mine.email)
    await page.goto(f"{site.url}/app/sessions/{made['session_id']}?tab=preparation")
    file = {"name": "cv.txt", "mimeType": "text/plain", "buffer": RESUME.encode()}
    await page.get_by_label("Hand in a résumé").set_input_files([file])  # pyright: ignore[reportArgumentType]
    await page.get_by_text("handed in by staff").wait_for()
    await page.get_by_role("button", name="Have questions proposed").click()
    await page.get_by_text("moved the ledger of the bank").first.wait_for(timeout=30_000)
    await page.get_by_role("button", name="Approve").first.click()
    await page.get_by_text("Will be asked", exact=True).first.wait_for()
    await page.get_by_text("this candidate's own", exact=True).wait_for()
    await looks_well(page, "preparation")
    await page.get_by_role("button", name="Leave it out").first.click()
    await page.get_by_text("this candidate's own", exact=True).wait_for(state="detached")
    await page.get_by_role("button", name="Delete it").click()
    await page.get_by_text("There is none.").wait_for()
    assert watched.complaints == []
    await context.close()
