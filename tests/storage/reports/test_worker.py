"""The reports worker on the real database, with the scripted model behind real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from interview.appraisal import TurnCorrection
from interview.clock import VirtualClock
from interview.report import Report, ReportStatus, newest_to_read
from interview.storage import Storage
from local.inference.llm import scripted
from providers.chat import ChatClient
from reports import worker as worker_module
from reports.content import ReportContent
from reports.evaluator import Evaluator
from reports.lease_worker import Limits
from reports.worker import ReportsWorker
from tests.unit.providers.chat_server import BOUND_S, HANG, ChatServer, refusal
from tests.unit.reports.records import SESSION_ID, Talk, incident, segment, session, usual_talk

LIMITS = Limits(lease_s=30, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
MakeWorker = Callable[..., ReportsWorker]


@pytest.fixture
def storage(timed: Storage) -> Storage:
    """A database of the test's own, on a clock that the test moves."""
    return timed


@pytest.fixture
async def make_worker(storage: Storage, chat_server: ChatServer, clock: VirtualClock) -> AsyncIterator[MakeWorker]:
    """Make workers that ask `model` of the chat server, which answers as the scripted engine does."""
    chat_server.answer = scripted.answer
    chats: list[ChatClient] = []

    def make(
        owner: str = "worker-1",
        model: str = "scripted",
        limits: Limits = LIMITS,
        evaluator: Evaluator | None = None,
        at: Storage = storage,
    ) -> ReportsWorker:
        chats.append(ChatClient(chat_server.url, "", model, timeout_s=20))
        return ReportsWorker(at, chats[-1], clock, limits, owner, evaluator=evaluator)

    yield make
    for chat in chats:
        await chat.aclose()


async def finished_session(storage: Storage, session_id: str = SESSION_ID) -> None:
    await storage.sessions.add(session(session_id))
    for turn in usual_talk(session_id):
        await storage.turns.append(turn)
    await storage.incidents.file(incident(12, 15, session_id))
    await storage.recordings.add(segment(0, 0, session_id), b"audio")
    await storage.reports.enqueue(session_id)


async def report_of(storage: Storage, session_id: str = SESSION_ID) -> Report:
    report = await storage.reports.latest(session_id)
    assert report is not None
    return report


async def until(holds: Callable[[], Awaitable[bool]], bound_s: float = BOUND_S) -> None:
    async with asyncio.timeout(bound_s):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.01)


async def test_a_finished_session_gets_its_report(storage: Storage, make_worker: MakeWorker):
    await finished_session(storage)
    assert await make_worker().work_once()
    report = await report_of(storage)
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
    page = (await storage.reports.html(report)).decode()
    assert page.startswith("<!doctype html>")
    assert ownership.quotes[0].text in page
    assert not await make_worker().work_once(), "nothing is left to do"


async def test_each_quote_equals_the_stored_span_it_points_to(storage: Storage, make_worker: MakeWorker):
    await finished_session(storage)
    await make_worker().work_once()
    content = ReportContent.model_validate((await report_of(storage)).content)
    stored = {turn.turn_id: turn for turn in await storage.turns.of(SESSION_ID)}
    quotes = [quote for result in content.competencies for quote in result.quotes]
    assert quotes
    for quote in quotes:
        assert stored[quote.turn_id].text[quote.start : quote.end] == quote.text


async def test_a_planted_false_quote_is_dropped_and_counted(storage: Storage, make_worker: MakeWorker):
    await finished_session(storage)
    await make_worker(model="scripted-false-quote").work_once()
    report = await report_of(storage)
    content = ReportContent.model_validate(report.content)
    assert content.dropped_quotes == 3, "one in each pass"
    assert scripted.FALSE_QUOTE not in str(report.content)
    assert scripted.FALSE_QUOTE not in (await storage.reports.html(report)).decode()


