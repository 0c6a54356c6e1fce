"""Every state in which a candidate can find an interview: accessible in light and dark, on a phone, and at 200 % zoom.

The pages are the real ones; what the API answers is told here, since some of these states are hard to bring about.
"""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route

from tests.browser.conftest import DESKTOP, PHONE, Site, fits, opened, serious

ZOOMED = {"width": 640, "height": 400}
"""What a window of 1,280 by 800 has at 200 %."""
CONSENT = {
    "introduction": "Example Ltd interviews you.\nSoftware writes down what you say.",
    "questions": [
        {"item": "interview", "required": True, "text": "I agree to the interview."},
        {"item": "recording", "required": False, "text": "I agree to be recorded."},
    ],
    "given": {"interview": True, "recording": True},
    "text_version": "1",
}
SEAT: dict[str, Any] = {
    "session_id": "5f0c2a4e-1111-4222-8333-444455556666",
    "title": "Backend engineer",
    "status": "INITIALIZED",
    "language": "en",
    "duration_s": 1800,
    "question_count": 3,
    "records_audio": True,
    "watches_camera": True,
    "captions": False,
    "typing_only": False,
    "not_before": None,
    "not_after": "2040-01-02T10:00:00Z",
    "consent": CONSENT,
}
PROGRESS = {"answered": 2, "total": 3, "percent": 67, "stage": "close", "question_id": None}
NOTICED = [
    {
        "incident_id": "a" * 32,
        "kind": kind,
        "started_at": "2039-01-01T10:00:00Z",
        "ended_at": None,
        "state": state,
        "verdict": verdict,
        "contested_at": contested_at,
    }
    for kind, state, verdict, contested_at in (
        ("phone", "open", None, None),
        ("head_away", "decided", "dismissed", None),
        ("second_voice", "contested", "confirmed", "2039-01-02T10:00:00Z"),
    )
]
RELEASED = {
    "session_id": SEAT["session_id"],
    "version": 1,
    "released": True,
    "note": "Thank you for your time.",
    "content": {
        "competencies": [
            {
                "name": "Building",
                "level": 4,
                "level_words": "A clear, specific answer with own actions.",
                "reason": "Names what was built, and how it was tested.",
                "quotes": [{"text": "I tested every part of it before we opened."}],
            }
        ],
        "questions": [{"text": "What did you build?", "asked": True, "answered": True, "feedback": "A clear answer."}],
        "models": ["qwen"],
    },
}


def problem(code: str, status: int) -> tuple[int, dict[str, Any]]:
    return status, {"code": code, "message": code, "request_id": "r", "details": {}}


ANSWERS: dict[str, tuple[int, Any]] = {
    "/noticed": (200, {"session_id": SEAT["session_id"], "incidents": NOTICED}),
    "/report/candidate": (200, RELEASED),
    "/problems": (200, {"session_id": SEAT["session_id"], "problems": []}),
    "/cv": problem("resume_not_found", 404),
    "/start": (200, {"status": "QUEUED", "queue": {"position": 4, "expected_wait_s": 300}}),
    SEAT["session_id"]: (200, {"view": "candidate", "status": "COMPLETED", "progress": PROGRESS}),
}


async def tell(page: Page, seat: tuple[int, Any]) -> None:
    """Answer the page's calls: that for its seat with this, others as above."""

    async def answer(route: Route) -> None:
        path = route.request.url.split("?")[0]
        found = next((given for end, given in ANSWERS.items() if path.endswith(end)), (404, {}))
        status, body = seat if path.endswith("/api/invites/seat") else found
        await route.fulfill(status=status, json=body)

    await page.route("**/api/**", answer)


STATES: list[tuple[str, tuple[int, Any], str]] = [
    ("before", (200, SEAT), "Welcome"),
    ("early", (200, SEAT | {"not_before": "2040-01-01T10:00:00Z"}), "It is a little early"),
    ("out of its window", (200, SEAT | {"not_after": "2020-01-02T10:00:00Z"}), "This invitation has run out"),
    ("queue", (200, SEAT | {"status": "QUEUED"}), "You are in the queue"),
    ("paused", (200, SEAT | {"status": "PAUSED"}), "Check your devices"),
    ("failed", (200, SEAT | {"status": "FAILED"}), "Something went wrong on our side"),
    ("completed", (200, SEAT | {"status": "COMPLETED"}), "Thank you"),
    ("erased", (200, SEAT | {"status": "DELETED"}), "Thank you"),
    (
        "declined",
        (200, SEAT | {"status": "EXPIRED", "consent": CONSENT | {"given": {"interview": False}}}),
        "You have declined",
    ),
    ("taken over", problem("seat_taken_over", 401), "Your interview is open elsewhere"),
    ("used elsewhere", problem("seat_in_use", 409), "This invitation cannot be opened"),
    ("outage", problem("storage_unavailable", 503), "We cannot be reached at the moment"),
]


async def stands(page: Page, state: str) -> None:
    """Hold a page to what all must hold to, in each of its looks."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await serious(page) == [], f"{state}, {scheme}"
    for size in (ZOOMED, PHONE):
        await page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert await fits(page), f"{state} at {size['width']} px"
    await page.set_viewport_size({"width": DESKTOP["width"], "height": DESKTOP["height"]})


@pytest.mark.timeout(200)
async def test_each_state_has_its_page_that_everybody_can_use(site: Site, browser: Browser) -> None:
    for state, seat, heading in STATES:
        context, page, watched = await opened(browser)
        await tell(page, seat)
        await page.goto(f"{site.url}/interview")
        await page.get_by_role("heading", name=heading, level=1).wait_for()
        if state == "completed":
            await page.get_by_role("heading", name="What was noted").wait_for()
            await page.get_by_role("heading", name="What your answers showed").wait_for()
        await stands(page, state)
        if state == "before":
            await page.get_by_text("Hand in a résumé").click()
            await page.get_by_role("button", name="Choose a file").wait_for()
            await stands(page, "résumé")
            await page.get_by_role("button", name="Continue").click()
            await page.get_by_role("heading", name="What do you agree to?").wait_for()
            await stands(page, "consent")
        assert watched.complaints == [], state
        await context.close()
