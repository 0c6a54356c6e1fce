"""`make demo`: one whole interview with a simulated candidate on real parts, and what it has to show for itself.

Uses the Viva that `viva up` keeps running in the same state folder, or starts one and stops it afterwards. Everything
that it fetches goes through the public API, as a recruiter would fetch it.
"""

import asyncio
import io
import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status as Spinner

from interview.errors import VivaError
from interview.rendering import ReportFormat
from local import demo_page, models
from local.attendance import Attendance
from local.candidate import Candidate
from local.findings import Check, Recording
from local.house import House, open_house
from local.listening import read_stereo
from local.outcome import Material, Outcome, checks_of, outcome_of, summary_of
from local.persona import Persona, load
from local.recruiter import Created, Recruiter
from local.services import PROJECT
from local.user import engines_of, state_dir_of, user_environment

_END_WITHIN_S = 30
_REPORT_WITHIN_S = 240


class InterviewBroke(VivaError):
    """The candidate could not take the interview to its end."""

    code = "interview_broke"


async def run(
    *,
    persona_name: str = "backend_engineer",
    output_dir: Path = PROJECT / "build" / "demo",
    user: Mapping[str, str] | None = None,
    console: Console | None = None,
) -> int:
    """Run the demo; return 0 when everything held, 1 otherwise, having said what did not.

    `user` is what the user set in the shell and in `.env` (read there by default). Cancelling stops what was started.
    """
    console = console or Console(highlight=False)
    user = user_environment() if user is None else user
    began_s = time.monotonic()
    try:
        persona = load(persona_name)
        _start_anew(output_dir)
        house_of = open_house(state_dir_of(user), engines=engines_of(user), user_environment=user)
        async with house_of as house:
            outcome = await hold_interview(console, house, persona, output_dir)
    except (VivaError, OSError) as error:
        reason = error.message if isinstance(error, VivaError) else str(error)
        console.print(f"[bold red]The demo failed:[/] {escape(reason)}")
        return 1
    checks = checks_of(outcome)
    summary = summary_of(outcome, output_dir, time.monotonic() - began_s)
    _write_json(output_dir / "summary.json", summary)
    demo_page.show_outcome(console, outcome, checks, summary)
    return _verdict(console, checks)


def _verdict(console: Console, checks: list[Check]) -> int:
    failed = [check.name for check in checks if not check.ok]
    if failed:
        console.print(f"\n[bold red]The demo failed:[/] not true is that {'; nor that '.join(failed)}.")
        return 1
    console.print(f"\n[bold green]All {len(checks)} checks hold.[/]")
    console.print(
        "Talk with it yourself: [bold]make up[/] keeps everything running and prints the interview page, the API's "
        "documentation, and where the admin's password is."
    )
    return 0


async def hold_interview(console: Console, house: House, persona: Persona, output_dir: Path) -> Outcome:
    """Create a session, let the persona take it, and fetch what it left behind into `output_dir`.

    Raises a `VivaError` when the interview or its report did not come to an end.
    """
    where = "started for this demo" if house.started_here else "running already"
    console.print(f"Viva is {where}: {house.api_url}/docs")
    engines = await house.engines()
    demo_page.show_engines(console, engines)
    async with await house.sign_in() as recruiter:
        created = await recruiter.create(persona)
        console.print(f"Session {created.session_id} has {len(created.question_ids)} questions.")
        attendance = await _attend(console, house, persona, created, output_dir)
        if attendance.trouble:
            await recruiter.end(created.session_id)
            raise InterviewBroke(f"the candidate gave up: {attendance.trouble}; `viva logs agent` may say why")
        console.print("The interview is over; waiting for its report.")
        material = await _fetch(recruiter, created.session_id, output_dir)
    return outcome_of(persona, created, attendance, material, engines)


async def _attend(console: Console, house: House, persona: Persona, created: Created, output_dir: Path) -> Attendance:
    photo = (await asyncio.to_thread(models.ensure, ["astronaut"]))["astronaut"]
    candidate = Candidate(persona, photo)
    with console.status("the candidate joins") as spinner:
        following = asyncio.create_task(_follow(candidate, spinner))
        try:
            return await candidate.attend(house.api_url, created.invite_url, output_dir / "candidate.wav")
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def _follow(candidate: Candidate, spinner: Spinner) -> None:
    """Show what goes on until cancelled."""
    while True:
        if (seen := candidate.now_on) is not None:
            question = f" {seen.question_id}" if seen.question_id else ""
            spinner.update(f"{seen.stage.value.replace('_', ' ')}{question}: the interviewer is {seen.state}")
        await asyncio.sleep(0.2)


async def _fetch(recruiter: Recruiter, session_id: str, output_dir: Path) -> Material:
    """Wait for the end and the report, and write everything into `output_dir`."""
    status = await recruiter.ended(session_id, _END_WITHIN_S)
    report = await recruiter.report(session_id, _REPORT_WITHIN_S)
    html = await recruiter.report_html(session_id) if report.content else ""
    if report.content:
        (output_dir / "report.pdf").write_bytes(await recruiter.report_file(session_id, ReportFormat.PDF))
    turns, incidents = await recruiter.transcript(session_id), await recruiter.incidents(session_id)
    wav, started_at = await recruiter.recording(session_id)
    (output_dir / "recording.wav").write_bytes(wav)
    (output_dir / "report.html").write_text(html, encoding="utf-8")
    _write_json(output_dir / "report.json", report.content)
    _write_json(output_dir / "transcript.json", [turn.model_dump(mode="json") for turn in turns])
    for incident in incidents:
        for still in incident.stills:
            name = f"{incident.kind.value}-{incident.incident_id[:8]}-{still.moment}.jpg"
            (output_dir / name).write_bytes(await recruiter.still(still.url))
    candidate, interviewer, rate = read_stereo(io.BytesIO(wav))
    return Material(status, turns, incidents, report, html, Recording(candidate, interviewer, rate, started_at))


def _start_anew(output_dir: Path) -> None:
    shutil.rmtree(output_dir, ignore_errors=True)
    output_dir.mkdir(parents=True)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
