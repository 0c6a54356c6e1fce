"""The page of a report in Chromium: nothing of it is hidden at a desk, and on a phone only wide tables are pushed."""

import pytest
from playwright.async_api import Browser

from local.sample_report import sample
from reports.render.page import to_html

CLIPPED = """() => [...document.querySelectorAll("main *")]
    .filter((one) => !one.classList.contains("hidden") && getComputedStyle(one).overflowX !== "visible")
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.className)"""


@pytest.mark.parametrize(
    ("width", "pushed"),
    [(1400, set[str]()), (1000, set[str]()), (390, {"questions", "drawing", "stages", "incidents"})],
)
async def test_nothing_of_a_report_is_cut_off(browser: Browser, width: int, pushed: set[str]):
    page = await browser.new_page(viewport={"width": width, "height": 900})
    await page.set_content(to_html(sample()).decode())
    clipped = {name for classes in await page.evaluate(CLIPPED) for name in classes.split()} - {"sheet"}
    assert clipped <= pushed
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page itself stays put"
    await page.close()
