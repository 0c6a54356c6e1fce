"""The use cases of a session's life, one function each. Statuses change only by the storage's atomic moves."""

import logging
import uuid
from collections.abc import Iterable
from datetime import timedelta

from control_api.access import Act, Caller, UserCaller, check_may_create, rows_of, session_for
from control_api.invites.consent_text import TEXT_VERSION
from control_api.parts import Parts
from control_api.sessions.schemas import ConsentRequest, CreateRequest, QuestionGiven
from interview.catalogue import languages
from interview.errors import Conflict, IllegalTransition, Invalid, NotFound, RoomServiceUnavailable
from interview.invite import Invite, hash_secret, new_secret
from interview.names import room_name
from interview.plan import Competency, Plan, Question
from interview.report import ReportStatus
from interview.session import ENDED, Candidate, Consent, ConsentItem, Progress, Session, Status
from interview.transcript import Speaker

log = logging.getLogger(__name__)

_INVITE_GRACE_S = 24 * 3600
"""A link outlives the window for starting: an interview begun in the last minute still finds its way back."""
_WAITING = frozenset({Status.INITIALIZED, Status.QUEUED})
_RESTARTABLE = _WAITING | {Status.FAILED}


async def create(parts: Parts, caller: UserCaller, given: CreateRequest) -> tuple[Session, str]:
    """Make a session and its invite; return it with the link. Needs neither LiveKit nor any agent.

    Raises `Invalid` (`plan_not_found`, `language_unknown`, `window_closed`) and `NotAllowed`.
    """
    check_may_create(caller)
    session_id = str(uuid.uuid4())
    session = _new_session(parts, caller, given, session_id)
    secret = new_secret()
    window_ends = max(session.created_at + timedelta(seconds=parts.settings.invite_ttl_s), session.not_after)
    invite = Invite(
        secret_hash=hash_secret(secret),
        session_id=session_id,
        created_at=session.created_at,
        expires_at=window_ends + timedelta(seconds=_INVITE_GRACE_S),
    )
    # the invite first: one without a session opens nothing, while a session without its link would be half-made
    await parts.storage.invites.add(invite)
    await parts.storage.sessions.add(session)
    await _note(parts, caller, "create session", session_id)
    return session, f"{parts.settings.api_public_url.rstrip('/')}/interview#{secret}"


async def list_page(
    parts: Parts, caller: UserCaller, *, status: Status | None, limit: int, cursor: str | None
) -> tuple[list[Session], str | None]:
    """Return a page of one's own sessions (admin: everybody's), newest first, and the cursor of the next page."""
    return await parts.storage.sessions.page(owner_id=rows_of(caller), status=status, limit=limit, after=cursor)


async def give_consent(parts: Parts, caller: Caller, session_id: str, given: ConsentRequest) -> Session:
    """Record what was agreed to, by the candidate or by an owner who vouches for it.

    Raises `Conflict` (`consent_text_changed`) when other words were shown, and when the session has begun.
    """
    await session_for(parts, caller, session_id, Act.CONSENT)
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
    session = await parts.storage.sessions.set_consent(session_id, consent)
    await _note(parts, caller, "record consent", session_id)
    return session


async def check_may_join(parts: Parts, caller: Caller, session_id: str) -> Session:
    """Return the session if a fresh room token may be given; raises `Conflict` (`session_ended`) afterwards."""
    session = await session_for(parts, caller, session_id, Act.JOIN)
    if session.status in ENDED:
        raise Conflict(
            f"this session is {session.status}; nobody can join it", code="session_ended", status=session.status.value
        )
    return session


