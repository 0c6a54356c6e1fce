"""The page of a plan: everything that a plan holds can be set, and what the API refuses is said at its field."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import PHONE, Site, fits, opened, serious, sign_in


async def saved(page: Page, version: int) -> None:
    await page.get_by_role("button", name="Save").click()
    await page.get_by_text(f"Version {version} is saved.").wait_for()


@pytest.mark.timeout(180)
async def test_engines_thresholds_and_every_other_part_of_a_plan_are_set_on_its_page(
    site: Site, browser: Browser
) -> None:
    plan_id = await site.plan("To be edited", ["What did you build?"])
    context, page, watched = await opened(browser)
    await sign_in(page, site)
    await page.goto(f"{site.url}/app/plans/{plan_id}")
    stt = page.get_by_label("Speech to text")
    engine = await stt.get_by_role("option").nth(1).text_content() or ""
    await stt.select_option(engine)
    await page.get_by_label("Speaking speed").fill("1.1")
    await page.get_by_label("Minutes").fill("12.5")
    await page.get_by_text("From when it counts").click()
    second = page.get_by_role("group", name="Second face")
    await second.get_by_label("From which figure").fill("0.85")
    await second.get_by_label("Seconds that it must last").fill("2.5")
    await page.get_by_text("Accommodations for everybody on this plan").click()
    await page.get_by_label("Notes").fill("An interpreter may be there.")
    await page.get_by_label("Extra time in percent").fill("25")
    await page.get_by_label("Days to keep everything").fill("30")
    await saved(page, 2)
    await page.get_by_label("Job role").fill("Builder")
    await saved(page, 3)  # without the page being loaded anew
    kept: dict[str, Any] = await site.call("GET", f"/api/plans/{plan_id}")
    plan = kept["plan"]
    assert (kept["version"], plan["duration_s"], plan["speaking_speed"]) == (3, 750, 1.1)
    assert plan["engines"] == {"stt": engine, "llm": "", "tts": ""}
    assert plan["proctoring"]["thresholds"] == {"second_face": {"after_s": 2.5, "threshold": 0.85}}
    assert plan["accommodations"]["notes"] == "An interpreter may be there."
    assert (plan["accommodations"]["extra_time_percent"], plan["retention_days"]) == (25, 30)
    assert await serious(page) == []
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    for language, words in (("de", "Ab wann es zählt"), ("en", "From when it counts")):
        await page.locator(".bar select").select_option(language)
        await page.get_by_text(words).wait_for()
        assert await fits(page), language
    assert watched.complaints == []
    await context.close()


@pytest.mark.timeout(180)
async def test_what_the_api_refuses_is_said_at_its_field_and_reached_by_keyboard(site: Site, browser: Browser) -> None:
    plan_id = await site.plan("To be refused", ["What did you build?"])
    context, page, watched = await opened(browser)
    await sign_in(page, site)
    await page.goto(f"{site.url}/app/plans/{plan_id}")
    await page.get_by_role("checkbox", name="Keep the sound").uncheck(force=True)
    await page.get_by_role("checkbox", name="Sound recording").check(force=True)
    await page.get_by_role("button", name="Save").focus()
    await page.keyboard.press("Enter")
    fault = "agreement is required to something that this plan does not do"
    alert = page.get_by_role("alert")
    await alert.get_by_text("The plan is not saved yet.").wait_for()
    assert await serious(page) == []
    await alert.get_by_role("button", name="Without which there is no interview").focus()
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.textContent") == fault
    await page.get_by_role("checkbox", name="Sound recording").uncheck(force=True)
    await alert.wait_for(state="detached")  # what was changed has to be judged anew
    # a field that the browser itself complains about is unfolded
    await page.get_by_role("checkbox", name="Use the general rubric").uncheck(force=True)
    rubric = page.locator("details").filter(has_text="Rubric: what each level looks like")
    await rubric.locator("summary").click()
    assert await rubric.get_attribute("open") is None
    await page.get_by_role("button", name="Save").click()
    await page.get_by_label("Level 1").wait_for()
    assert await page.evaluate("document.activeElement.name") == "competencies.0.rubric.0"
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert await fits(page)
    assert watched.complaints == []
    await context.close()


@pytest.mark.timeout(120)
async def test_what_is_wrong_in_an_imported_file_is_said_by_its_place(site: Site, browser: Browser) -> None:
    context, page, watched = await opened(browser)
    await sign_in(page, site)
    await page.goto(f"{site.url}/app/plans")
    await page.get_by_role("heading", name="Plans", level=1).wait_for()
    wrong = "title: x\ncompetencies: []\nquestions:\n- {id: q1, text: Why?, competency: luck}\n"
    for text, words in ((wrong, "Question 1, Measures: there is no competency 'luck'"), ("a: [", "see line")):
        file = {"name": "plan.yaml", "mimeType": "application/yaml", "buffer": text.encode()}
        await page.locator("input[type=file]").set_input_files(file)  # pyright: ignore[reportArgumentType]
        await page.get_by_role("alert").get_by_text(words).wait_for()
    assert watched.complaints == []
    await context.close()


@pytest.mark.timeout(180)
async def test_what_was_not_saved_is_found_again_and_a_plan_out_of_use_is_still_listed(
    site: Site, browser: Browser
) -> None:
    await site.plan("To be left", ["What did you build?"])
    context, page, watched = await opened(browser)
    await sign_in(page, site)
    await page.get_by_role("link", name="Plans").click()
    await page.get_by_role("link", name="To be left").click()
    await page.get_by_label("Job role").fill("Builder")
    await page.get_by_text("Not saved yet.").wait_for()
    await page.get_by_role("link", name="Back", exact=True).click()
    await page.get_by_role("link", name="To be left").click()
    await page.get_by_text("You left these changes unsaved.").wait_for()
    assert await page.get_by_label("Job role").input_value() == "Builder"
    assert await serious(page) == []
    await page.get_by_role("button", name="Discard them").click()
    assert await page.get_by_label("Job role").input_value() == ""
    await page.get_by_role("button", name="Take out of use").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Take out of use").click()
    await page.locator("search select").select_option("archived")
    row = page.get_by_role("row").filter(has_text="To be left")
    await row.get_by_role("button", name="Copy").wait_for()
    assert await row.get_by_role("link", name="Make an interview").count() == 0
    assert await serious(page) == []
    assert watched.complaints == []
    await context.close()
