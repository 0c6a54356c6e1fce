"""The use cases of those who judge incidents."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from control_api.access import OnIncident, OnSession, UserCaller
from control_api.incidents.schemas import AddRequest, DecideIncidentRequest, QueuedIncident, ReviewAgreementAnswer
from control_api.parts import Parts
from interview.agreement import cohen_kappa
from interview.errors import Conflict, Invalid, NotFound
from interview.incident import BY_A_PERSON, Incident
from interview.incident import incident_id as id_of
from interview.review import Reason, ReviewAct, ReviewEntry, ReviewState, Verdict, first_two
from interview.rules import rules_for
from interview.session import ENDED, Session
from interview.storage.incident_reviews import Decision, QueueFilter
from interview.user import Role


def is_blind(incident: Incident, caller: UserCaller) -> bool:
    """Tell whether what was decided is kept from the caller, who may be asked for a second opinion."""
    judges = caller.user.role in (Role.PROCTOR, Role.ADMIN)
    asked = incident.state is ReviewState.SECOND_OPINION
    return judges and asked and caller.user.user_id not in incident.deciders


def shown(incident: Incident, caller: UserCaller) -> QueuedIncident:
    """Show an incident to somebody."""
    return QueuedIncident.of(incident, blind=is_blind(incident, caller))


async def page(
    parts: Parts, caller: UserCaller, wanted: QueueFilter, limit: int, cursor: str | None
) -> tuple[list[QueuedIncident], str | None]:
    """Return a page of the queue and the next cursor. Raises `Invalid` (`bad_cursor`)."""
    found, after = await parts.storage.incident_reviews.page(wanted, limit=limit, after=cursor)
    return [shown(one, caller) for one in found], after


async def people(parts: Parts, named: Iterable[str | None]) -> dict[str, str]:
    """Return the names of accounts by their ids; of those that are none, nothing."""
    ids = {user_id for user_id in named if user_id}
    return {user.user_id: user.name for user in await parts.storage.users.some(ids)} if ids else {}


async def claim(parts: Parts, on: OnIncident) -> Incident:
    """Take an incident to look at. Raises what `IncidentReviews.claim` raises."""
    _check_kept(on.session)
    reviews, now = parts.storage.incident_reviews, parts.clock.now()
    taken = await reviews.claim(_key(on), on.caller.user.user_id, now, parts.settings.incident_claim_s)
    await note(parts, on, "claim incident")
    return taken


async def release(parts: Parts, on: OnIncident) -> Incident:
    """Give an incident back undecided."""
    given = await parts.storage.incident_reviews.release(_key(on), on.caller.user.user_id, parts.clock.now())
    await note(parts, on, "release incident")
    return given


async def decide(parts: Parts, on: OnIncident, given: DecideIncidentRequest) -> Incident:
    """Decide about the incident that one holds. Raises `Conflict` (`not_claimed`)."""
    _check_kept(on.session)
    decision = Decision(on.caller.user.user_id, given.verdict, given.reason, given.note, given.second_opinion)
    decided = await parts.storage.incident_reviews.decide(_key(on), decision, parts.clock.now())
    await note(parts, on, f"decide incident: {given.verdict}")
    return decided


async def ask_again(parts: Parts, on: OnIncident, words: str) -> Incident:
    """Ask for a second opinion about a decided incident. Raises `Conflict` (`not_decided`)."""
    _check_kept(on.session)
    by, now = on.caller.user.user_id, parts.clock.now()
    asked = await parts.storage.incident_reviews.ask_again(_key(on), by, now, words)
    await note(parts, on, "ask for a second opinion")
    return asked


async def add(parts: Parts, on: OnSession, given: AddRequest) -> Incident:
    """File what somebody saw and software did not: it stands confirmed by them, and counts as missed.

    Raises `Invalid` (`not_in_session`) for what lies outside of the interview, `Conflict` (`already_filed`) where just
    this is filed, and `NotFound` (`session_deleted`).
    """
    session, now, user_id = on.session, parts.clock.now(), on.user.user.user_id
    _check_kept(session)
    _check_within(session, given, now)
    rules = rules_for(parts.rules, session.plan.proctoring, session.adjustments).rules
    entry = ReviewEntry(at=now, by=user_id, act=ReviewAct.ADDED, verdict=Verdict.CONFIRMED, reason=Reason.AS_FILED)
    incident = Incident(
        incident_id=id_of(session.session_id, given.kind, given.started_at),
        session_id=session.session_id,
        attempt=session.attempt_at(given.started_at),
        kind=given.kind,
        severity=rules[given.kind].severity,
        started_at=given.started_at,
        ended_at=given.ended_at,
        confidence=1.0,
        detector=BY_A_PERSON,
        detector_version="1",
        threshold=rules[given.kind].threshold,
        filed_at=now,
        state=ReviewState.DECIDED,
        waiting=False,
        verdict=Verdict.CONFIRMED,
        reason=Reason.AS_FILED,
        decided_by=user_id,
        decided_at=now,
        deciders=(user_id,),
        history=(entry,),
        notes={"0": given.note} if given.note else None,
        revision=1,
    )
    await parts.storage.incidents.add(incident)
    subject = f"incident:{incident.incident_id}"
    await parts.storage.audit.add(actor=on.caller.actor, action="add incident", subject=subject)
    return await parts.storage.incidents.get(incident.incident_id)


async def agreement(parts: Parts) -> ReviewAgreementAnswer:
    """Reckon how far those who judge agree."""
    twice = await parts.storage.incident_reviews.decided_twice()
    pairs = [pair for incident in twice if (pair := first_two(incident.history)) is not None]
    figures = cohen_kappa([(first.value, second.value) for first, second in pairs])
    counts = {name: await parts.storage.incident_reviews.counts(name) for name in ("state", "verdict", "decided_by")}
    return ReviewAgreementAnswer(
        n=figures.n,
        observed=figures.observed,
        expected=figures.expected,
        kappa=figures.kappa,
        pairs=dict(sorted(Counter(f"{first}/{second}" for first, second in pairs).items())),
        by_state=counts["state"],
        by_verdict=counts["verdict"],
        by_user=counts["decided_by"],
        people=await people(parts, counts["decided_by"]),
    )


async def noticed(parts: Parts, session: Session) -> list[Incident]:
    """Return what was filed about a candidate, for them. Raises `Conflict` (`not_over`) while the interview goes on."""
    if session.status not in ENDED:
        raise Conflict("this can be seen once the interview is over", code="not_over", status=session.status.value)
    return await parts.storage.incidents.of(session.session_id)


async def note(parts: Parts, on: OnIncident, action: str) -> None:
    """Note in the audit log what was done to an incident."""
    subject = f"incident:{_key(on)}"
    await parts.storage.audit.add(actor=on.caller.actor, action=action, subject=subject)


def _key(on: OnIncident) -> str:
    return on.incident.incident_id


def _check_kept(session: Session) -> None:
    if not session.is_kept:
        raise NotFound("this session was erased or anonymised: nothing is judged any more", code="session_deleted")


def _check_within(session: Session, given: AddRequest, now: datetime) -> None:
    until = min(now, session.ended_at or now)
    began_at = session.began_at(1)
    if began_at is None or not began_at <= given.started_at <= (given.ended_at or given.started_at) <= until:
        raise Invalid("this lies outside of the interview", code="not_in_session")
