"""What an interview left behind: read by its owner, and every reading noted."""

import asyncio
import dataclasses
import io
import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from control_api.material import service
from interview.rendering import Rendering, ReportFormat
from interview.report import Report, digest_of
from interview.storage import Storage
from interview.transcript import Speaker
from reports import rendering
from reports.lease_worker import Limits
from reports.rendering import Renderer
from reports.scores import under_way
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import JPEG, store_incident, store_segment, store_turn
from tests.unit.reports.records import PLAN
from tests.unit.reports.render.samples import full_report
from tests.unit.reports.render.samples import report as made_of


async def audited(house: House, owner: Account, session_id: str) -> list[str]:
    entries = await house.storage.audit.of_subject(f"session:{session_id}")
    mine = f"user:{owner.user.user_id}"
    return [entry.action for entry in entries if entry.actor == mine and entry.action.startswith("read")]


async def test_the_transcript_is_in_order_and_decrypted(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    await store_turn(house.storage, session, Speaker.INTERVIEWER, "Why?")
    await store_turn(house.storage, session, Speaker.CANDIDATE, "Because — 因为.")
    answer = await house.http.get(f"{BASE}/session/{session_id}/transcript", headers=owner.headers)
    said = [(turn["speaker"], turn["text"], turn["question_id"]) for turn in answer.json()["turns"]]
    assert said == [("interviewer", "Why?", "q1"), ("candidate", "Because — 因为.", "q1")]
    assert await audited(house, owner, session_id) == ["read transcript"]


async def test_the_recording_is_one_stereo_wav_that_begins_when_it_says(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    first = await store_segment(house.storage, session, 0, (8000, 0))
    await store_segment(house.storage, session, 1, (0, 8000))

    answer = await house.http.get(f"{BASE}/session/{session_id}/recording", headers=owner.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/wav"
    assert datetime.fromisoformat(answer.headers["x-recording-started-at"]) == first.started_at
    with wave.open(io.BytesIO(answer.content)) as wav:
        assert wav.getnchannels() == 2
        rate = wav.getframerate()
        samples = np.frombuffer(wav.readframes(wav.getnframes()), np.int16).reshape(-1, 2).astype(float)
    assert timedelta(seconds=len(samples) / rate) == pytest.approx(timedelta(seconds=2), abs=timedelta(seconds=0.05))
    loud = np.abs(samples)
    candidate_first = loud[: rate // 2, 0].mean() > 10 * loud[: rate // 2, 1].mean()
    interviewer_second = loud[-rate // 2 :, 1].mean() > 10 * loud[-rate // 2 :, 0].mean()
    assert candidate_first
    assert interviewer_second
    assert await audited(house, owner, session_id) == ["read recording"]


async def test_the_recordings_outline_names_its_gaps(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    first = await store_segment(house.storage, session, 0, (8000, 0))
    last = await store_segment(house.storage, session, 30, (0, 8000))

    answer = await house.http.get(f"{BASE}/session/{session_id}/recording/outline", headers=owner.headers)
    assert answer.status_code == 200, answer.text
    outline = answer.json()
    assert datetime.fromisoformat(outline["started_at"]) == first.started_at
    assert (outline["segments"], outline["duration_s"]) == (2, _seconds(first.started_at, last.ended_at))
    (gap,) = outline["gaps"]
    assert (gap["start_s"], gap["end_s"]) == (first.duration_s, _seconds(first.started_at, last.started_at))
    assert gap["reason"] == "outage"
    assert await audited(house, owner, session_id) == ["read recording outline"]


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


async def test_any_part_of_the_recording_can_be_asked_for(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    for seq in range(3):
        await store_segment(house.storage, session, seq, (8000, 0) if seq % 2 else (0, 8000))
    path = f"{BASE}/session/{session_id}/recording.wav"

    whole = await house.http.get(path, headers=owner.headers)
    size = len(whole.content)
    assert whole.headers["accept-ranges"] == "bytes"
    assert int(whole.headers["content-length"]) == size
    tag = whole.headers["etag"]
    for asked, first, last in (
        ("0-99", 0, 99),
        ("30-50000", 30, 50000),
        ("150001-", 150001, size - 1),
        ("-7", size - 7, size - 1),
    ):
        headers = {**owner.headers, "Range": f"bytes={asked}"}
        part = await house.http.get(path, headers=headers)
        assert part.status_code == 206
        assert part.content == whole.content[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert int(part.headers["content-length"]) == last - first + 1
        assert part.headers["etag"] == tag
        same = await house.http.get(path, headers={**headers, "If-Range": tag})
        assert (same.status_code, same.content) == (206, part.content)
        other = await house.http.get(path, headers={**headers, "If-Range": '"another"'})
        assert (other.status_code, len(other.content)) == (200, size)
    beyond = await house.http.get(path, headers={**owner.headers, "Range": f"bytes={size}-"})
    assert_problem(beyond, 416, "range_not_satisfiable")
    assert beyond.headers["content-range"] == f"bytes */{size}"
    assert set(await audited(house, owner, session_id)) == {"read recording"}


async def test_a_part_of_the_recording_decrypts_only_what_it_needs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    segments = [await store_segment(house.storage, session, seq, (8000, 0)) for seq in range(6)]
    opened: list[str] = []
    get = house.storage.files.get

    async def noted(file_id: str) -> bytes:
        opened.append(file_id)
        return await get(file_id)

    monkeypatch.setattr(house.storage.files, "get", noted)
    headers = {**owner.headers, "Range": f"bytes={44 + 4 * 24_000 * 3 + 400}-{44 + 4 * 24_000 * 3 + 800}"}
    part = await house.http.get(f"{BASE}/session/{session_id}/recording", headers=headers)
    assert (part.status_code, len(part.content)) == (206, 401)
    assert opened == [segments[3].file_id]


async def test_a_damaged_segment_is_silent_and_the_rest_is_heard(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    damaged = await store_segment(house.storage, session, 0, (8000, 0))
    await store_segment(house.storage, session, 1, (8000, 0))
    await house.storage.files.put(damaged.file_id, b"no audio", session_id=session_id, content_type="audio/ogg")
    answer = await house.http.get(f"{BASE}/session/{session_id}/recording", headers=owner.headers)
    samples = np.frombuffer(answer.content[44:], np.int16).reshape(-1, 2)
    assert not samples[:24_000].any()
    assert np.abs(samples[24_000:, 0]).max() > 4000


async def test_a_session_without_a_recording_says_so(house: House) -> None:
    owner = await house.account()
    session_id = (await house.created(owner))["session_id"]
    answer = await house.http.get(f"{BASE}/session/{session_id}/recording", headers=owner.headers)
    assert_problem(answer, 404, "no_recording")
    outline = await house.http.get(f"{BASE}/session/{session_id}/recording/outline", headers=owner.headers)
    assert_problem(outline, 404, "no_recording")


async def test_incidents_come_with_their_stills(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    incident = await store_incident(house.storage, await house.storage.sessions.get(session_id))
    answer = await house.http.get(f"{BASE}/session/{session_id}/incidents", headers=owner.headers)
    (shown,) = answer.json()["incidents"]
    assert shown["kind"] == "no_face"
    assert shown["incident_id"] == incident.incident_id
    still = await house.http.get(shown["stills"][0]["url"], headers=owner.headers)
    assert (still.headers["content-type"], still.content) == ("image/jpeg", JPEG)
    assert sorted(await audited(house, owner, session_id)) == ["read incidents", "read still"]


async def test_a_still_of_another_session_is_not_found_under_ones_own(house: House) -> None:
    owner, other = await house.account(), await house.account()
    theirs = await house.started(other)
    incident = await store_incident(house.storage, await house.storage.sessions.get(theirs))
    mine = await house.started(owner)
    path = f"{BASE}/session/{mine}/incidents/{incident.incident_id}/stills/at"
    assert_problem(await house.http.get(path, headers=owner.headers), 404, "still_not_found")


async def test_a_report_is_shown_as_it_stands_and_as_a_page_when_it_is_ready(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    path = f"{BASE}/session/{session_id}/report"
    assert_problem(await house.http.get(path, headers=owner.headers), 404, "report_not_found")

    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    waiting = await house.http.get(path, headers=owner.headers)
    assert (waiting.json()["status"], waiting.json()["content"]) == ("queued", None)
    assert_problem(await house.http.get(f"{path}.html", headers=owner.headers), 409, "report_not_ready")

    house.clock.advance(house.settings.report_settle_s)
    report = await claimed(house, session_id)
    await house.storage.reports.finish(report, "worker", {"summary": "Short."}, b"<p>Short.</p>")
    ready = await house.http.get(path, headers=owner.headers)
    assert (ready.json()["status"], ready.json()["content"]) == ("ready", {"summary": "Short."})
    page = await house.http.get(f"{path}.html", headers=owner.headers)
    assert page.content == b"<p>Short.</p>"
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src" not in page.headers["content-security-policy"]
    assert set(await audited(house, owner, session_id)) == {"read report", "read report state"}


async def test_a_report_is_given_out_in_every_form(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    house.clock.advance(house.settings.report_settle_s)
    report = await claimed(house, session_id)
    content = json.loads(full_report().model_dump_json())
    await house.storage.reports.finish(report, "worker", content, b"<p>Short.</p>")
    path = f"{BASE}/session/{session_id}/report"
    async with working(house):
        begins = {
            "pdf": b"%PDF-",
            "csv": b"\xef\xbb\xbfsection,",
            "md": b"# Interview report: Ada Example",
            "json": b"{",
        }
        for form, begin in begins.items():
            made = await house.http.get(f"{path}.{form}", headers=owner.headers)
            assert made.status_code == 200, made.text
            assert made.content.startswith(begin)
            assert made.headers["content-disposition"].endswith(f'report-{session_id[:8]}-1.{form}"')
            assert made.headers["cache-control"] == "no-store"
            again = await house.http.get(f"{path}.{form}?version=1", headers=owner.headers)
            assert again.content == made.content
    assert json.loads((await house.http.get(f"{path}.json", headers=owner.headers)).content) == content
    assert_problem(await house.http.get(f"{path}.pdf?version=2", headers=owner.headers), 404, "report_not_found")
    assert_problem(await house.http.get(f"{path}.docx", headers=owner.headers), 422, "invalid")
    assert set(await audited(house, owner, session_id)) == {"read report", "read report state"}, (
        "of the second version there is nothing"
    )


async def test_a_form_that_nobody_makes_in_time_or_that_fails_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    house.clock.advance(house.settings.report_settle_s)
    await house.storage.reports.finish(await claimed(house, session_id), "worker", {"summary": "Short."}, b"<p>")
    monkeypatch.setattr(service, "_LOOK_S", 0.01)
    path = f"{BASE}/session/{session_id}/report.csv"

    def wait_for(seconds: float) -> None:
        parts = house.app.state.parts
        patient = parts.settings.model_copy(update={"report_render_wait_s": seconds})
        monkeypatch.setitem(house.app.state._state, "parts", dataclasses.replace(parts, settings=patient))

    wait_for(0.05)
    late = await house.http.get(path, headers=owner.headers)
    assert_problem(late, 503, "rendering_under_way")
    assert int(late.headers["retry-after"]) >= 1

    wait_for(20)
    asked = asyncio.Event()
    ask = house.storage.renderings.ask

    async def noted(*what: Any) -> Rendering:
        found = await ask(*what)
        asked.set()
        return found

    monkeypatch.setattr(house.storage.renderings, "ask", noted)
    held = await house.storage.renderings.claim("renderer", 60)
    assert held is not None
    asking = asyncio.create_task(house.http.get(path, headers=owner.headers))
    await asked.wait()
    await house.storage.renderings.fail(held, "the report is too strange")
    failed = await asking
    assert_problem(failed, 503, "rendering_failed")
    assert "too strange" in failed.json()["message"]


async def test_a_draft_is_given_out_as_one_and_not_in_the_place_of_the_report_that_follows(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    house.clock.advance(house.settings.report_settle_s)
    reports, renderings = house.storage.reports, house.storage.renderings
    key = await claimed(house, session_id)
    ready = json.loads(full_report().model_dump_json())
    draft = json.loads(made_of(scores=under_way(PLAN), scores_follow=True).model_dump_json())
    await reports.draft(key, "worker", draft, b"<p>Draft.</p>")
    monkeypatch.setattr(service, "_LOOK_S", 0.01)
    path = f"{BASE}/session/{session_id}/report"
    async with working(house):
        early = await house.http.get(f"{path}.csv", headers=owner.headers)
    assert early.headers["content-disposition"].endswith(f'report-{session_id[:8]}-1-draft.csv"')
    assert "Scores are missing so far" in early.text
    assert (await house.http.get(f"{path}.html", headers=owner.headers)).content == b"<p>Draft.</p>"

    # another form of the draft is in hand when the report is finished
    await renderings.ask(session_id, 1, ReportFormat.MARKDOWN, digest_of(draft))
    held = await renderings.claim("slow", 60)
    assert held is not None
    await reports.finish(key, "worker", ready, b"<p>Ready.</p>")
    asked = asyncio.Event()
    ask = renderings.ask

    async def noted(*what: Any) -> Rendering:
        found = await ask(*what)
        asked.set()
        return found

    monkeypatch.setattr(renderings, "ask", noted)
    asking = asyncio.create_task(house.http.get(f"{path}.md", headers=owner.headers))
    await asked.wait()
    await renderings.finish(held, b"# A draft", digest_of(draft))
    async with working(house):
        text = (await asking).text
        late = await house.http.get(f"{path}.csv", headers=owner.headers)
    assert text.startswith("# Interview report: Ada Example")
    assert "Scores are missing so far" not in text
    assert late.headers["content-disposition"].endswith(f'report-{session_id[:8]}-1.csv"')
    assert "Scores are missing so far" not in late.text
    assert "we lost no invoice" in late.text


async def test_what_a_report_shows_now_reaches_every_form(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """`content_shown` is the one place: what it adds to a report that is built is in all that is given out."""
    owner = await house.account()
    session_id = await house.started(owner)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    house.clock.advance(house.settings.report_settle_s)
    content = json.loads(full_report().model_dump_json())
    await house.storage.reports.finish(await claimed(house, session_id), "worker", content, b"<p>As built.</p>")
    path = f"{BASE}/session/{session_id}/report"

    async def since(storage: Storage, report: Report) -> dict[str, Any] | None:
        assert report.content is not None
        return report.content | {"notices": [{"code": "since", "text": "Something became known since."}]}

    async with working(house):
        assert b"since" not in (await house.http.get(f"{path}.csv", headers=owner.headers)).content
        for reader in (service, rendering):
            monkeypatch.setattr(reader, "content_shown", since)
        for form in ("json", "html", "csv", "md"):
            answer = await house.http.get(f"{path}.{form}", headers=owner.headers)
            assert "Something became known since." in answer.text, form
    shown = await house.http.get(path, headers=owner.headers)
    assert shown.json()["content"]["notices"][0]["code"] == "since"


async def test_the_schema_of_reports_is_open_to_all(house: House) -> None:
    answer = await house.http.get("/api/report_schema")
    assert answer.status_code == 200
    assert answer.json()["$id"] == "urn:viva:report:1"
    assert "transcript" in answer.json()["required"]


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """Let a worker make what is asked for."""
    limits = Limits(lease_s=60, poll_s=0.01, max_attempts=2, retry_s=1, deadline_s=10)
    stop = asyncio.Event()
    work = asyncio.create_task(Renderer(house.storage, house.clock, limits, "renderer", None).run(stop))
    try:
        yield
    finally:
        stop.set()
        await work


async def claimed(house: House, session_id: str) -> str:
    """Claim reports, oldest first, until it is this session's turn."""
    for _ in range(100):
        report = await house.storage.reports.claim("worker", 60)
        assert report is not None
        if report.session_id == session_id:
            return report.report_id
    raise AssertionError("the report was not in the queue")
