"""The use cases of problems that candidates raise."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from control_api.access import OnProblem, OnSession
from control_api.incidents.page import file_page_incidents
from control_api.parts import Parts
from control_api.raised.schemas import AnswerRequest, EventGiven, EventsRequest, RaiseRequest, TakenProblem
from interview.browser_event import MAX_EVENTS, BrowserEvent
from interview.errors import Conflict, Invalid, NotFound
from interview.problem import Correction, Outcome, ProblemKind, ProblemState, RaisedProblem, problem_id
from interview.session import ConsentItem, Session, Status

_DECLINED_REF = "consent-declined"
_ERASURE_REF = "erasure-request"


async def raise_problem(parts: Parts, on: OnSession, given: RaiseRequest) -> RaisedProblem:
    """Put a problem into the owner's queue.

    Raises `Invalid` (`turn_not_found`, `incident_not_found`) and `Conflict` (`too_many_problems`).
    """
    session_id = on.session.session_id
    if given.turn_id is not None:
        await _check_turn(parts, session_id, given.turn_id)
    if given.incident_id is not None:
        await _check_incident(parts, session_id, given.incident_id)
    problem = _new(parts, on.session, **given.model_dump())
    raised = await parts.storage.problems.add(problem)
    if given.kind is ProblemKind.INCIDENT_CONTEST and given.incident_id is not None:
        # those who judge look at it again; what is said to the candidate is for the owner
        await parts.storage.incident_reviews.contest(given.incident_id, given.text, parts.clock.now())
    await parts.storage.audit.add(actor=on.caller.actor, action="raise problem", subject=f"problem:{raised.problem_id}")
    return raised


async def ask_for_a_person(parts: Parts, session: Session, declined: Sequence[ConsentItem]) -> None:
    """Tell the owner that the candidate declined what is required, and asks for another way. A repeat tells once."""
    text = f"Declined before the interview: {', '.join(declined)}. An interview with a person is asked for."
    problem = _new(parts, session, kind=ProblemKind.HUMAN_ALTERNATIVE, text=text, ref=_DECLINED_REF)
    await parts.storage.problems.add(problem, limited=False)


async def ask_for_erasure(parts: Parts, session: Session) -> RaisedProblem:
    """Tell the owner that the candidate asks for the erasure of their session. A repeat tells once."""
    text = "The candidate asks that everything about this interview be erased."
    problem = _new(parts, session, kind=ProblemKind.ERASURE_REQUEST, text=text, ref=_ERASURE_REF)
    return await parts.storage.problems.add(problem, limited=False)


async def answer_problem(parts: Parts, on: OnProblem, given: AnswerRequest) -> RaisedProblem:
    """Store what becomes of a problem, once.

    Raises `Invalid` (`correction_missing`, `turn_not_found`, `redo_not_found`) and `Conflict` (`problem_answered`).
    """
    problem = on.problem
    correction = await _correction(parts, problem, given)
    if given.redo_session_id is not None:
        await _check_redo(parts, on, given.redo_session_id)
    answered: dict[str, Any] = {
        "state": ProblemState.CLOSED if given.outcome is Outcome.NONE else ProblemState.ANSWERED,
        "outcome": given.outcome,
        "answer": given.text or None,
        "correction": correction,
        "redo_session_id": given.redo_session_id,
        "answered_at": parts.clock.now(),
        "answered_by": on.caller.user.user_id,
    }
    after = await parts.storage.problems.answer(problem, answered)
    await parts.storage.audit.add(
        actor=on.caller.actor, action=f"answer problem: {given.outcome}", subject=f"problem:{problem.problem_id}"
    )
    return after


async def take_events(parts: Parts, session: Session, given: EventsRequest) -> int:
    """Store what the page noticed while the interview was going on, file what of it is an incident, and return how much
    was new. What is acknowledged is filed.

    Only kinds that the plan looks for are stored, only after consent, and at most `MAX_EVENTS` of a session; the rest
    is acknowledged and dropped.
    """
    now = parts.clock.now()
    ahead = given.sent_at - now if given.sent_at else timedelta()
    wanted = [
        BrowserEvent(
            session_id=session.session_id,
            seq=event.seq,
            kind=event.kind,
            at=_in_server_time(event, ahead, now),
            received_at=now,
            page_at=event.at,
            length=event.length,
        )
        for event in given.events
        if event.seq < MAX_EVENTS and session.plan.proctoring.watches_for(event.kind.concerns)
    ]
    agreed = session.consents(ConsentItem.INTERVIEW)
    kept = [event for event in wanted if agreed and session.status_at(event.at) is Status.IN_PROGRESS]
    stored = await parts.storage.browser_events.add(session.session_id, kept) if kept else 0
    # also where nothing is new: time has passed, and what a process that died had only stored is filed now
    if agreed and session.attempt > 0:
        await file_page_incidents(parts, session)
    return stored


async def take_problems(parts: Parts, on: OnSession, given: Sequence[RaiseRequest]) -> list[TakenProblem]:
    """Raise the problems that were sent along, each by itself: one that is refused does not hold the others up."""
    taken: list[TakenProblem] = []
    for each in given:
        try:
            raised = await raise_problem(parts, on, each)
        except (Invalid, Conflict) as error:
            taken.append(TakenProblem(ref=each.ref or "", problem_id=None, refused=error.code))
        else:
            taken.append(TakenProblem(ref=each.ref or "", problem_id=raised.problem_id, refused=None))
    return taken


def _new(parts: Parts, session: Session, **given: Any) -> RaisedProblem:
    return RaisedProblem(
        problem_id=problem_id(session.session_id, 0),  # the storage numbers it
        session_id=session.session_id,
        owner_id=session.owner_id,
        raised_at=parts.clock.now(),
        **given,
    )


def _in_server_time(event: EventGiven, ahead: timedelta, now: datetime) -> datetime:
    """Return the time of an event by our clock, given by how much the page's is ahead; never in the future."""
    return min(event.at - ahead, now)


async def _correction(parts: Parts, problem: RaisedProblem, given: AnswerRequest) -> Correction | None:
    """Return the correction that is meant: the one given, or the one that the candidate proposed."""
    if given.outcome is not Outcome.CORRECTION:
        return None
    if given.correction is not None:
        await _check_turn(parts, problem.session_id, given.correction.turn_id)
        return given.correction
    if problem.turn_id is None or problem.proposed is None:
        raise Invalid("the candidate proposed no words; give the correction", code="correction_missing")
    return Correction(turn_id=problem.turn_id, text=problem.proposed)


async def _check_turn(parts: Parts, session_id: str, turn_id: str) -> None:
    turn = await parts.storage.turns.get(turn_id)
    if turn is None or turn.session_id != session_id:
        raise Invalid("there is no such turn in this interview", code="turn_not_found")


async def _check_incident(parts: Parts, session_id: str, incident_id: str) -> None:
    try:
        incident = await parts.storage.incidents.get(incident_id)
    except NotFound:
        incident = None
    if incident is None or incident.session_id != session_id:
        raise Invalid("there is no such incident in this interview", code="incident_not_found")


async def _check_redo(parts: Parts, on: OnProblem, session_id: str) -> None:
    """Raise `Invalid` unless it is another session of the same owner."""
    try:
        redo = await parts.storage.sessions.get(session_id)
    except NotFound:
        redo = None
    other = redo is not None and redo.session_id != on.problem.session_id and redo.status is not Status.DELETED
    if redo is None or not other or redo.owner_id != on.problem.owner_id:
        raise Invalid("there is no such other session of yours", code="redo_not_found")
