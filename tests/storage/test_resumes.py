"""Résumés and questions of a candidate's own, as the database holds them."""

import asyncio

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.errors import Conflict
from interview.plan import Question, QuestionSource
from interview.session import Candidate, Session, Status
from interview.storage import Storage
from interview.storage.verify import verify
from tests.resumes import resume
from tests.storage.builders import session
from tests.storage.test_privacy import dump


def own(number: int, text: str = "What was your part in the ledger?") -> Question:
    return Question(id=f"own-{number}", text=text, competency="depth", optional=True, source=QuestionSource.RESUME)


async def stored(storage: Storage) -> Session:
    one = session()
    await storage.sessions.add(one)
    return one


async def test_neither_text_nor_file_of_a_resume_lies_in_plain(timed: Storage, timed_raw: AsyncIOMotorDatabase) -> None:
    one = await stored(timed)
    kept = resume(one.session_id, "Walrus taxidermy since 2019")
    await timed.resumes.put(kept, b"Walrus taxidermy since 2019")
    assert await timed.resumes.get(one.session_id) == kept
    assert await timed.files.get(kept.file_id) == b"Walrus taxidermy since 2019"
    assert b"Walrus" not in b"".join((await dump(timed_raw)).values())


async def test_a_new_resume_takes_the_place_of_the_old_one_and_its_file(timed: Storage) -> None:
    one = await stored(timed)
    first, second = resume(one.session_id), resume(one.session_id, "Another text altogether")
    second = second.model_copy(update={"file_id": f"{second.file_id}-2"})
    await timed.resumes.put(first, b"first")
    await timed.resumes.put(second, b"second")
    await timed.resumes.put(second, b"second")
    assert await timed.resumes.get(one.session_id) == second
    assert await timed.files.ids_of(one.session_id) == [second.file_id]
    assert await verify(timed) == []
    assert await timed.resumes.forget(one.session_id)
    assert not await timed.resumes.forget(one.session_id)
    assert await timed.files.ids_of(one.session_id) == []


async def test_questions_that_come_at_once_are_all_there_and_the_plans_own_stay_first(timed: Storage) -> None:
    one = await stored(timed)
    added = [own(n) for n in range(4)]
    await asyncio.gather(
        *(timed.session_edits.change_questions(one.session_id, lambda there, q=q: (*there, q)) for q in added)
    )
    after = await timed.sessions.get(one.session_id)
    assert after.plan.questions[0] == one.plan.questions[0]
    assert {question.id for question in after.plan.questions[1:]} == {question.id for question in added}
    assert after.progress.total == 5
    assert after.plan.core_questions == one.plan.questions


async def test_questions_of_a_session_of_an_older_version_can_be_added_to(
    timed: Storage, timed_raw: AsyncIOMotorDatabase
) -> None:
    one = await stored(timed)
    older = [{"id": "q1", "text": "What did you build?", "competency": "depth"}]
    await timed_raw["sessions"].update_one({"_id": one.session_id}, {"$set": {"plan.questions": older}})
    after = await timed.session_edits.change_questions(one.session_id, lambda there: (*there, own(1)))
    assert [question.id for question in after.plan.questions] == ["q1", "own-1"]


async def test_nothing_is_added_to_an_interview_that_has_begun(timed: Storage) -> None:
    one = await stored(timed)
    await timed.sessions.move(one.session_id, Status.IN_PROGRESS, by="user:owner-1")
    with pytest.raises(Conflict) as refused:
        await timed.session_edits.change_questions(one.session_id, lambda there: (*there, own(1)))
    assert refused.value.code == "already_begun"


async def test_another_person_is_not_asked_what_the_first_ones_resume_said(timed: Storage) -> None:
    one = await stored(timed)
    await timed.session_edits.change_questions(one.session_id, lambda there: (*there, own(1)))
    named = Candidate(name="Zephyrine Quagga", email=one.candidate.email)
    assert len((await timed.session_edits.set_candidate(one.session_id, named)).plan.questions) == 2
    another = Candidate(name="Somebody", email="somebody@quokka.example")
    after = await timed.session_edits.set_candidate(one.session_id, another)
    assert after.plan == one.plan
    assert after.progress.total == 1


async def test_anonymising_takes_resume_proposals_and_questions_of_ones_own(timed: Storage) -> None:
    one = await stored(timed)
    await timed.resumes.put(resume(one.session_id), b"text")
    await timed.proposals.ask(one.session_id, (QuestionSource.RESUME,), 3, "owner-1")
    await timed.session_edits.change_questions(one.session_id, lambda there: (*there, own(1)))
    await timed.sessions.move(one.session_id, Status.EXPIRED, by="system:custodian")
    await timed.anonymise_session(one.session_id)
    assert (await timed.sessions.get(one.session_id)).plan == one.plan
    assert await timed.resumes.get(one.session_id) is None
    assert await timed.proposals.of(one.session_id) == []
    assert await timed.files.ids_of(one.session_id) == []