async def test_a_model_that_is_away_for_an_hour_keeps_nothing_but_the_scores_back_and_they_follow(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(storage)
    worker = make_worker()
    chat_server.answer = lambda body: refusal(401, "no")
    waits_s: list[float] = []
    gone_s = 0.0
    while gone_s < 3600:
        assert await worker.work_once()
        report = await report_of(storage)
        assert (report.status, report.attempts, report.waits) == (ReportStatus.PARTIAL, 0, len(waits_s) + 1)
        content = ReportContent.model_validate(report.content)
        assert [result.level for result in content.competencies] == [None, None]
        assert "scores_follow" in [notice.code for notice in content.notices]
        assert (content.figures.follow_ups, len(content.transcript)) == (1, len(usual_talk()))
        assert await storage.reports.html(report)
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
    report = await report_of(storage)
    assert (report.status, report.failure) == (ReportStatus.READY, "")
    content = ReportContent.model_validate(report.content)
    assert content.competencies[0].level is not None
    assert "scores_follow" not in [notice.code for notice in content.notices]


async def test_a_model_that_never_comes_back_is_given_up_and_the_report_says_so(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(storage)
    chat_server.answer = lambda body: refusal(401, "no")
    worker = make_worker()
    await worker.work_once()
    clock.advance(24 * 3600)
    await worker.work_once()
    report = await report_of(storage)
    assert report.status is ReportStatus.READY
    content = ReportContent.model_validate(report.content)
    assert "scoring_unavailable" in [notice.code for notice in content.notices]


async def test_what_needs_no_model_can_be_read_while_the_scores_take_long(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(worker_module, "DRAFT_AFTER_S", 0.05)
    await finished_session(storage)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make_worker().work_once())

    async def readable() -> bool:
        report = await report_of(storage)
        return report.is_readable and report.stands == "building: scoring 1/2"

    await until(readable)
    report = await report_of(storage)
    assert report.status is ReportStatus.BUILDING
    content = ReportContent.model_validate(report.content)
    assert content.competencies[0].not_scorable == "Its scoring is under way."
    assert len(content.transcript) == len(usual_talk())
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_report_that_is_built_anew_leaves_the_old_one_and_pays_for_nothing_twice(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(storage)
    await make_worker().work_once()
    first = await report_of(storage)
    asked = len(chat_server.bodies)
    clock.advance(60)
    queued = await storage.reports.rebuild(SESSION_ID, reason="asked")
    assert (queued.version, queued.status) == (2, ReportStatus.QUEUED)
    assert (await storage.reports.rebuild(SESSION_ID, reason="asked")).version == 2, "one is under way already"
    await make_worker("worker-2").work_once()
    old, new = await storage.reports.versions(SESSION_ID)
    assert old == first
    assert await storage.reports.html(old) == await storage.reports.html(first)
    assert (new.status, new.version) == (ReportStatus.READY, 2)
    assert new.content
    assert old.content
    assert new.content["competencies"] == old.content["competencies"]
    assert new.content["model_use"]["calls"] == 0
    assert len(chat_server.bodies) == asked
    clock.advance(60)
    await storage.reports.rebuild(SESSION_ID, reason="asked", afresh=True)
    await make_worker("worker-3").work_once()
    assert len(chat_server.bodies) == 2 * asked


async def test_a_version_that_fails_leaves_the_one_before_to_be_read(
    storage: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await finished_session(storage)
    await make_worker().work_once()
    await storage.reports.rebuild(SESSION_ID, reason="asked")
    claimed = await storage.reports.claim("w", 30)
    assert claimed is not None
    await storage.reports.fail(claimed.report_id, "w", "a fault")
    shown = newest_to_read(await storage.reports.versions(SESSION_ID))
    assert shown is not None
    assert shown.version == 1
    failed = await report_of(storage)
    assert failed.stands == "failed: a fault"
    again = await storage.reports.requeue(failed)
    assert again is not None
    assert (again.status, again.attempts, again.failure) == (ReportStatus.QUEUED, 0, "")
    assert await storage.reports.requeue(again) is None, "it waits already"
    assert await make_worker("worker-2").work_once()
    assert (await report_of(storage)).status is ReportStatus.READY


async def test_answers_are_evaluated_before_the_report_and_their_level_is_a_first_pass(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await storage.sessions.add(session())
    talk = Talk().asks("How did you find your hardest bug?", 0, 3, "q2")
    talk.says("I bisected the history until one commit was left, and then I read it.", 4, 12, "q2")
    for turn in talk.turns:
        await storage.turns.append(turn)
    await storage.reports.enqueue(SESSION_ID)
    chat = ChatClient(chat_server.url, "", "scripted", timeout_s=20)
    evaluator = Evaluator(storage, chat, clock, LIMITS, "evaluator", 2)
    assert await make_worker(evaluator=evaluator).work_once()
    await chat.aclose()
    content = ReportContent.model_validate((await report_of(storage)).content)
    evaluation = content.questions[1].evaluation
    assert evaluation is not None
    assert (evaluation.level, content.competencies[1].passes) == (2, (2, 2, 2))
    assert evaluation.quotes[0].text in talk.turns[1].text
    names = [body["response_format"]["json_schema"]["name"] for body in chat_server.bodies]
    assert names == ["answer_evaluation", "competency_score", "competency_score"]
    assert set(content.versions.prompts) == {"answer_evaluation", "competency_score"}


async def test_nobody_waits_behind_all_the_others_of_one_owner(storage: Storage, clock: VirtualClock):
    many = [f"0b5f7a52-8f0e-4f5e-9a55-{number:012d}" for number in range(50)]
    for session_id in many:
        await storage.sessions.add(session(session_id, owner_id="busy"))
        await storage.reports.enqueue(session_id)
    clock.advance(1)
    await storage.sessions.add(session(owner_id="other"))
    await storage.reports.enqueue(SESSION_ID)
    order = [claimed.session_id for _ in range(51) if (claimed := await storage.reports.claim("w", 60))]
    assert len(order) == 51
    assert order.index(SESSION_ID) <= 3
    assert [one for one in order if one != SESSION_ID] == many


async def test_what_cannot_be_built_fails_with_its_reason_and_not_forever(
    storage: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await storage.sessions.add(session())
    await storage.reports.enqueue(SESSION_ID)
    await storage.sessions.collection.delete({"_id": SESSION_ID})
    worker = make_worker()
    for _ in range(LIMITS.max_attempts):
        assert await worker.work_once()
        clock.advance(400)
    assert not await worker.work_once()
    report = await report_of(storage)
    assert (report.status, report.attempts) == (ReportStatus.FAILED, LIMITS.max_attempts)
    assert report.failure


async def test_a_dead_workers_report_is_taken_over_when_its_lease_is_past(
    storage: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await finished_session(storage)
    assert await storage.reports.claim("dead", 30)
    worker = make_worker()
    assert not await worker.work_once()
    clock.advance(31)
    assert await worker.work_once()
    report = await report_of(storage)
    assert (report.status, report.attempts) == (ReportStatus.READY, 2)


async def test_a_report_that_kills_its_workers_is_given_up(
    storage: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await finished_session(storage)
    for number in range(LIMITS.max_attempts):
        assert await storage.reports.claim(f"dead-{number}", 30)
        clock.advance(31)
    assert await make_worker().work_once()
    report = await report_of(storage)
    assert report.status is ReportStatus.FAILED
    assert "the workers that had it died" in report.failure


async def test_workers_side_by_side_build_each_report_once(storage: Storage, make_worker: MakeWorker):
    ids = [f"0b5f7a52-8f0e-4f5e-9a55-{number:012d}" for number in range(6)]
    for session_id in ids:
        await finished_session(storage, session_id)

    async def drain(worker: ReportsWorker) -> None:
        while await worker.work_once():
            pass

    await asyncio.gather(*(drain(make_worker(f"worker-{number}")) for number in range(3)))
    for session_id in ids:
        report = await report_of(storage, session_id)
        assert (report.status, report.attempts) == (ReportStatus.READY, 1)
        content = ReportContent.model_validate(report.content)
        assert content.session.session_id == session_id
        assert not any(other in str(report.content) for other in ids if other != session_id)


async def test_a_worker_that_lost_its_lease_stops_and_writes_nothing(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(storage)
    limits = Limits(lease_s=0.3, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
    worker = make_worker("slow", limits=limits)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(worker.work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    clock.advance(31)
    assert await storage.reports.claim("quick", 30)
    assert await asyncio.wait_for(working, BOUND_S)
    await asyncio.wait_for(chat_server.client_left.wait(), BOUND_S)
    report = await report_of(storage)
    assert (report.owner, report.status) == ("quick", ReportStatus.BUILDING)


async def test_a_long_build_keeps_its_lease_and_says_how_far_it_is(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(storage)
    limits = Limits(lease_s=0.3, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make_worker(limits=limits).work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    clock.advance(0.2)

    async def renewed() -> bool:
        report = await report_of(storage)
        assert report.lease_until is not None
        return report.lease_until > clock.now() and report.progress == "scoring 1/2"

    await until(renewed)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_worker_that_is_stopped_gives_its_report_back(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer
):
    await finished_session(storage)
    chat_server.answer = lambda body: HANG
    stop = asyncio.Event()
    running = asyncio.create_task(make_worker().run(stop))
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    stop.set()
    await asyncio.wait_for(running, BOUND_S)
    await asyncio.wait_for(chat_server.client_left.wait(), BOUND_S)
    assert (await report_of(storage)).status is ReportStatus.QUEUED
    chat_server.answer = scripted.answer
    assert await make_worker("worker-2").work_once(), "the next may take it at once"


async def test_a_running_worker_finds_what_is_queued_later(storage: Storage, make_worker: MakeWorker):
    stop = asyncio.Event()
    running = asyncio.create_task(make_worker().run(stop))
    await finished_session(storage)

    async def ready() -> bool:
        return (await report_of(storage)).status is ReportStatus.READY

    await until(ready)
    stop.set()
    await asyncio.wait_for(running, BOUND_S)


async def test_a_session_erased_meanwhile_leaves_no_report(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer
):
    await finished_session(storage)
    limits = Limits(lease_s=0.3, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make_worker(limits=limits).work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    await storage.erase_session(SESSION_ID)
    assert await asyncio.wait_for(working, BOUND_S), "the worker leaves it by itself"
    assert await storage.reports.latest(SESSION_ID) is None
    assert await storage.files.ids_of(SESSION_ID) == []


async def test_a_corrected_turn_is_read_as_corrected_and_nothing_else_is_paid_for(
    storage: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await storage.sessions.add(session())
    talk = usual_talk()[:7]
    more = Talk().says("", 0, 1)
    for n, turn in enumerate(
        [*talk, *more.says("I read the history until one commit was left.", 40, 47, "q2").turns[1:]]
    ):
        key = {"seq": n, "turn_id": f"{SESSION_ID}:{n}"}
        await storage.turns.append(turn.model_copy(update=key))
    await storage.reports.enqueue(SESSION_ID)
    await make_worker().work_once()
    asked = len(chat_server.bodies)
    heard = "I read the history until one commit was left."
    meant = "I bisected the history until one commit was left."
    correction = TurnCorrection(session_id=SESSION_ID, turn_id=f"{SESSION_ID}:7", text=meant, by="u", at=clock.now())
    await storage.reviews.corrections.add(correction)
    await storage.reports.rebuild(SESSION_ID, reason="correction")
    await make_worker("worker-2").work_once()
    content = ReportContent.model_validate((await report_of(storage)).content)
    assert (content.transcript[7].text, content.transcript[7].heard) == (meant, heard)
    assert content.transcript[2].heard is None
    (quote,) = content.competencies[1].quotes
    assert quote.text == content.transcript[7].text[quote.start : quote.end]
    assert "bisected" in quote.text
    later = chat_server.bodies[asked:]
    assert len(later) == 3, "the other competency was not asked again"
    assert all("bisected" in body["messages"][1]["content"] for body in later)
    stored = await storage.turns.get(f"{SESSION_ID}:7")
    assert stored is not None
    assert stored.text == heard


async def test_a_model_that_invents_one_quote_in_five_gets_none_of_them_into_a_report(
    storage: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    ids = [f"0b5f7a52-8f0e-4f5e-9a55-{number:012d}" for number in range(4)]
    kept = dropped = 0
    for number, session_id in enumerate(ids):
        await storage.sessions.add(session(session_id))
        talk = Talk(session_id)
        for n in range(6):
            talk.says(f"In week {number}{n} I moved table {n} to the new host. It went well.", n * 9, n * 9 + 8, "q1")
        for turn in talk.turns:
            await storage.turns.append(turn)
        await storage.reports.enqueue(session_id)
        await make_worker(f"w{number}", model="scripted-one-in-five").work_once()
        content = ReportContent.model_validate((await report_of(storage, session_id)).content)
        said = {turn.seq: turn.text for turn in talk.turns}
        quotes = [quote for result in content.competencies for quote in result.quotes]
        assert all(said[quote.seq][quote.start : quote.end] == quote.text for quote in quotes)
        kept, dropped = kept + len(quotes), dropped + content.dropped_quotes
        assert scripted.FALSE_QUOTE not in str(content)
    assert kept > 0
    assert dropped > 0, "some were invented, and counted"
