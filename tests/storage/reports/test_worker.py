"""The reports worker on the real database, with the scripted model behind real HTTP: what is in a report."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from interview.clock import VirtualClock
from interview.report import ReportStatus
from interview.storage import Storage
from local.inference.llm import scripted
from providers.chat import ChatClient
from reports.content import ReportContent
from reports.evaluator import Evaluator
from tests.storage.reports.working import LIMITS, MakeWorker, finished_session, report_of
from tests.unit.providers.chat_server import ChatServer
from tests.unit.reports.records import SESSION_ID, Talk, session, usual_talk

T = TypeVar("T")


async def test_a_finished_session_gets_its_report(timed: Storage, make_worker: MakeWorker):
    await finished_session(timed)
    assert await make_worker().work_once()
    report = await report_of(timed)
    assert (report.status, report.attempts, report.failure) == (ReportStatus.READY, 1, "")
    content = ReportContent.model_validate(report.content)
    ownership, debugging = content.competencies
    assert ownership.level is not None
    assert ownership.quotes
    assert "Too little was said" in debugging.not_scorable
    assert len(content.transcript) == len(usual_talk())
    assert [one.kind.value for one in content.incidents] == ["no_face"]
    assert content.conditions.recording_segments == 1
    assert content.versions.models == {"competency_score": "scripted"}
    page = (await timed.reports.html(report)).decode()
    assert page.startswith("<!doctype html>")
    assert ownership.quotes[0].text in page
    assert not await make_worker().work_once(), "nothing is left to do"


async def test_each_quote_equals_the_stored_span_it_points_to(timed: Storage, make_worker: MakeWorker):
    await finished_session(timed)
    await make_worker().work_once()
    content = ReportContent.model_validate((await report_of(timed)).content)
    stored = {turn.turn_id: turn for turn in await timed.turns.of(SESSION_ID)}
    quotes = [quote for result in content.competencies for quote in result.quotes]
    assert quotes
    for quote in quotes:
        assert stored[quote.turn_id].text[quote.start : quote.end] == quote.text


async def test_a_planted_false_quote_is_dropped_and_counted(timed: Storage, make_worker: MakeWorker):
    await finished_session(timed)
    await make_worker(model="scripted-false-quote").work_once()
    report = await report_of(timed)
    content = ReportContent.model_validate(report.content)
    assert content.dropped_quotes == 3, "one in each pass"
    assert scripted.FALSE_QUOTE not in str(report.content)
    assert scripted.FALSE_QUOTE not in (await timed.reports.html(report)).decode()


async def test_answers_are_evaluated_before_the_report_and_their_level_is_a_first_pass(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await timed.sessions.add(session())
    talk = Talk().asks("How did you find your hardest bug?", 0, 3, "q2")
    talk.says("I bisected the history until one commit was left, and then I read it.", 4, 12, "q2")
    for turn in talk.turns:
        await timed.turns.append(turn)
    await timed.reports.enqueue(SESSION_ID)
    chat = ChatClient(chat_server.url, "", "scripted", timeout_s=20)
    evaluator = Evaluator(timed, chat, clock, LIMITS, "evaluator", 2)
    assert await make_worker(evaluator=evaluator).work_once()
    await chat.aclose()
    content = ReportContent.model_validate((await report_of(timed)).content)
    evaluation = content.questions[1].evaluation
    assert evaluation is not None
    assert (evaluation.level, content.competencies[1].passes) == (2, (2, 2, 2))
    assert evaluation.quotes[0].text in talk.turns[1].text
    names = [body["response_format"]["json_schema"]["name"] for body in chat_server.bodies]
    assert names == ["answer_evaluation", "competency_score", "competency_score"]
    assert set(content.versions.prompts) == {"answer_evaluation", "competency_score"}


async def test_a_model_that_invents_one_quote_in_five_gets_none_of_them_into_a_report(
    timed: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    ids = [f"0b5f7a52-8f0e-4f5e-9a55-{number:012d}" for number in range(4)]
    kept = dropped = 0
    for number, session_id in enumerate(ids):
        await timed.sessions.add(session(session_id))
        talk = Talk(session_id)
        for n in range(6):
            talk.says(f"In week {number}{n} I moved table {n} to the new host. It went well.", n * 9, n * 9 + 8, "q1")
        for turn in talk.turns:
            await timed.turns.append(turn)
        await timed.reports.enqueue(session_id)
        await make_worker(f"w{number}", model="scripted-one-in-five").work_once()
        content = ReportContent.model_validate((await report_of(timed, session_id)).content)
        said = {turn.seq: turn.text for turn in talk.turns}
        quotes = [quote for result in content.competencies for quote in result.quotes]
        assert all(said[quote.seq][quote.start : quote.end] == quote.text for quote in quotes)
        kept, dropped = kept + len(quotes), dropped + content.dropped_quotes
        assert scripted.FALSE_QUOTE not in str(content)
    assert kept > 0
    assert dropped > 0, "some were invented, and counted"


async def test_a_report_whose_answers_are_evaluated_asks_little_of_the_database(
    timed: Storage,
    make_worker: MakeWorker,
    chat_server: ChatServer,
    clock: VirtualClock,
    monkeypatch: pytest.MonkeyPatch,
):
    await finished_session(timed)
    chat = ChatClient(chat_server.url, "", "scripted", timeout_s=20)
    evaluator = Evaluator(timed, chat, clock, LIMITS, "evaluator", 2)
    await timed.evaluations.enqueue_rest(SESSION_ID, await timed.turns.of(SESSION_ID))
    await evaluator.finish_rest(SESSION_ID)
    asked: list[str] = []
    run = timed.database.run

    async def counted(operation: Callable[[], Awaitable[T]]) -> T:
        asked.append(operation.__qualname__)
        return await run(operation)

    monkeypatch.setattr(timed.database, "run", counted)
    assert await make_worker(evaluator=evaluator).work_once()
    await chat.aclose()
    assert (await report_of(timed)).status is ReportStatus.READY
    assert len(asked) <= 34, "a hundred reports a minute leave each of them no time for more"
