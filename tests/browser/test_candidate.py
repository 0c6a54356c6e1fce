"""The candidate's pages before the room, and those on which there is nothing to do, against the real house."""

from playwright.async_api import Browser

from tests.browser.conftest import PHONE, Site, fits, opened, serious


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


async def test_a_resume_is_handed_in_and_taken_back(site: Site, browser: Browser) -> None:
    made = await site.create()
    context, page, watched = await opened(browser)
    await page.goto(made["invite_url"])
    await page.get_by_text("Hand in a résumé").click()
    chooser = page.locator("input[type=file]")
    await chooser.set_input_files({"name": "cv.txt", "mimeType": "text/plain", "buffer": b"GIF89a\x00\x01\x02"})
    await page.get_by_text("Files of this kind are not taken.").wait_for()
    words = b"Nine years of payment services, three of them as the lead of a team of five."
    await chooser.set_input_files({"name": "cv.txt", "mimeType": "text/plain", "buffer": words})
    await page.get_by_text("Your résumé was taken (TEXT, 76 characters).").wait_for()
    assert await serious(page) == []
    await page.reload()
    await page.get_by_text("Hand in a résumé").click()
    await page.get_by_role("button", name="Remove it").click()
    await page.get_by_text("Your résumé was taken").wait_for(state="detached")
    assert watched.complaints == []
    await context.close()
