"""A whole house with its pages, and Debian's Chromium with a camera and a microphone that are fed from files."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import httpx
import psutil
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from interview.settings import Settings
from local import browser as chromium
from local import models, pages
from local.camera import HEIGHT, WIDTH, Scene
from local.environment import Engines
from local.house import House, house_of
from local.services import Stack

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / ("docs" if os.environ.get("VIVA_SCREENSHOTS") else "build") / "screenshots"
"""Where the tests put their pictures: with VIVA_SCREENSHOTS set those of the docs are made anew."""
DESKTOP, PHONE = {"width": 1200, "height": 800}, {"width": 360, "height": 740}
_FRAMES_A_SECOND = 10
_PICTURE_S = 4
_BASE = "/api/parallel_interview"
_SETTINGS = {
    "ORGANISATION_NAME": "Example Ltd",
    # beside other tests the pauses inside an answer come out longer than they are
    "ENDPOINTING_MAX_S": "1.0",
    # what is waited for here has been said
    "EVALUATION_SETTLE_S": "0.5",
    "REPORT_SETTLE_S": "0.5",
}


@dataclass(frozen=True)
class Site:
    """A running house, as a browser and a recruiter's program see it."""

    house: House
    token: str
    settings: Settings

    @property
    def url(self) -> str:
        """Where the pages are."""
        return self.house.api_url

    def seen_by(self, token: str) -> "Site":
        """The same house, for another account."""
        return replace(self, token=token)

    async def create(self, **body: object) -> dict[str, str]:
        """Make a session; without a plan and questions it asks one."""
        whole: dict[str, object] = {"name": "Amina Okafor", "email": "amina@example.com"} | body
        if "plan_id" not in whole:
            whole.setdefault("questions", ["What did you build last year?"])
        return await self.call("POST", f"{_BASE}/create", whole)

    async def plan(self, title: str, questions: list[str], **more: object) -> str:
        """Make a plan of questions without follow-ups, by an interviewer who speaks fast; return its id."""
        competencies = [{"id": "work", "name": "Way of working"}]
        asked = [
            {"id": f"q{number}", "text": text, "competency": "work", "max_follow_ups": 0}
            for number, text in enumerate(questions, start=1)
        ]
        plan = {"title": title, "speaking_speed": 2.0, "competencies": competencies, "questions": asked} | more
        return (await self.call("POST", "/api/plans", {"plan": plan}))["plan_id"]

    async def turns(self, session_id: str) -> list[dict[str, str]]:
        """Return what was said in an interview."""
        said: dict[str, Any] = await self.call("GET", f"{_BASE}/session/{session_id}/transcript")
        return said["turns"]

    async def call(self, method: str, path: str, body: object = None) -> dict[str, str]:
        """Call the API as the admin."""
        async with httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}) as http:
            answer = await http.request(method, path, json=body, timeout=30)
            answer.raise_for_status()
            return answer.json() if answer.content else {}


@pytest.fixture(scope="session")
def program() -> str:
    """The browser. Without one the tests are skipped, and say how to get it; where nothing may be skipped they fail."""
    found = chromium.find()
    if found is None:
        (pytest.fail if os.environ.get("VIVA_NO_SKIPS") else pytest.skip)(chromium.HOW)
    return found


@pytest_asyncio.fixture(scope="session")
async def site(program: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    overrides = _SETTINGS | {"WEB_ASSETS_DIR": str(pages.ensure())}
    folder = tmp_path_factory.mktemp("house")
    async with Stack(folder, engines=Engines(llm="scripted"), overrides=overrides) as stack:
        house = house_of(stack, {})
        async with httpx.AsyncClient(base_url=house.api_url) as http:
            body = {"email": house.admin_email, "password": house.admin_password, "cookie": False}
            answer = await http.post("/api/auth/login", json=body)
        yield Site(house, answer.json()["access_token"], stack.settings())


@pytest.fixture(scope="session")
def devices(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return arguments for a camera before a person who moves (Motion JPEG), and a quiet microphone."""
    folder = tmp_path_factory.mktemp("devices")
    scene, picture = Scene(models.ensure(["astronaut"])["astronaut"]), folder / "camera.mjpeg"
    with picture.open("wb") as file:
        for frame in range(_PICTURE_S * _FRAMES_A_SECOND):
            seen = cv2.cvtColor(scene.person(frame / _FRAMES_A_SECOND), cv2.COLOR_RGB2BGR)
            assert seen.shape == (HEIGHT, WIDTH, 3)
            file.write(cv2.imencode(".jpg", seen)[1].tobytes())
    microphone = chromium.quiet_microphone(folder / "microphone.wav")
    return [f"--use-file-for-fake-video-capture={picture}", microphone]


@pytest_asyncio.fixture(scope="session")
async def browser(program: str, devices: list[str]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        arguments = [*chromium.ARGUMENTS, *devices, chromium.ALLOWING]
        running = await playwright.chromium.launch(executable_path=program, args=arguments)
        yield running
        await running.close()


@pytest_asyncio.fixture(scope="session")
async def strict_browser(program: str) -> AsyncIterator[Browser]:
    """A browser whose person says no to microphone and camera."""
    async with async_playwright() as playwright:
        arguments = [*chromium.ARGUMENTS, "--deny-permission-prompts"]
        running = await playwright.chromium.launch(executable_path=program, args=arguments)
        yield running
        await running.close()


class Watched:
    """What a page said against itself: errors, and what its policy refused."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if "Content Security Policy" in message.text else None,
        )


async def opened(browser: Browser, **more: object) -> tuple[BrowserContext, Page, Watched]:
    """Return a fresh context with a page in English, on which nothing moves for its looks, and its watch."""
    wanted = {"viewport": DESKTOP, "reduced_motion": "reduce"} | more
    context = await browser.new_context(locale="en-GB", **wanted)  # pyright: ignore[reportArgumentType]
    await context.add_init_script(path=Path(__file__).with_name("media.js"))
    page = await context.new_page()
    page.set_default_timeout(30_000)
    return context, page, Watched(page)


async def serious(page: Page) -> list[str]:
    """Return what axe finds on a page that is serious or critical."""
    axe = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    await page.evaluate(axe)
    found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@asynccontextmanager
async def no_network(browser: Browser, page: Page) -> AsyncIterator[None]:
    """Let nothing in or out of a browser: the process that carries its packets, WebRTC's too, stands still."""
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    found = [psutil.Process(each["id"]) for each in processes]
    network = next(each for each in found if any("NetworkService" in part for part in each.cmdline()))
    network.suspend()
    try:
        await page.evaluate("testCutLines()")  # at once, as it is where the system says that the network is gone
        yield
    finally:
        network.resume()


async def fits(page: Page) -> bool:
    """Tell whether nothing sticks out of the page to the right."""
    return await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


async def sign_in(page: Page, site: Site) -> None:
    """Sign in as the admin, on the page where one does."""
    await page.goto(site.url)
    await page.get_by_label("Email").fill(site.house.admin_email)
    await page.get_by_label("Password").fill(site.house.admin_password)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("heading", name="Interviews").wait_for()
