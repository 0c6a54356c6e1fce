"""Making a session and its invite."""

from datetime import datetime, timedelta

from control_api.access import UserCaller, usable_plan
from control_api.idempotency import Claim
from control_api.invites.links import draw_link, replace_links
from control_api.outgoing.invites import MailState, invite_created
from control_api.parts import Parts
from control_api.plans.service import check_language
from control_api.sessions.schemas import CreateRequest, QuestionGiven
from interview.errors import Conflict, Invalid, NotFound
from interview.names import room_name
from interview.plan import Competency, Plan, Question
from interview.session import Candidate, Progress, Session


async def create(
    parts: Parts, caller: UserCaller, given: CreateRequest, claim: Claim
) -> tuple[Session, str, MailState]:
    """Make a session and its invite; return it with the link. Needs neither LiveKit nor any agent.

    Raises `Invalid` (`plan_not_found`, `language_unknown`, `window_closed`).
    """
    session_id = claim.session_id()
    plan = await plan_for(parts, caller, given, session_id)
    session = new_session(parts, caller, given, plan, session_id)
    session, url = await add_with_link(parts, session, claim, by=caller.actor, action="create session")
    told = await invite_created(parts, session, url, send=given.send)
    return session, url, told.mail


async def add_with_link(parts: Parts, session: Session, claim: Claim, *, by: str, action: str) -> tuple[Session, str]:
    """Store a new session and its link; return both. Completes what an earlier try of the same claim began.

    The link of that try was told to nobody: it is replaced.
    """
    if not claim.begun_before:
        link = draw_link(parts, session.session_id)
        # the invite first: one without a session opens nothing, while a session without its link would be half-made
        await parts.storage.invites.add(link.invite, session_to_come=True)
        try:
            await parts.storage.sessions.add(session)
        except Conflict:
            await parts.storage.invites.remove(link.invite.secret_hash)  # who took the call over was faster
        else:
            await parts.storage.audit.add(actor=by, action=action, subject=f"session:{session.session_id}")
            return session, link.url
    await claim.hold()
    try:
        session = await parts.storage.sessions.get(session.session_id)
    except NotFound:
        await parts.storage.sessions.add(session)
    url = (await replace_links(parts, session)).url
    subject = f"session:{session.session_id}"
    if action not in {entry.action for entry in await parts.storage.audit.of_subject(subject)}:
        await parts.storage.audit.add(actor=by, action=action, subject=subject)
    return session, url


def new_session(
    parts: Parts, caller: UserCaller, given: CreateRequest, plan: Plan, session_id: str, *, batch_id: str | None = None
) -> Session:
    """Return the session that is asked for. Raises `Invalid` (`window_closed`)."""
    now = parts.clock.now()
    not_after = end_of_window(parts, given.not_before, given.not_after)
    return Session(
        session_id=session_id,
        owner_id=caller.user.user_id,
        candidate=Candidate(name=given.name, email=given.email),
        reference=given.reference,
        plan=plan,
        accommodations=given.accommodations,
        livekit_room_name=room_name(session_id),
        created_at=now,
        updated_at=now,
        not_before=given.not_before,
        not_after=not_after,
        progress=Progress(total=len(plan.questions)),
        batch_id=batch_id,
    )


def end_of_window(parts: Parts, not_before: datetime | None, not_after: datetime | None) -> datetime:
    """Return until when a new session can be started: as asked, or for `INVITE_TTL_S`. Raises as `check_window`."""
    now = parts.clock.now()
    opens = max(now, not_before) if not_before else now
    end = not_after or opens + timedelta(seconds=parts.settings.invite_ttl_s)
    check_window(now, not_before, end)
    return end


def check_window(now: datetime, not_before: datetime | None, not_after: datetime) -> None:
    """Raise `Invalid` unless a session can be started between the two: `window_closed`, `invalid`."""
    if not_after <= now:
        raise Invalid("not_after has passed already", code="window_closed")
    if not_before is not None and not_after <= not_before:
        raise Invalid("not_after is not later than not_before")


async def plan_for(parts: Parts, caller: UserCaller, given: CreateRequest, session_id: str) -> Plan:
    """Return the plan that a session embeds: a kept one, or one made of plain questions.

    Raises `Invalid` (`plan_not_found`, `language_unknown`).
    """
    plan = (
        await resolve_plan(parts, caller, given.plan_id)
        if given.plan_id is not None
        else one_off_plan(given, session_id)
    )
    chosen = {"language": given.language, "duration_s": given.duration_s}
    changes = {name: value for name, value in chosen.items() if value is not None}
    plan = plan.model_copy(update=changes)
    check_language(plan.language)
    return plan


async def resolve_plan(parts: Parts, caller: UserCaller, plan_id: str) -> Plan:
    """Return the snapshot of a kept plan that the caller may use. Raises `Invalid` (`plan_not_found`)."""
    kept = await usable_plan(parts.storage, caller, plan_id)
    if kept is None:
        raise Invalid(f"there is no plan {plan_id!r}", code="plan_not_found")
    return kept.snapshot()


def one_off_plan(given: CreateRequest, session_id: str) -> Plan:
    """Make a plan of plain questions: ids `q1`, `q2`, …; a competency's id is its name as given."""
    asked = [q if isinstance(q, QuestionGiven) else QuestionGiven(text=q) for q in given.questions or ()]
    names = dict.fromkeys(question.competency for question in asked)
    return Plan(
        plan_id=f"one-off-{session_id}",
        title="Interview",
        competencies=tuple(Competency(id=name, name=name) for name in names),
        questions=tuple(
            Question(id=f"q{n}", text=q.text, competency=q.competency, max_follow_ups=q.max_follow_ups)
            for n, q in enumerate(asked, 1)
        ),
    )
