"""Reports that are built again: beside the old ones, and paying for what has changed alone."""

from interview.appraisal import TurnCorrection
from interview.clock import VirtualClock
from interview.report import ReportStatus, newest_to_read
from interview.storage import Storage
from reports.content import ReportContent
from tests.storage.reports.working import MakeWorker, finished_session, report_of
from tests.unit.providers.chat_server import ChatServer
from tests.unit.reports.records import SESSION_ID, Talk, session, usual_talk


async def test_a_report_that_is_built_anew_leaves_the_old_one_and_pays_for_nothing_twice(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await finished_session(timed)
    await make_worker().work_once()
    first = await report_of(timed)
    asked = len(chat_server.bodies)
    clock.advance(60)
    queued = await timed.reports.rebuild(SESSION_ID, reason="asked")
    assert (queued.version, queued.status) == (2, ReportStatus.QUEUED)
    assert (await timed.reports.rebuild(SESSION_ID, reason="asked")).version == 2, "one is under way already"
    await make_worker("worker-2").work_once()
    old, new = await timed.reports.versions(SESSION_ID)
    assert old == first
    assert await timed.reports.html(old) == await timed.reports.html(first)
    assert (new.status, new.version) == (ReportStatus.READY, 2)
    assert new.content
    assert old.content
    assert new.content["competencies"] == old.content["competencies"]
    assert new.content["model_use"]["calls"] == 0
    assert len(chat_server.bodies) == asked
    clock.advance(60)
    await timed.reports.rebuild(SESSION_ID, reason="asked", afresh=True)
    await make_worker("worker-3").work_once()
    assert len(chat_server.bodies) == 2 * asked


async def test_a_version_that_fails_leaves_the_one_before_to_be_read(
    timed: Storage, make_worker: MakeWorker, clock: VirtualClock
):
    await finished_session(timed)
    await make_worker().work_once()
    await timed.reports.rebuild(SESSION_ID, reason="asked")
    claimed = await timed.reports.claim("w", 30)
    assert claimed is not None
    await timed.reports.fail(claimed.report_id, "w", "a fault")
    shown = newest_to_read(await timed.reports.versions(SESSION_ID))
    assert shown is not None
    assert shown.version == 1
    failed = await report_of(timed)
    assert failed.stands == "failed: a fault"
    again = await timed.reports.requeue(failed)
    assert again is not None
    assert (again.status, again.attempts, again.failure) == (ReportStatus.QUEUED, 0, "")
    assert await timed.reports.requeue(again) is None, "it waits already"
    assert await make_worker("worker-2").work_once()
    assert (await report_of(timed)).status is ReportStatus.READY


async def test_a_corrected_turn_is_read_as_corrected_and_nothing_else_is_paid_for(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
):
    await timed.sessions.add(session())
    talk = usual_talk()[:7]
    more = Talk().says("", 0, 1)
    for n, turn in enumerate(
        [*talk, *more.says("I read the history until one commit was left.", 40, 47, "q2").turns[1:]]
    ):
        key = {"seq": n, "turn_id": f"{SESSION_ID}:{n}"}
        await timed.turns.append(turn.model_copy(update=key))
    await timed.reports.enqueue(SESSION_ID)
    await make_worker().work_once()
    asked = len(chat_server.bodies)
    heard = "I read the history until one commit was left."
    meant = "I bisected the history until one commit was left."
    correction = TurnCorrection(session_id=SESSION_ID, turn_id=f"{SESSION_ID}:7", text=meant, by="u", at=clock.now())
    await timed.reviews.corrections.add(correction)
    await timed.reports.rebuild(SESSION_ID, reason="correction")
    await make_worker("worker-2").work_once()
    content = ReportContent.model_validate((await report_of(timed)).content)
    assert (content.transcript[7].text, content.transcript[7].heard) == (meant, heard)
    assert content.transcript[2].heard is None
    (quote,) = content.competencies[1].quotes
    assert quote.text == content.transcript[7].text[quote.start : quote.end]
    assert "bisected" in quote.text
    later = chat_server.bodies[asked:]
    assert len(later) == 3, "the other competency was not asked again"
    assert all("bisected" in body["messages"][1]["content"] for body in later)
    stored = await timed.turns.get(f"{SESSION_ID}:7")
    assert stored is not None
    assert stored.text == heard
