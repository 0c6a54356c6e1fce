"""Changing a session that nobody has begun: when it can be started, and whom it is for."""

from control_api.access import UserCaller
from control_api.invites.links import add_link, replace_links
from control_api.outgoing.invites import MailState, invite_changed
from control_api.parts import Parts
from control_api.sessions.creating import check_window
from control_api.sessions.moves import note
from control_api.sessions.schemas import CandidateRequest, RescheduleRequest
from interview.session import Candidate, Session, searchable_email
from interview.storage.session_edits import check_not_begun


async def reschedule(
    parts: Parts, caller: UserCaller, session: Session, given: RescheduleRequest
) -> tuple[Session, str, MailState]:
    """Give a session another window; what is left out stays. Returns it with a further link, to tell of the new time.

    The links that are out stay good. Raises `Invalid` as creating does, and `Conflict` (`already_begun`).
    """
    not_before = given.not_before if "not_before" in given.model_fields_set else session.not_before
    not_after = given.not_after or session.not_after
    check_window(parts.clock.now(), not_before, not_after)
    changed = await parts.storage.session_edits.reschedule(session.session_id, not_before, not_after)
    await note(parts, caller, "reschedule session", changed)
    url = (await add_link(parts, changed)).url
    told = await invite_changed(parts, changed, url, send=given.send)
    return changed, url, told.mail


async def correct_candidate(
    parts: Parts, caller: UserCaller, session: Session, given: CandidateRequest
) -> tuple[Session, str | None, MailState]:
    """Correct name or email. Another email gets a new link, and the old ones open nothing any more.

    The first one's résumé, and the questions drawn from it, are not the other's: they go before anything else.

    Raises `Conflict` (`already_begun`).
    """
    candidate = Candidate(name=given.name or session.candidate.name, email=given.email or session.candidate.email)
    another = searchable_email(candidate.email) != session.candidate_email
    if another:
        check_not_begun(session)
        await _forget_what_was_drawn_up(parts, session)
    changed = await parts.storage.session_edits.set_candidate(session.session_id, candidate)
    await note(parts, caller, "correct candidate", changed)
    if not another:
        return changed, None, MailState.NOT_ASKED
    url = (await replace_links(parts, changed)).url
    await _forget_what_was_drawn_up(parts, session)  # until here the first one's link was good
    told = await invite_changed(parts, changed, url, send=given.send)
    return changed, url, told.mail


async def _forget_what_was_drawn_up(parts: Parts, session: Session) -> None:
    await parts.storage.resumes.forget(session.session_id)
    await parts.storage.proposals.forget(session.session_id)
