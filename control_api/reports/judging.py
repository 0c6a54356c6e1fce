"""Decisions and own scores of people."""

from control_api.access import OnSession
from control_api.parts import Parts
from control_api.reports.blind import has_scored, has_seen
from control_api.reports.kept import check_is_there
from control_api.reports.schemas import DecideRequest, OwnScoresRequest
from interview.appraisal import DecisionEntry, OwnScore, OwnScores
from interview.errors import Conflict, Invalid
from interview.report import newest_to_read
from interview.session import Session, Status

_NOT_OVER = frozenset({Status.INITIALIZED, Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED})


async def decide(parts: Parts, on: OnSession, given: DecideRequest) -> DecisionEntry:
    """Store a decision beside those before.

    Raises `NotFound` (`session_deleted`) and `Conflict` (`not_over`, `too_many_entries`).
    """
    session = on.session
    _check_over(session)
    shown = newest_to_read(await parts.storage.reports.versions(session.session_id))
    entry = DecisionEntry(
        session_id=session.session_id,
        decision=given.decision,
        reason=given.reason,
        by=on.user.user.user_id,
        at=parts.clock.now(),
        report_version=shown.version if shown else None,
    )
    stored = await parts.storage.reviews.decisions.add(entry)
    await parts.storage.audit.add(
        actor=on.caller.actor, action=f"decide: {given.decision}", subject=f"session:{session.session_id}"
    )
    return stored


async def decisions_of(parts: Parts, session: Session) -> list[DecisionEntry]:
    """Return the decisions, the last of all first."""
    return list(reversed(await parts.storage.reviews.decisions.of(session.session_id)))


async def give_scores(parts: Parts, on: OnSession, given: OwnScoresRequest) -> OwnScores:
    """Store what a person gives, beside what they gave before; whether it was blind is read from the audit log.

    Raises `NotFound` (`session_deleted`), `Invalid` (`competency_unknown`) and `Conflict` (`not_over`,
    `too_many_entries`).
    """
    session = on.session
    _check_over(session)
    known = {competency.id for competency in session.plan.competencies}
    unknown = sorted(set(given.scores) - known)
    if unknown:
        raise Invalid(f"the plan measures no {', '.join(unknown)}", code="competency_unknown", known=sorted(known))
    before = await parts.storage.reviews.own_scores.of(session.session_id)
    entry = OwnScores(
        session_id=session.session_id,
        plan_id=session.plan.plan_id,
        by=on.user.user.user_id,
        at=parts.clock.now(),
        blind=not has_scored(before, on.user) and not await has_seen(parts, session, on.user),
        scores={name: OwnScore(level=score.level, note=score.note) for name, score in given.scores.items()},
    )
    stored = await parts.storage.reviews.own_scores.add(entry)
    await parts.storage.audit.add(
        actor=on.caller.actor, action="give own scores", subject=f"session:{session.session_id}"
    )
    return stored


async def scores_of(parts: Parts, on: OnSession) -> list[OwnScores]:
    """Return what people gave; on a blind plan only one's own, until one has given them."""
    given = await parts.storage.reviews.own_scores.of(on.session.session_id)
    if on.session.plan.blind_scoring and not has_scored(given, on.user):
        return []
    return given


def _check_over(session: Session) -> None:
    check_is_there(session)
    if session.status in _NOT_OVER:
        raise Conflict("the interview is not over", code="not_over", status=session.status.value)
