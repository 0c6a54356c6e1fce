"""The use cases of proposed questions. None of them is asked unless the session's owner, or an admin, approved it."""

import re
from collections.abc import Sequence

from control_api.access import OnSession
from control_api.parts import Parts
from control_api.proposals.schemas import ProposalsRequest
from control_api.sessions.moves import note
from interview.errors import Conflict, NotFound
from interview.plan import MAX_QUESTIONS, Question, QuestionSource
from interview.proposal import MAX_APPROVED, Decision, ProposalRun, ProposedQuestion
from interview.session import Session
from interview.storage.session_edits import check_not_begun

_ID = re.compile(r"([1-9][0-9]?)-([1-9][0-9]?)")
_FOLLOW_UPS = 1


async def ask_for_proposals(parts: Parts, on: OnSession, given: ProposalsRequest) -> ProposalRun:
    """Queue a run of proposing, or return the one that is under way.

    Raises `Conflict` (`already_begun`, `nothing_to_draw_from`, `too_many_proposals`).
    """
    session = on.session
    check_not_begun(session)
    there = await _sources_of(parts, session)
    sources = [one for one in there if given.sources is None or one in given.sources]
    if not sources:
        raise Conflict(
            "there is nothing to draw questions from; hand in a résumé, or use a plan with a job description",
            code="nothing_to_draw_from",
        )
    run = await parts.storage.proposals.ask(session.session_id, sources, given.limit, on.user.user.user_id)
    await note(parts, on.caller, "ask for proposals", session)
    return run


async def list_proposals(parts: Parts, on: OnSession) -> list[ProposalRun]:
    """Return everything that was proposed. It quotes the résumé, so the reading is noted."""
    await note(parts, on.caller, "read proposals", on.session)
    return await parts.storage.proposals.of(on.session.session_id)


async def approve(parts: Parts, on: OnSession, proposal_id: str, text: str | None) -> tuple[Session, ProposalRun]:
    """Make a proposed question one of the session's, after its plan's own, in these words or as proposed.

    May be repeated, with other words too. Raises `NotFound` (`proposal_not_found`) and `Conflict` (`already_begun`,
    `too_many_questions`, `session_busy`).
    """
    run, proposed = await _found(parts, on.session, proposal_id)
    wanted = Question(
        id=run.question_id(proposed.number),
        text=text or proposed.text,
        competency=proposed.competency,
        max_follow_ups=_FOLLOW_UPS,
        optional=True,
        source=proposed.source,
    )
    return await _decided(parts, on, run, proposed, wanted)


async def reject(parts: Parts, on: OnSession, proposal_id: str) -> tuple[Session, ProposalRun]:
    """Leave a proposed question out, also one that was approved before. May be repeated. Raises as `approve`."""
    run, proposed = await _found(parts, on.session, proposal_id)
    return await _decided(parts, on, run, proposed, None)


async def _decided(
    parts: Parts, on: OnSession, run: ProposalRun, proposed: ProposedQuestion, wanted: Question | None
) -> tuple[Session, ProposalRun]:
    """Have the session ask `wanted` for the proposed question, or nothing, and note who said so.

    The session first: it alone says what is asked, so whoever dies in between leaves a note out and nothing else.
    """
    question_id = run.question_id(proposed.number)
    session = await parts.storage.session_edits.change_questions(
        on.session.session_id, lambda present: _with(present, question_id, wanted)
    )
    decision = Decision(approved=wanted is not None, at=parts.clock.now(), by=on.user.user.user_id)
    run = await parts.storage.proposals.note_decision(run, proposed.number, decision)
    await note(parts, on.caller, "approve question" if wanted else "reject question", session)
    return session, run


def _with(present: Sequence[Question], question_id: str, wanted: Question | None) -> tuple[Question, ...]:
    """Return the questions with `wanted` in the place of the one with that id, or behind all; without it for None."""
    if wanted is None:
        return tuple(question for question in present if question.id != question_id)
    if any(question.id == question_id for question in present):
        return tuple(wanted if question.id == question_id else question for question in present)
    own = sum(question.source is not QuestionSource.PLAN for question in present)
    if own >= MAX_APPROVED or len(present) >= MAX_QUESTIONS:
        raise Conflict(
            f"an interview has at most {MAX_QUESTIONS} questions, {MAX_APPROVED} of them a candidate's own",
            code="too_many_questions",
            own=own,
            total=len(present),
        )
    return (*present, wanted)


async def _sources_of(parts: Parts, session: Session) -> list[QuestionSource]:
    has_resume = await parts.storage.resumes.get(session.session_id) is not None
    there = {
        QuestionSource.RESUME: has_resume,
        QuestionSource.JOB_DESCRIPTION: bool(session.plan.job_description.strip()),
    }
    return [source for source, is_there in there.items() if is_there]


async def _found(parts: Parts, session: Session, proposal_id: str) -> tuple[ProposalRun, ProposedQuestion]:
    match = _ID.fullmatch(proposal_id)
    if match:
        version, number = int(match[1]), int(match[2])
        for run in await parts.storage.proposals.of(session.session_id):
            proposed = run.question(number) if run.version == version else None
            if proposed is not None:
                return run, proposed
    raise NotFound("there is no such proposed question", code="proposal_not_found")