async def start(parts: Parts, caller: Caller, session_id: str) -> Session:
    """Begin a session, or begin a failed one anew as its next attempt. Repeating it on a running one changes nothing.

    Exactly one of many callers at once sends the agents. If LiveKit is away the session becomes `FAILED`, and
    `RoomServiceUnavailable` is raised; it can be started again. Raises `Conflict` (`consent_missing`, `too_early`,
    `window_closed`) and `IllegalTransition`.
    """
    session = await session_for(parts, caller, session_id, Act.START)
    if session.status in _RESTARTABLE:
        await _check_may_start(parts, caller, session)
        try:
            session = await parts.storage.sessions.start(session_id, by=caller.actor)
        except IllegalTransition:
            session = await parts.storage.sessions.get(session_id)  # another caller was faster
        else:
            await _send_agents(parts, session)
            await _note(parts, caller, "start session", session_id)
            return session
    if session.status is not Status.IN_PROGRESS:
        raise IllegalTransition(
            f"a session that is {session.status} cannot be started", status=session.status.value, wanted="IN_PROGRESS"
        )
    await parts.rooms.open(session_id)  # the faster caller may not have come to it, and the token needs the room
    return session


async def end(parts: Parts, caller: Caller, session_id: str) -> tuple[Session, ReportStatus | None]:
    """End a session that has begun: `COMPLETED`, or `EXPIRED` when nothing was answered. Repeating it changes nothing.

    Deletes the room and queues the report; returns the session and where the report stands. Raises
    `IllegalTransition` when it has not begun or was deleted.
    """
    session = await session_for(parts, caller, session_id, Act.END)
    if session.status in {Status.INITIALIZED, Status.DELETED}:
        raise IllegalTransition(
            f"a session that is {session.status} cannot be ended", status=session.status.value, wanted="COMPLETED"
        )
    if session.status not in ENDED:
        session = await _end_running(parts, caller, session)
    # also after a repeat: the first call may have died between these steps, and each of them may be repeated
    await _close_room(parts, session_id)
    return session, await _queue_report(parts, session)


async def delete(parts: Parts, caller: Caller, session_id: str) -> None:
    """Erase everything about a session but a tombstone, from any state. Repeating it erases again what is left.

    The tombstone comes first: from then on agents are fenced off, so nothing new is written behind the eraser.
    """
    session = await session_for(parts, caller, session_id, Act.DELETE)
    if session.status is not Status.DELETED:
        await parts.storage.sessions.tombstone(session_id, by=caller.actor)
        await _note(parts, caller, "delete session", session_id)
    await parts.storage.invites.revoke_of(session_id, parts.clock.now())
    await _close_room(parts, session_id)
    await parts.storage.erase_session(session_id)


def _new_session(parts: Parts, caller: UserCaller, given: CreateRequest, session_id: str) -> Session:
    now = parts.clock.now()
    opens = max(now, given.not_before) if given.not_before else now
    not_after = given.not_after or opens + timedelta(seconds=parts.settings.invite_ttl_s)
    if not_after <= now:
        raise Invalid("not_after has passed already", code="window_closed")
    if given.language is not None and given.language not in languages():
        raise Invalid(
            f"the interviewer does not speak {given.language!r}", code="language_unknown", known=sorted(languages())
        )
    plan = _one_off_plan(given, session_id)
    return Session(
        session_id=session_id,
        owner_id=caller.user.user_id,
        candidate=Candidate(name=given.name, email=given.email),
        plan=plan,
        livekit_room_name=room_name(session_id),
        created_at=now,
        updated_at=now,
        not_before=given.not_before,
        not_after=not_after,
        progress=Progress(total=len(plan.questions)),
    )


def _one_off_plan(given: CreateRequest, session_id: str) -> Plan:
    """Make a plan of plain questions: ids `q1`, `q2`, …; a competency's id is its name as given."""
    if given.questions is None:
        raise Invalid(f"there is no plan {given.plan_id!r}", code="plan_not_found")
    asked = [q if isinstance(q, QuestionGiven) else QuestionGiven(text=q) for q in given.questions]
    names = dict.fromkeys(question.competency for question in asked)
    chosen = {"language": given.language, "duration_s": given.duration_s}
    return Plan(
        plan_id=f"one-off-{session_id}",
        title="Interview",
        competencies=tuple(Competency(id=name, name=name) for name in names),
        questions=tuple(
            Question(id=f"q{n}", text=q.text, competency=q.competency, max_follow_ups=q.max_follow_ups)
            for n, q in enumerate(asked, 1)
        ),
        **{name: value for name, value in chosen.items() if value is not None},
    )


