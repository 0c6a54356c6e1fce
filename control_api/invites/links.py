"""Making, renewing and withdrawing a session's links."""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from control_api.access import UserCaller
from control_api.invites.validity import opens_now, retention
from control_api.outgoing.invites import MailState, invite_changed, invite_withdrawn
from control_api.parts import Parts
from interview.errors import Conflict, RoomServiceUnavailable
from interview.invite import Invite, hash_secret, new_secret, opens_until
from interview.names import candidate_identity
from interview.session import STARTED, Session

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NewLink:
    """A link as it is shown once, and what is kept of it."""

    url: str
    invite: Invite


def draw_link(parts: Parts, session_id: str) -> NewLink:
    """Draw a link for a session; it opens nothing before its `invite` is stored."""
    secret = new_secret()
    invite = Invite(secret_hash=hash_secret(secret), session_id=session_id, created_at=parts.clock.now())
    return NewLink(f"{parts.settings.api_public_url.rstrip('/')}/interview#{secret}", invite)


async def add_link(parts: Parts, session: Session) -> NewLink:
    """Make a further link; the others stay good."""
    link = draw_link(parts, session.session_id)
    await parts.storage.invites.add(link.invite)
    return link


async def replace_links(parts: Parts, session: Session) -> NewLink:
    """Make a new link, and let it be the only one; whoever came in through another is out."""
    link = draw_link(parts, session.session_id)
    await parts.storage.invites.add(link.invite)
    await parts.storage.invites.revoke_of(session.session_id, parts.clock.now(), but=link.invite.secret_hash)
    await parts.storage.session_edits.free_seat(session.session_id)
    return link


async def put_candidate_out(parts: Parts, session: Session) -> None:
    """Put whoever came in by a link that is withdrawn out of the room; who has a good one can come back.

    If LiveKit is away they stay until it, or the interview, ends: the link is withdrawn all the same.
    """
    if session.status not in STARTED:
        return
    try:
        await parts.rooms.remove(session.session_id, candidate_identity(session.session_id))
    except RoomServiceUnavailable as error:
        log.warning("session %s: its candidate could not be put out: %s", session.session_id, error.code)


async def renew(parts: Parts, caller: UserCaller, session: Session, *, send: bool) -> tuple[str, MailState]:
    """Replace a session's links on its owner's behalf, and tell of it. Raises `Conflict` (`session_over`)."""
    until = opens_until(session, retention(parts, session))
    if until is not None and until <= parts.clock.now():
        raise Conflict(
            "a link to this session would open nothing: it is over", code="session_over", status=session.status.value
        )
    url = (await replace_links(parts, session)).url
    await put_candidate_out(parts, session)
    await parts.storage.audit.add(actor=caller.actor, action="renew invite", subject=f"session:{session.session_id}")
    return url, (await invite_changed(parts, session, url, send=send)).mail


async def revoke(parts: Parts, caller: UserCaller, session: Session, *, send: bool) -> MailState:
    """Withdraw all links of a session: what is open in a browser closes at once. Repeating it is harmless."""
    now = parts.clock.now()
    revoked = await parts.storage.invites.revoke_of(session.session_id, now)
    await put_candidate_out(parts, session)
    if not revoked:
        return MailState.NOT_ASKED
    await parts.storage.audit.add(actor=caller.actor, action="revoke invite", subject=f"session:{session.session_id}")
    return (await invite_withdrawn(parts, session, now, send=send)).mail


class InviteState(StrEnum):
    """Whether a session has a link that opens it."""

    GOOD = "good"
    REVOKED = "revoked"
    OVER = "over"
    """Its time is over: the window for starting, or retention."""
    NONE = "none"


@dataclass(frozen=True)
class Links:
    """What is known about a session's links together; never a secret."""

    state: InviteState
    created_at: datetime | None
    first_opened_at: datetime | None
    last_opened_at: datetime | None
    opened_count: int
    valid_until: datetime | None
    """None: as long as the session stays as it is, or not at all."""


async def look_at_links(parts: Parts, session: Session) -> Links:
    """Tell how a session's links stand."""
    invites = await parts.storage.invites.of(session.session_id)
    good = any(opens_now(parts, invite, session) for invite in invites)
    if good:
        state = InviteState.GOOD
    elif not invites:
        state = InviteState.NONE
    else:
        state = InviteState.REVOKED if all(invite.revoked_at for invite in invites) else InviteState.OVER
    opened = [invite.first_opened_at for invite in invites if invite.first_opened_at]
    return Links(
        state=state,
        created_at=invites[-1].created_at if invites else None,
        first_opened_at=min(opened, default=None),
        last_opened_at=max((i.last_opened_at for i in invites if i.last_opened_at), default=None),
        opened_count=sum(invite.opened_count for invite in invites),
        valid_until=opens_until(session, retention(parts, session)) if good else None,
    )
