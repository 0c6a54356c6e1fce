"""What may be changed together with a session's move, and what is left of a session that was erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from interview.errors import Invalid
from interview.plan import Competency, Plan, Question
from interview.session import Candidate, HistoryEntry, Progress, Session, Status

_OWN = frozenset(
    {
        *("session_id", "owner_id", "status", "attempt", "history", "updated_at", "next_turn_seq", "schema_version"),
        *("candidate", "candidate_email", "candidate_search", "plan_id", "seat", "seat_changes"),
        *("retention_mark", "anonymised_at", "accommodations", "aftercare", "announce"),
        *("evaluated_at",),
        *("redo_of", "redone_by", "batch_id", "usage", "engine_changes"),
    }
)
"""What only the repository writes, or nobody after creation."""

_ERASED = "erased"
_ANONYMOUS = "anonymised"
ANONYMOUS_CANDIDATE = Candidate(name=_ANONYMOUS, email="anonymised@anonymised.example")
ERASED_CANDIDATE = Candidate(name=_ERASED, email="erased@erased.example")
ERASED_PLAN = Plan(
    plan_id=_ERASED,
    title=_ERASED,
    competencies=(Competency(id=_ERASED, name=_ERASED),),
    questions=(Question(id=_ERASED, text=_ERASED, competency=_ERASED),),
)


def check_changes(changes: Mapping[str, Any]) -> None:
    """Raise `Invalid` (code `bad_change`) unless each change is a whole field of `Session` with a good value.

    A stored session that does not validate could never be read again, so this is checked before the write.
    """
    for name, value in changes.items():
        if name in _OWN or name not in Session.model_fields:
            raise Invalid(f"a move cannot change the field {name!r} of a session", code="bad_change")
        try:
            Session.__pydantic_validator__.validate_assignment(Session.model_construct(), name, value)
        except ValidationError as error:
            raise Invalid(
                f"the value for {name!r} is not a valid one: {error.error_count()} errors", code="bad_change"
            ) from None


def erased(session: Session, now: datetime, by: str) -> Session:
    """Return the tombstone of a session: ids, statuses and times, and nothing about a person."""
    history = [entry.model_copy(update={"reason": ""}) for entry in session.history]
    history.append(HistoryEntry(at=now, source=session.status, target=Status.DELETED, by=by))
    return Session(
        session_id=session.session_id,
        owner_id=session.owner_id,
        candidate=ERASED_CANDIDATE,
        plan=ERASED_PLAN,
        status=Status.DELETED,
        livekit_room_name=session.livekit_room_name,
        created_at=session.created_at,
        updated_at=now,
        not_after=session.not_after,
        attempt=session.attempt + 1,
        started_at=session.started_at,
        ended_at=session.ended_at or now,
        progress=Progress(total=0),
        history=tuple(history),
        redo_of=session.redo_of,
        redone_by=session.redone_by,
        batch_id=session.batch_id,
    )


_IMPERSONAL = (
    *("session_id", "owner_id", "plan", "status", "livekit_room_name", "consent", "progress", "presence"),
    *("evaluated_at",),
    *("created_at", "not_before", "not_after", "started_at", "dispatched_at", "clock_started_at", "ended_at"),
    *("paused_at", "paused_total_s", "extended_s", "aftercare", "next_turn_seq", "schema_version"),
    *("announce", "reminded_at", "redo_of", "redone_by", "batch_id", "usage", "engine_changes"),
)
"""What of a session says nothing about who it was about. A field that comes later is not kept unless it is added."""


def anonymised(session: Session, now: datetime) -> Session:
    """Return a session that has ended without what it says about a person: who it was, and every free text.

    The plan, the consent, statuses, times and progress stay; questions that were drawn up for this candidate alone go.
    `attempt` goes up, as with `erased`.
    """
    kept = {name: getattr(session, name) for name in _IMPERSONAL}
    kept["plan"] = session.plan.model_copy(update={"questions": session.plan.core_questions})
    return Session(
        **kept,
        candidate=ANONYMOUS_CANDIDATE,
        attempt=session.attempt + 1,
        history=tuple(entry.model_copy(update={"reason": ""}) for entry in session.history),
        anonymised_at=now,
        updated_at=now,
    )
