"""Recording what a candidate agrees to, declines, and takes back."""

from collections.abc import Mapping, Sequence

from control_api.access import Caller, UserCaller
from control_api.incidents.watching import put_out_observers
from control_api.parts import Parts
from control_api.raised.service import ask_for_a_person
from control_api.sessions.consent_schemas import ConsentAsked, ConsentRequest
from control_api.sessions.moves import note
from control_api.sessions.pausing import tell_agents
from interview import consent as consent_texts
from interview.errors import Conflict, IllegalTransition, NotFound
from interview.session import BY_CANDIDATE, STARTED, Consent, ConsentEntry, ConsentItem, Session, Status
from interview.storage.session_moves import consent_missing
from interview.storage.sessions import consent_by_candidate

DECLINED = "consent declined"
"""Why a session ended that never began, because something required was declined."""

_WAITING = frozenset({Status.INITIALIZED, Status.QUEUED})


def what_is_asked(parts: Parts, session: Session) -> ConsentAsked:
    """Return the present words for this session's plan, and what was answered to them already.

    Raises `NotFound` (`session_deleted`) for an erased one.
    """
    if session.status is Status.DELETED:
        raise NotFound("this session was deleted, and everything about it erased", code="session_deleted")
    settings, plan = parts.settings, session.plan
    text = consent_texts.current_text(plan.language)
    keeping = consent_texts.Keeping(
        who=settings.organisation_name,
        house_days=settings.retention_days,
        declined_days=settings.retention_declined_days,
    )
    return ConsentAsked(
        text_version=text.version,
        introduction=consent_texts.introduction_for(text, plan, keeping),
        questions=consent_texts.questions_for(text, plan, keeping),
        given=session.consent.items if session.consent else None,
    )


async def give_consent(parts: Parts, caller: Caller, session: Session, given: ConsentRequest) -> Session:
    """Record what was agreed to, by the candidate or by an owner who vouches for it. Before the start it may change.

    Only what the plan needs is recorded; what is left out is not agreed to. Where something required is declined, the
    session ends (`EXPIRED`), and its owner finds in the queue that a person is asked for. Raises `Conflict`
    (`consent_text_changed`) when other words were shown, `consent_closed` when the session has begun or ended, and
    `consent_by_candidate` for an owner after the candidate has answered.
    """
    version = consent_texts.current_text(session.plan.language).version
    if given.text_version != version:
        raise Conflict(
            "the words of the consent have changed; show the present ones and ask again",
            code="consent_text_changed",
            text_version=version,
        )
    consent = _consent(parts, caller, session, given.items, version)
    declined = [item for item in session.plan.consent.required if given.items.get(item) is False]
    if isinstance(caller, UserCaller) and session.consent is not None and session.consent.is_the_candidates:
        raise consent_by_candidate()
    if declined:
        return await _end_kindly(parts, caller, session, consent, declined)
    complete = not consent_texts.missing(session.plan, consent.items)
    recorded = await parts.storage.sessions.set_consent(session.session_id, consent, complete=complete)
    await note(parts, caller, "record consent", session)
    return recorded


async def withdraw_consent(parts: Parts, caller: Caller, session: Session, items: Sequence[ConsentItem]) -> Session:
    """Take back the consent to optional items, at any time: recording stops, the proctor leaves. Repeating is harmless.

    Raises `Conflict`: `consent_required` for an item without which there is no interview, `consent_missing` where
    nothing was agreed to.
    """
    required = [item for item in items if item in session.plan.consent.required]
    if required:
        raise Conflict(
            "there is no interview without this; to take it back, end the interview",
            code="consent_required",
            items=[item.value for item in required],
        )
    if session.consent is None:
        raise _nothing_agreed()
    version, by = session.consent.text_version, _giver(caller)
    for item in items:
        session = await parts.storage.sessions.withdraw_consent(session.session_id, item, version, by)
    if session.consent is None:  # erased meanwhile
        raise _nothing_agreed()
    await note(parts, caller, "withdraw consent", session)
    if session.status in STARTED:
        await tell_agents(parts, session)
        if ConsentItem.CAMERA in items:
            await put_out_observers(parts, session.session_id)
    return session


def _nothing_agreed() -> Conflict:
    return Conflict("nothing has been agreed to", code="consent_missing", items=[])


def check_consent(session: Session) -> None:
    """Raise `Conflict` (`consent_missing`), naming the items, unless everything required was agreed to."""
    agreed = session.consent.items if session.consent else {}
    missing = consent_texts.missing(session.plan, agreed)
    if missing:
        raise consent_missing(missing)


def words_of_declining(session: Session) -> str:
    """Return what is said to a candidate who declined something required, in their language; empty for all others."""
    if session.status is not Status.EXPIRED or session.end_reason != DECLINED:
        return ""
    return consent_texts.current_text(session.plan.language).declined


def _consent(
    parts: Parts, caller: Caller, session: Session, given: Mapping[ConsentItem, bool], version: str
) -> Consent:
    now, by = parts.clock.now(), _giver(caller)
    items = {item: given.get(item, False) for item in consent_texts.asked(session.plan)}
    entries = tuple(
        ConsentEntry(item=item, agreed=agreed, text_version=version, at=now, by=by) for item, agreed in items.items()
    )
    return Consent(items=items, text_version=version, given_at=now, given_by=by, entries=entries)


async def _end_kindly(
    parts: Parts, caller: Caller, session: Session, consent: Consent, declined: Sequence[ConsentItem]
) -> Session:
    """End a session that waits. The owner is told first, and once: a repeat finds both done."""
    if session.status not in _WAITING:
        return _already_declined(session)
    await ask_for_a_person(parts, session, declined)
    try:
        ended = await parts.storage.sessions.move(
            session.session_id,
            Status.EXPIRED,
            by=caller.actor,
            reason=DECLINED,
            only_from=_WAITING,
            changes={"consent": consent},
        )
    except IllegalTransition:
        return _already_declined(await parts.storage.sessions.get(session.session_id))
    await note(parts, caller, "decline consent", session)
    return ended


def _already_declined(session: Session) -> Session:
    if words_of_declining(session):
        return session
    raise Conflict(
        f"consent is given or declined before the start; this session is {session.status}",
        code="consent_closed",
        status=session.status.value,
    )


def _giver(caller: Caller) -> str:
    return caller.user.user_id if isinstance(caller, UserCaller) else BY_CANDIDATE
