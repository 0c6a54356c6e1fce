"""Making a session and its invite."""

import uuid
from datetime import timedelta

from control_api.access import UserCaller, usable_plan
from control_api.parts import Parts
from control_api.plans.service import check_language
from control_api.sessions.schemas import CreateRequest, QuestionGiven
from interview.errors import Invalid
from interview.invite import Invite, hash_secret, new_secret
from interview.names import room_name
from interview.plan import Competency, Plan, Question
from interview.session import Candidate, Progress, Session

_INVITE_GRACE_S = 24 * 3600
"""A link outlives the window for starting: an interview begun in the last minute still finds its way back."""


async def create(parts: Parts, caller: UserCaller, given: CreateRequest) -> tuple[Session, str]:
    """Make a session and its invite; return it with the link. Needs neither LiveKit nor any agent.

    Raises `Invalid` (`plan_not_found`, `language_unknown`, `window_closed`).
    """
    session_id = str(uuid.uuid4())
    plan = await _plan(parts, caller, given, session_id)
    session = _new_session(parts, caller, given, plan, session_id)
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
    await parts.storage.audit.add(actor=caller.actor, action="create session", subject=f"session:{session_id}")
    return session, f"{parts.settings.api_public_url.rstrip('/')}/interview#{secret}"


def _new_session(parts: Parts, caller: UserCaller, given: CreateRequest, plan: Plan, session_id: str) -> Session:
    now = parts.clock.now()
    opens = max(now, given.not_before) if given.not_before else now
    not_after = given.not_after or opens + timedelta(seconds=parts.settings.invite_ttl_s)
    if not_after <= now:
        raise Invalid("not_after has passed already", code="window_closed")
    return Session(
        session_id=session_id,
        owner_id=caller.user.user_id,
        candidate=Candidate(name=given.name, email=given.email),
        plan=plan,
        accommodations=given.accommodations,
        livekit_room_name=room_name(session_id),
        created_at=now,
        updated_at=now,
        not_before=given.not_before,
        not_after=not_after,
        progress=Progress(total=len(plan.questions)),
    )


async def _plan(parts: Parts, caller: UserCaller, given: CreateRequest, session_id: str) -> Plan:
    """Return the session's snapshot: of a kept plan, or of the questions given; length and language as requested."""
    if given.plan_id is None:
        plan = _one_off_plan(given, session_id)
    else:
        kept = await usable_plan(parts.storage, caller, given.plan_id)
        if kept is None:
            raise Invalid(f"there is no plan {given.plan_id!r}", code="plan_not_found")
        plan = kept.snapshot()
    chosen = {"language": given.language, "duration_s": given.duration_s}
    plan = plan.model_copy(update={name: value for name, value in chosen.items() if value is not None})
    check_language(plan.language)
    return plan


def _one_off_plan(given: CreateRequest, session_id: str) -> Plan:
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