async def _check_may_start(parts: Parts, caller: Caller, session: Session) -> None:
    now = parts.clock.now()
    if session.not_before is not None and now < session.not_before:
        raise Conflict("it is too early to start", code="too_early", not_before=session.not_before.isoformat())
    if now > session.not_after:
        # a failed one stays failed: it began, and its owner can make another
        now_is = await _move_if_still(
            parts, session, Status.EXPIRED, by=caller.actor, reason="not started in its window", only_from=_WAITING
        )
        raise Conflict(
            "the time in which this session could be started is over",
            code="window_closed",
            status=now_is.status.value,
            not_after=session.not_after.isoformat(),
        )
    if not session.consents(ConsentItem.INTERVIEW):
        raise Conflict("consent to the interview has not been recorded", code="consent_missing")


async def _send_agents(parts: Parts, session: Session) -> None:
    """Make the room and send the agents of this attempt; if that fails the session is `FAILED`, with the reason."""
    proctor = session.plan.proctoring.enabled and session.consents(ConsentItem.CAMERA)
    try:
        await parts.rooms.open(session.session_id)
        if session.attempt > 1:
            await parts.rooms.retire(session.session_id, session.attempt - 1)
        await parts.rooms.dispatch(session.session_id, session.attempt, proctor=proctor)
    except (RoomServiceUnavailable, NotFound) as error:
        log.error("session %s attempt %d: the room failed: %s", session.session_id, session.attempt, error.code)
        await parts.storage.sessions.move(
            session.session_id,
            Status.FAILED,
            by="system:control_api",
            reason="the room service was not available",
            only_from={Status.IN_PROGRESS},
            attempt=session.attempt,
        )
        raise RoomServiceUnavailable(
            "the room service is not available; the session can be started again", status=Status.FAILED.value
        ) from error


async def _end_running(parts: Parts, caller: Caller, session: Session) -> Session:
    turns = await parts.storage.turns.of(session.session_id)
    answered = any(turn.speaker is Speaker.CANDIDATE for turn in turns)
    target = Status.COMPLETED if answered else Status.EXPIRED
    who = "the candidate" if not isinstance(caller, UserCaller) else "its owner or an admin"
    reason = f"ended by {who}" if answered else f"ended by {who} before any answer"
    return await _move_if_still(parts, session, target, by=caller.actor, reason=reason)


async def _move_if_still(
    parts: Parts,
    session: Session,
    target: Status,
    *,
    by: str,
    reason: str,
    only_from: Iterable[Status] | None = None,
) -> Session:
    """Move the session; if somebody else ended it in between, return it as it is now."""
    try:
        return await parts.storage.sessions.move(session.session_id, target, by=by, reason=reason, only_from=only_from)
    except IllegalTransition:
        now = await parts.storage.sessions.get(session.session_id)
        if now.status not in ENDED:
            raise
        return now


async def _queue_report(parts: Parts, session: Session) -> ReportStatus | None:
    """Queue the report of a session that began and is over; a failed one may begin again and has none yet."""
    if session.attempt == 0 or session.status is Status.FAILED:
        return None
    settle_s = parts.settings.report_settle_s
    return (await parts.storage.reports.enqueue(session.session_id, after_s=settle_s)).status


async def _close_room(parts: Parts, session_id: str) -> None:
    """Delete the room. When LiveKit is away the room closes by itself, empty or by its departure time."""
    try:
        await parts.rooms.close(session_id)
    except RoomServiceUnavailable as error:
        log.warning("session %s: its room could not be closed: %s", session_id, error.code)


async def _note(parts: Parts, caller: Caller, action: str, session_id: str) -> None:
    await parts.storage.audit.add(actor=caller.actor, action=action, subject=f"session:{session_id}")
