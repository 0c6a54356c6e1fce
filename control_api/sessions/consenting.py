"""Recording what a candidate agrees to."""

from control_api.access import Caller, UserCaller
from control_api.invites.consent_text import TEXT_VERSION
from control_api.parts import Parts
from control_api.sessions.schemas import ConsentRequest
from interview.errors import Conflict
from interview.session import Consent, ConsentItem, Session


async def give_consent(parts: Parts, caller: Caller, session: Session, given: ConsentRequest) -> Session:
    """Record what was agreed to, by the candidate or by an owner who vouches for it.

    Raises `Conflict` (`consent_text_changed`) when other words were shown, and when the session has begun.
    """
    if given.text_version != TEXT_VERSION:
        raise Conflict(
            "the words of the consent have changed; show the present ones and ask again",
            code="consent_text_changed",
            text_version=TEXT_VERSION,
        )
    consent = Consent(
        items={item: given.items.get(item, False) for item in ConsentItem},
        text_version=given.text_version,
        given_at=parts.clock.now(),
        given_by=caller.user.user_id if isinstance(caller, UserCaller) else "candidate",
    )
    recorded = await parts.storage.sessions.set_consent(session.session_id, consent)
    await parts.storage.audit.add(actor=caller.actor, action="record consent", subject=f"session:{session.session_id}")
    return recorded
