"""What an interview left behind: read by its owner, and every reading noted."""

import io
import wave
from datetime import datetime, timedelta

import numpy as np
import pytest

from interview.transcript import Speaker
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import JPEG, store_incident, store_segment, store_turn


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


async def claimed(house: House, session_id: str) -> str:
    """Claim reports, oldest first, until it is this session's turn."""
    for _ in range(100):
        report = await house.storage.reports.claim("worker", 60)
        assert report is not None
        if report.session_id == session_id:
            return report.report_id
    raise AssertionError("the report was not in the queue")
