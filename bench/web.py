"""What a candidate waits for in a browser: `make bench NAME=web`.

Debian's Chromium goes from the link to the room of a real house, whose providers answer after fixed delays as hosted
ones do. Each time in a fresh browser profile, so that nothing is cached:

- first words: from the press on "Begin the interview", the last after consent, to the interviewer's first sound in what
  the page plays;
- interactive: from opening the link to the page's first button that can be pressed;
- script: what of it comes over the wire, compressed, before the room is joined.

Writes `build/bench/web.json`: `{consent_to_first_words_p50_s, consent_to_first_words_p95_s, candidate_script_kb,
interactive_s, n}`; `interactive_s` is the slowest, `candidate_script_kb` the largest, in kB of 1,000 bytes.
"""

import argparse
import asyncio
import json
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, Response, async_playwright
from playwright.async_api import Error as PlaywrightError
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from interview.errors import MachineError, VivaError
from local import browser as chromium
from local import pages
from local.environment import Engines
from local.house import House, house_of
from local.listening import percentile_ms
from local.persona import load
from local.services import PROJECT, Stack

_OUTPUT = PROJECT / "build" / "bench"
_INTERVIEWS = 12
_STEP_MS = 30_000
_FIRST_WORDS_MAX_S, _SCRIPT_MAX_KB, _INTERACTIVE_MAX_S = 3.0, 300, 2.0
_LOUD = 0.01
"""Of full scale: far below speech, far above what a silent track decodes to."""

_WATCH = """
(loud) => {
  window.benchPressable = null;
  const look = () => {
    if (document.querySelector("main button:not([aria-disabled])")) window.benchPressable = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  addEventListener("click", () => { window.benchPressed = performance.now(); }, true);
  window.benchHeard = null;
  const known = new WeakSet();
  const listen = (stream) => {
    known.add(stream);
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      if (!samples.some((sample) => Math.abs(sample) > loud)) return;
      clearInterval(timer);
      window.benchHeard ??= performance.now();
    }, 10);
  };
  setInterval(() => {
    for (const element of document.querySelectorAll("audio")) {
      if (element.srcObject && !known.has(element.srcObject)) listen(element.srcObject);
    }
  }, 10);
}
"""

_TOLD = """
(name) => new Promise((resolve) => {
  const look = () => window[name] ? resolve(window[name]) : setTimeout(look, 20);
  look();
})
"""


class Visit(BaseModel):
    """What one candidate waited for, in seconds, and how much script came before the room, in bytes."""

    first_words_s: float
    interactive_s: float
    script_bytes: int


async def visit(browser: Browser, house: House) -> Visit:
    """Go through one invitation until the interviewer is heard."""
    async with await house.sign_in() as recruiter:
        created = await recruiter.create(load("quick"))
        try:
            return await _in_browser(browser, created.invite_url)
        finally:
            await recruiter.end(created.session_id)


async def _in_browser(browser: Browser, link: str) -> Visit:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1200, "height": 800})
    try:
        await context.add_init_script(f"({_WATCH})({_LOUD})")
        page = await context.new_page()
        page.set_default_timeout(_STEP_MS)
        scripts: list[Response] = []
        page.on("response", lambda got: scripts.append(got) if got.request.resource_type == "script" else None)
        await page.goto(link)
        interactive_ms = await _told(page, "benchPressable")
        await _agree(page)
        await page.wait_for_load_state("networkidle")  # as while devices are tried out
        script_bytes = sum([(await got.request.sizes())["responseBodySize"] for got in scripts])
        await page.get_by_role("button", name="Begin the interview").click()
        heard_ms = await _told(page, "benchHeard")
        waited_ms = heard_ms - await _told(page, "benchPressed")
    finally:
        await context.close()
    return Visit(first_words_s=waited_ms / 1000, interactive_s=interactive_ms / 1000, script_bytes=script_bytes)


async def _agree(page: Page) -> None:
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("heading", name="What do you agree to?").wait_for()
    boxes = page.get_by_role("checkbox")
    for number in range(await boxes.count()):
        await boxes.nth(number).check(force=True)
    await page.get_by_role("button", name="Save and continue").click()
    await page.get_by_role("heading", name="Check your devices").wait_for()


async def _told(page: Page, name: str) -> float:
    """Wait for a time that the page notes, and return it in ms since the page was opened."""
    async with asyncio.timeout(_STEP_MS / 1000):
        return float(await page.evaluate(_TOLD, name))


def summary(visits: list[Visit]) -> dict[str, float]:
    """Return the figures of all visits."""
    first_words = [each.first_words_s for each in visits]
    return {
        "consent_to_first_words_p50_s": (percentile_ms(first_words, 50) or 0) / 1000,
        "consent_to_first_words_p95_s": (percentile_ms(first_words, 95) or 0) / 1000,
        "candidate_script_kb": round(max(each.script_bytes for each in visits) / 1000, 1),
        "interactive_s": round(max(each.interactive_s for each in visits), 3),
        "n": len(visits),
    }


async def measure(house: House, program: str, folder: Path, interviews: int, console: Console) -> list[Visit]:
    """Visit so often, one after the other."""
    microphone = chromium.quiet_microphone(folder / "microphone.wav")
    async with async_playwright() as playwright:
        arguments = [*chromium.ARGUMENTS, chromium.ALLOWING, microphone]
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        visits: list[Visit] = []
        for number in range(1, interviews + 1):
            visits.append(await visit(browser, house))
            console.print(f"{number}: {visits[-1]}", markup=False)
        await browser.close()
    return visits


async def run(interviews: int, console: Console) -> int:
    """Measure, print, write; return the exit code."""
    folder = _OUTPUT / "web"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    engines = Engines(stt="none", llm="scripted", delay_profile="hosted")
    try:
        program = await asyncio.to_thread(chromium.ensure)
        if program is None:
            raise MachineError(chromium.HOW)
        overrides = {"WEB_ASSETS_DIR": str(await asyncio.to_thread(pages.ensure))}
        async with Stack(folder / "state", engines=engines, overrides=overrides) as stack:
            visits = await measure(house_of(stack, {}), program, folder, interviews, console)
    except (VivaError, OSError, TimeoutError, PlaywrightError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    shutil.rmtree(folder)
    found = summary(visits)
    table = Table(title=f"A candidate in a browser, {interviews} times", title_justify="left")
    for column in ("what", "measured", "at most"):
        table.add_column(column)
    rows = (
        ("first words, p50", f"{found['consent_to_first_words_p50_s']} s", ""),
        ("first words, p95", f"{found['consent_to_first_words_p95_s']} s", f"{_FIRST_WORDS_MAX_S} s"),
        ("script before joining", f"{found['candidate_script_kb']} kB", f"{_SCRIPT_MAX_KB} kB"),
        ("interactive", f"{found['interactive_s']} s", f"{_INTERACTIVE_MAX_S} s"),
    )
    for row in rows:
        table.add_row(*row)
    console.print(table)
    path = _OUTPUT / "web.json"
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}")
    return 0


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.web", description=__doc__)
    parser.add_argument("--interviews", type=int, default=_INTERVIEWS, help=f"how many candidates ({_INTERVIEWS})")
    return asyncio.run(run(parser.parse_args().interviews, Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())
