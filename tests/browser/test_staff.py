"""Recruiters and admins in a browser: every page opens, is accessible, and shows texts of people as texts."""

from typing import Any

from playwright.async_api import Browser

from tests.browser.conftest import PHONE, Site, fits, opened, serious, sign_in

EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>'
PAGES = [
    ("/app/sessions", "Interviews"),
    ("/app/sessions/new", "New interview"),
    ("/app/sessions/bulk", "Many interviews from a list"),
    ("/app/plans", "Plans"),
    ("/app/plans/new", "New plan"),
    ("/app/plans/ready%3Asales", "Sales representative"),
    ("/app/compare", "Candidates side by side"),
    ("/app/search", "Search what was said"),
    ("/app/reports", "Reports that are not ready"),
    ("/app/people", "A person's data"),
    ("/app/problems", "Problems that candidates raised"),
    ("/app/users", "Users"),
    ("/app/webhooks", "Webhooks"),
    ("/app/account", "Your account"),
    ("/monitoring_dashboard", "Monitoring"),
]


async def test_a_recruiter_goes_from_nothing_to_a_link(site: Site, browser: Browser) -> None:
    context, page, watched = await opened(browser)
    await sign_in(page, site)
    await page.get_by_role("link", name="New interview").first.click()
    await page.get_by_label("Candidate's name").fill("Björn Müller")
    await page.get_by_label("Candidate's email").fill("bjoern@example.com")
    await page.get_by_label("Plan", exact=True).select_option("ready:sales")
    await page.get_by_role("button", name="Make the interview").click()
    link = page.get_by_label("Invite link for Björn Müller")
    assert "/interview#" in await link.input_value()
    await page.get_by_role("link", name="To the interview").click()
    await page.get_by_role("heading", name="Björn Müller").wait_for()
    await page.get_by_text("opened 0 times").wait_for()
    assert await serious(page) == []
    await page.get_by_role("link", name="Interviews").click()
    await page.get_by_label("Name or email").fill("müller")
    await page.get_by_role("link", name="Björn Müller").wait_for()
    await page.reload()  # the sign-in is taken up by its cookie
    await page.get_by_role("heading", name="Interviews").wait_for()
    assert await page.evaluate("Object.keys(localStorage)") == ["language"]
    assert watched.complaints == []
    await context.close()


async def test_an_owner_vouches_for_what_a_candidate_agreed_to_on_paper(site: Site, browser: Browser) -> None:
    made = await site.create(name="Ada Lovelace")
    context, page, watched = await opened(browser)
    await sign_in(page, site)
    await page.goto(f"{site.url}/app/sessions/{made['session_id']}")
    await page.get_by_text("Not given yet").wait_for()
    await page.get_by_role("button", name="Record consent given elsewhere").click()
    window = page.get_by_role("dialog", name="Consent given elsewhere")
    await window.get_by_text("What the candidate has to be told first").click()
    await window.get_by_text("Example Ltd").first.wait_for()
    go = window.get_by_role("button", name="Record it")
    assert await serious(page) == []
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await fits(page)
    await window.locator(".check").first.click()
    assert await go.is_disabled()  # nobody has vouched for it yet
    await window.get_by_text("I vouch").click()
    await go.click()
    await window.wait_for(state="detached")
    await page.get_by_text("by you, ").wait_for()
    kept: dict[str, Any] = await site.call("GET", f"/api/parallel_interview/session/{made['session_id']}")
    assert {entry["by"] for entry in kept["consent"]["entries"]} == {kept["owner_id"]}
    assert {item for item, agreed in kept["consent"]["items"].items() if agreed} == {"interview"}
    assert watched.complaints == []
    await context.close()


async def test_every_page_is_accessible_and_fits_a_phone(site: Site, browser: Browser) -> None:
    context, page, watched = await opened(browser)
    await sign_in(page, site)
    for path, heading in PAGES:
        await page.set_viewport_size({"width": 1200, "height": 800})
        await page.goto(site.url + path)
        await page.get_by_role("heading", name=heading, level=1).wait_for()
        await page.wait_for_load_state("load")
        assert await serious(page) == [], path
        await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
        assert await fits(page), path
    assert watched.complaints == []
    await context.close()


async def test_on_a_phone_the_menu_is_behind_a_button_and_a_mistyped_address_says_so(
    site: Site, browser: Browser
) -> None:
    context, page, watched = await opened(browser, viewport=PHONE)
    await page.goto(f"{site.url}/intervew")
    await page.get_by_role("heading", name="There is no such page").wait_for()
    assert await serious(page) == []
    await page.get_by_role("link", name="To the sign-in").click()
    await page.get_by_role("heading", name="Sign in").wait_for()
    await sign_in(page, site)
    menu, plans = page.get_by_role("button", name="Main menu: Interviews"), page.get_by_role("link", name="Plans")
    assert await plans.is_hidden()
    await menu.click()
    assert await serious(page) == []
    await plans.click()
    await page.get_by_role("heading", name="Plans", level=1).wait_for()
    assert await plans.is_hidden()
    await page.goto(f"{site.url}/app/nowhere")
    await page.get_by_role("heading", name="There is no such page").wait_for()
    assert await fits(page)
    assert watched.complaints == []
    await context.close()


async def test_texts_with_markup_are_shown_as_texts(site: Site, browser: Browser) -> None:
    made = await site.create(name=EVIL, questions=[EVIL])
    plan = {
        "title": EVIL[:80],
        "competencies": [{"id": "c", "name": EVIL[:60]}],
        "questions": [{"id": "q", "text": EVIL, "competency": "c"}],
    }
    kept = await site.call("POST", "/api/plans", {"plan": plan})
    context, page, watched = await opened(browser)
    await page.goto(made["invite_url"])
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Report a problem").click()
    await page.get_by_label("In your words").fill(EVIL)
    await page.get_by_role("button", name="Send").click()
    await page.get_by_text("Sent to the people who invited you.").wait_for()
    await sign_in(page, site)
    of_plan = f"/app/plans/{kept['plan_id']}"
    for path in ("/app/sessions", f"/app/sessions/{made['session_id']}", "/app/problems", of_plan):
        await page.goto(site.url + path)
        await page.locator("h1").wait_for()
        shown = page.get_by_text("onerror").filter(visible=True).first  # a plan's title is in a list, too
        if path == of_plan:
            await page.get_by_role("tab", name="Preview").click()
            await page.get_by_role("button", name="Save").wait_for(state="hidden")  # in its place, not below it
        await shown.wait_for()
        assert await page.evaluate("window.evil") is None, path
    assert watched.complaints == []
    await context.close()
