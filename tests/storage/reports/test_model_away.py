"""Reports while the model is away or slow: everything but the scores is there, and they follow."""

import asyncio

import pytest

from interview.clock import VirtualClock
from interview.evaluation import EvaluationStatus
from interview.report import ReportStatus
from interview.storage import Storage
from local.inference.llm import scripted
from providers.chat import ChatClient
from reports import worker as worker_module
from reports.content import ReportContent
from reports.evaluator import Evaluator
from tests.storage.reports.working import LIMITS, MakeWorker, finished_session, report_of, until
from tests.unit.providers.chat_server import HANG, ChatServer, refusal
from tests.unit.reports.records import SESSION_ID, usual_talk


async def test_a_model_that_is_away_for_an_hour_keeps_nothing_but_the_scores_back_and_they_follow(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(timed)
    worker = make_worker()
    chat_server.answer = lambda body: refusal(401, "no")
    waits_s: list[float] = []
    gone_s = 0.0
    while gone_s < 3600:
        assert await worker.work_once()
        report = await report_of(timed)
        assert (report.status, report.attempts, report.waits) == (ReportStatus.PARTIAL, 0, len(waits_s) + 1)
        content = ReportContent.model_validate(report.content)
        assert [result.level for result in content.competencies] == [None, None]
        assert "scores_follow" in [notice.code for notice in content.notices]
        assert (content.figures.follow_ups, len(content.transcript)) == (1, len(usual_talk()))
        assert await timed.reports.html(report)
        assert report.stands.startswith("partial: the language model is away")
        waits_s.append((report.not_before - clock.now()).total_seconds())
        assert not await worker.work_once(), "it waits before it tries again"
        clock.advance(waits_s[-1])
        gone_s += waits_s[-1]
    assert 5 <= waits_s[0] <= 6
    assert 10 <= waits_s[1] <= 12
    assert max(waits_s) <= 360
    chat_server.answer = scripted.answer
    assert await worker.work_once()
    report = await report_of(timed)
    assert (report.status, report.failure) == (ReportStatus.READY, "")
    content = ReportContent.model_validate(report.content)
    assert content.competencies[0].level is not None
    assert "scores_follow" not in [notice.code for notice in content.notices]


async def test_a_model_that_never_comes_back_is_given_up_and_the_report_says_so(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(timed)
    chat_server.answer = lambda body: refusal(401, "no")
    worker = make_worker()
    await worker.work_once()
    clock.advance(24 * 3600)
    await worker.work_once()
    report = await report_of(timed)
    assert report.status is ReportStatus.READY
    content = ReportContent.model_validate(report.content)
    assert "scoring_unavailable" in [notice.code for notice in content.notices]


async def test_what_needs_no_model_can_be_read_while_the_scores_take_long(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_module, "DRAFT_AFTER_S", 0.05)
    await finished_session(timed)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make_worker().work_once())

    async def readable() -> bool:
        report = await report_of(timed)
        return report.is_readable and report.stands == "building: scoring 1/2"

    await until(readable)
    report = await report_of(timed)
    assert report.status is ReportStatus.BUILDING
    content = ReportContent.model_validate(report.content)
    assert content.competencies[0].not_scorable == "Its scoring is under way."
    assert len(content.transcript) == len(usual_talk())
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_what_each_answer_shows_follows_too_though_its_evaluation_was_given_up_meanwhile(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(timed)
    chat = ChatClient(chat_server.url, "", "scripted", timeout_s=20)
    evaluator = Evaluator(timed, chat, clock, LIMITS, "evaluator", 2)
    chat_server.answer = lambda body: refusal(401, "no")
    worker = make_worker(evaluator=evaluator)
    seen: set[EvaluationStatus] = set()
    for _ in range(LIMITS.max_attempts + 2):
        assert await worker.work_once()
        while await evaluator.work_once():
            pass
        seen |= {one.status for one in await timed.evaluations.of(SESSION_ID)}
        clock.advance(900)
    assert (await report_of(timed)).status is ReportStatus.PARTIAL
    assert EvaluationStatus.FAILED in seen
    chat_server.answer = scripted.answer
    assert await worker.work_once()
    await chat.aclose()
    report = await report_of(timed)
    assert report.status is ReportStatus.READY
    content = ReportContent.model_validate(report.content)
    shown = [question.evaluation for question in content.questions if question.answered]
    assert shown
    assert all(shown), "nobody had to ask for them"
