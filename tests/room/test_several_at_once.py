"""Eight interviews at the same time in one worker: nothing of one is in any record of another."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pytest
import pytest_asyncio

from interview.audio import decode_segment
from interview.clock import SystemClock
from interview.replica import ReplicaKind
from interview.report import ReportStatus
from interview.session import Session, Status
from interview.storage import Storage
from interview.transcript import Speaker
from local import crowd
from local.crowd import Member
from local.environment import Engines
from local.house import house_of
from local.inference.delays import tones_in
from local.ordeal import until
from local.services import SERVICES, Stack

EIGHT = 8
RATE = 16_000
SETTINGS = {
    "AGENT_DEAD_S": "60",
    "AGENT_START_S": "60",
    "AGENT_MAX_JOBS": str(EIGHT),
    "AGENT_IDLE_PROCESSES": str(EIGHT),
    "ENDPOINTING_MAX_S": "1.0",
    "PROCESS_BEAT_S": "0.5",
    "RECORDING_SEGMENT_S": "3",
    "REPORT_POLL_S": "0.2",
    "REPORT_SETTLE_S": "1",
    "STT_DEADLINE_S": "30",
    "TTS_DEADLINE_S": "30",
}
"""One worker with room for all, which has their processes ready; and patience, as all begin in the same second."""


@dataclass(frozen=True)
class Afterwards:
    """What there is when all have gone. `jobs` are those of each agent worker while all were being asked."""

    storage: Storage
    members: list[Member]
    jobs: list[int]

    async def session(self, member: Member) -> Session:
        return await self.storage.sessions.get(member.session_id)

    def told_in(self, text: str) -> set[str]:
        """Whose secrets a text holds, by session."""
        text = text.lower()
        return {member.session_id for member in self.members if any(word in text for word in member.secrets.all)}


@pytest_asyncio.fixture(scope="module")
async def afterwards(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Afterwards]:
    services = [name for name in SERVICES if name != "proctoring"]
    engines = Engines(stt="none", llm="scripted", delay_profile="hosted")
    async with Stack(tmp_path_factory.mktemp("eight"), services=services, engines=engines, overrides=SETTINGS) as stack:
        storage = await Storage.connect(stack.settings(), SystemClock())
        house, jobs = house_of(stack, {}), list[int]()

        async def all_are_asked() -> None:
            async def all_are_at_work() -> bool:
                alive = await storage.replicas.alive(15)
                jobs[:] = [one.load.jobs for one in alive if one.kind is ReplicaKind.AGENT]
                return sum(jobs) >= EIGHT

            await until("the worker tells of all its jobs", all_are_at_work)

        async with await house.sign_in() as recruiter:
            members = await crowd.gather(house, recruiter, EIGHT)
            await crowd.attend(house, members, all_are_asked)
            await asyncio.gather(*(recruiter.report(member.session_id, 60) for member in members))
        yield Afterwards(storage, members, jobs)
        await storage.close()


@pytest.mark.timeout(400)
async def test_all_come_to_their_end_with_one_interviewer_each_in_the_same_worker(afterwards: Afterwards):
    assert afterwards.jobs == [EIGHT]
    for member in afterwards.members:
        session = await afterwards.session(member)
        assert (session.status, session.attempt) == (Status.COMPLETED, 1)


async def test_each_has_its_own_words_in_its_own_records(afterwards: Afterwards):
    storage = afterwards.storage
    for member in afterwards.members:
        secrets, session = member.secrets, await afterwards.session(member)
        turns = await storage.turns.of(member.session_id)
        answers = " ".join(turn.text for turn in turns if turn.speaker is Speaker.CANDIDATE)
        asked = " ".join(turn.text for turn in turns if turn.speaker is Speaker.INTERVIEWER)
        told = " ".join(event.model_dump_json() for event in await storage.dialogue_events.of(member.session_id))
        evaluated = " ".join(one.model_dump_json() for one in await storage.evaluations.of(member.session_id))
        report = await storage.reports.latest(member.session_id)
        assert report is not None
        assert report.status is ReportStatus.READY
        page = (await storage.reports.html(report)).decode()
        assert secrets.planned in session.plan.model_dump_json()
        assert secrets.planned in asked
        assert secrets.spoken in answers
        assert secrets.typed in answers
        assert secrets.spoken in told
        assert secrets.typed in told
        assert secrets.spoken in evaluated
        assert secrets.typed in evaluated
        for word in secrets.all:
            assert word in page.lower()
        assert secrets.spoken in " ".join(member.page.texts)
        assert secrets.planned in " ".join(said.text for said in member.page.said)


async def test_no_document_holds_the_words_of_anybody_else(afterwards: Afterwards):
    found = 0
    for collection in afterwards.storage.collections:
        shape = collection.shape
        async for document in collection.documents():
            told = afterwards.told_in(collection.from_document(document).model_dump_json())
            of = document.get(shape.session_field) if shape.session_field else None
            if of is None and shape.collection == "sessions":
                of = document["_id"]
            assert len(told) <= 1, shape.collection
            assert of is None or told <= {of}, shape.collection
            found += bool(told)
    assert found > EIGHT * 10


async def test_no_report_shows_the_words_of_anybody_else(afterwards: Afterwards):
    for member in afterwards.members:
        report = await afterwards.storage.reports.latest(member.session_id)
        assert report is not None
        assert afterwards.told_in((await afterwards.storage.reports.html(report)).decode()) == {member.session_id}


async def test_no_page_was_shown_the_words_of_anybody_else(afterwards: Afterwards):
    for member in afterwards.members:
        assert {said.identity for said in member.page.said} == {"interviewer-1"}
        assert afterwards.told_in(" ".join(member.page.texts)) == {member.session_id}


async def test_each_recording_holds_its_own_candidate_and_nobody_else(afterwards: Afterwards):
    tones = [member.tone_hz for member in afterwards.members]
    for member in afterwards.members:
        session = await afterwards.session(member)
        segments = await afterwards.storage.recordings.of(member.session_id)
        assert session.clock_started_at is not None
        assert session.ended_at is not None
        spoken = False
        for segment in segments:
            assert segment.session_id == member.session_id
            assert segment.file_id.startswith(f"recording:{member.session_id}:")
            assert segment.started_at >= session.clock_started_at - timedelta(seconds=30)
            assert segment.started_at + timedelta(seconds=segment.duration_s) <= session.ended_at + timedelta(seconds=5)
            samples = decode_segment(await afterwards.storage.recordings.audio(segment), RATE)
            heard = tones_in(samples[:, 0], RATE, tones)
            levels = {tone_hz: level_of(samples[:, 0], tone_hz) for tone_hz in tones}
            others = max(level for tone_hz, level in levels.items() if tone_hz != member.tone_hz)
            # a voice's partial may stand out like a tone for a moment, but not as loud as the tones that are played
            assert others < crowd.TONE_LEVEL / 4, levels
            assert tones_in(samples[:, 1], RATE, tones) == frozenset()
            spoken |= member.tone_hz in heard
        assert spoken
        owned = await afterwards.storage.files.ids_of(member.session_id)
        assert all(member.session_id in file_id for file_id in owned)


def level_of(samples: np.ndarray, tone_hz: float) -> float:
    """The amplitude, of 32,768, of a steady tone in mono audio."""
    window = np.hanning(len(samples))
    at_hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum = np.abs(np.fft.rfft(samples * window)) * 2 / window.sum()
    return float(spectrum[np.abs(at_hz - tone_hz) < 5].max())


async def test_each_is_billed_for_no_more_than_it_heard(afterwards: Afterwards):
    for member in afterwards.members:
        session = await afterwards.session(member)
        assert session.clock_started_at is not None
        assert session.ended_at is not None
        lasted_ms = 1000 * (session.ended_at - session.clock_started_at).total_seconds()
        assert 0 < session.usage.heard_ms <= lasted_ms + 30_000
