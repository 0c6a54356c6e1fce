"""What answers were found to show: for the owner and admins, at once; for nobody in the room, and no proctor."""

import io
import json
import zipfile
from typing import Any

from interview.evaluation import EvaluationQuote, EvaluationResult, EvaluationVersions
from interview.session import Session, Status
from interview.transcript import Speaker
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import store_turn

SAID = "I moved the quokka ledger by night"


async def evaluated(house: House, session: Session, **changes: Any) -> EvaluationResult:
    """Store an answer to the first question, and what it was found to show."""
    storage, session_id = house.storage, session.session_id
    turn = await store_turn(storage, session, Speaker.CANDIDATE, SAID)
    await storage.evaluations.enqueue(session_id, "q1")
    claimed = await storage.evaluations.claim("worker", 60)
    while claimed is not None and claimed.session_id != session_id:
        claimed = await storage.evaluations.claim("worker", 60)
    assert claimed is not None
    quote = EvaluationQuote(
        turn_id=turn.turn_id, seq=turn.seq, start=2, end=18, text=SAID[2:18], said_at=turn.started_at
    )
    found = EvaluationResult(
        revision=claimed.revision,
        competency=session.plan.questions[0].competency,
        level=3,
        feedback="Own work; leaves the result open.",
        quotes=(quote,),
        dropped_quotes=2,
        answer_seqs=(turn.seq,),
        answer_words=7,
        versions=EvaluationVersions(
            model="scripted", prompt="answer_evaluation", prompt_version=1, plan_id="p", plan_version=1
        ),
        evaluated_at=house.clock.now(),
    ).model_copy(update=changes)
    await storage.evaluations.finish(claimed, found)
    await storage.sessions.note_evaluated(session_id)
    return found


async def running(house: House, owner: Account, **changes: Any) -> Session:
    session_id = await house.started(owner, **changes)
    return await house.storage.sessions.get(session_id)


def path_of(session: Session) -> str:
    return f"{BASE}/session/{session.session_id}/evaluations"


async def test_the_owner_reads_each_answers_evaluation_while_the_interview_goes_on(house: House) -> None:
    owner = await house.account()
    session = await running(house, owner)
    nothing_yet = (await house.http.get(path_of(session), headers=owner.headers)).json()
    assert nothing_yet == {"session_id": session.session_id, "status": "IN_PROGRESS", "evaluations": []}

    await evaluated(house, session)
    answer = (await house.http.get(path_of(session), headers=owner.headers)).json()
    assert answer["status"] == "IN_PROGRESS"
    (one,) = answer["evaluations"]
    question = session.plan.questions[0]
    assert (one["question_id"], one["question"], one["status"]) == ("q1", question.text, "ready")
    result = one["result"]
    assert (result["level"], result["level_words"]) == (3, session.plan.competencies[0].rubric[2])
    assert (result["feedback"], result["dropped_quotes"]) == ("Own work; leaves the result open.", 2)
    assert [quote["text"] for quote in result["quotes"]] == ["moved the quokka"]
    assert result["versions"]["model"] == "scripted"
    noted = await house.storage.audit.of_subject(f"session:{session.session_id}")
    mine = f"user:{owner.user.user_id}"
    assert [entry.action for entry in noted if entry.actor == mine].count("read evaluations") == 2


async def test_an_answer_that_cannot_be_scored_says_why(house: House) -> None:
    owner = await house.account()
    session = await running(house, owner)
    await evaluated(house, session, level=None, feedback="", not_scorable="Too little was said: 7 of 8 words.")
    (one,) = (await house.http.get(path_of(session), headers=owner.headers)).json()["evaluations"]
    assert (one["result"]["level"], one["result"]["level_words"]) == (None, "")
    assert one["result"]["not_scorable"] == "Too little was said: 7 of 8 words."


async def test_nobody_else_reads_them_and_an_admin_does(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    session = await house.storage.sessions.get(made["session_id"])
    assert_problem(await candidate.get(path_of(session)), 403, "not_allowed")
    proctor, other = await house.account(Role.PROCTOR), await house.account()
    for account in (proctor, other):
        assert_problem(await house.http.get(path_of(session), headers=account.headers), 404, "not_found")
    assert_problem(await house.browser().get(path_of(session)), 401, "not_authenticated")
    admin = await house.account(Role.ADMIN)
    assert (await house.http.get(path_of(session), headers=admin.headers)).status_code == 200


async def test_nothing_that_the_candidate_may_ask_for_in_the_room_says_what_was_found(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    session_id = made["session_id"]
    await house.consent(owner, session_id)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    await evaluated(house, await house.storage.sessions.get(session_id))
    for path in (f"{BASE}/session/{session_id}", "/api/invites/seat"):
        shown = (await candidate.get(path)).text
        assert "evaluated_at" not in shown
        assert "leaves the result open" not in shown
    assert_problem(await candidate.get("/api/privacy/my-data"), 409, "not_ended")
    await house.storage.sessions.move(session_id, Status.FAILED, by="system:test", reason="lost")
    assert_problem(await candidate.get("/api/privacy/my-data"), 409, "not_ended")


async def test_after_the_interview_the_candidates_own_data_has_them_to_read(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    session_id = made["session_id"]
    await house.consent(owner, session_id)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    session = await house.storage.sessions.get(session_id)
    await evaluated(house, session)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    archive = zipfile.ZipFile(io.BytesIO((await candidate.get("/api/privacy/my-data")).content))
    names = {name.rpartition("/")[2]: name for name in archive.namelist()}
    words = archive.read(names["evaluations.txt"]).decode()
    assert session.plan.questions[0].text in words
    assert "Level 3 of 5" in words
    assert "Quoted: moved the quokka" in words
    (stored,) = json.loads(archive.read(names["evaluations.json"]))
    assert stored["result"]["feedback"] == "Own work; leaves the result open."
    assert "evaluations.txt" in archive.read("README.txt").decode()


async def test_after_erasure_nothing_of_them_is_left(house: House) -> None:
    owner = await house.account()
    session = await running(house, owner)
    await evaluated(house, session)
    await house.http.delete(f"{BASE}/session/{session.session_id}", headers=owner.headers)
    assert_problem(await house.http.get(path_of(session), headers=owner.headers), 404, "session_deleted")
    assert await house.storage.evaluations.of(session.session_id) == []


async def test_an_answer_that_grew_shows_what_was_found_before_until_it_is_evaluated_again(house: House) -> None:
    owner = await house.account()
    session = await running(house, owner)
    await evaluated(house, session)
    await store_turn(house.storage, session, Speaker.CANDIDATE, "and by day")
    await house.storage.evaluations.enqueue(session.session_id, "q1")
    (one,) = (await house.http.get(path_of(session), headers=owner.headers)).json()["evaluations"]
    assert (one["status"], one["revision"], one["result"]["revision"]) == ("queued", 2, 1)
