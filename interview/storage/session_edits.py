"""What is changed about a session besides its status: its window, its candidate, its seat, its redo."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from interview.clock import Clock
from interview.engines import MAX_ENGINE_CHANGES, EngineChange
from interview.errors import Conflict
from interview.plan import Plan, Question
from interview.session import (
    MAX_SEAT_CHANGES,
    Candidate,
    Seat,
    SeatChange,
    SeatChangeKind,
    Session,
    Status,
    searchable_email,
)
from interview.storage.sessions import Sessions
from interview.usage import Usage

_OPEN = (Status.INITIALIZED, Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED)
_EMAILS_AT_ONCE = 500
_TRIES = 5


class SessionEdits:
    """Edits of the collection `sessions`, each one atomic update. All raise `NotFound` for an unknown session."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._collection = sessions.collection
        self._clock = clock

    async def reschedule(self, session_id: str, not_before: datetime | None, not_after: datetime) -> Session:
        """Give a session that nobody has begun another window. Raises `Conflict` (code `already_begun`)."""
        window = {"not_before": not_before, "not_after": not_after, "reminded_at": None}
        return await self._while_not_begun(session_id, window)

    async def set_candidate(self, session_id: str, candidate: Candidate) -> Session:
        """Correct whom a session that nobody has begun is for. Raises `Conflict` (code `already_begun`).

        With another email it may be another person: consent that was given is given anew, the seat is free, and
        questions that were drawn from the first one's résumé are not asked.
        """
        before = await self._sessions.get(session_id)
        changed = before.model_copy(update={"candidate": candidate})
        derived = Session.model_validate(changed.model_dump())
        fields: dict[str, Any] = {
            name: getattr(derived, name) for name in ("candidate", "candidate_email", "candidate_search")
        }
        if derived.candidate_email != before.candidate_email:
            core = before.plan.core_questions
            fields.update(consent=None, seat=None)
            fields |= {"plan.questions": core, "progress.total": len(core)}
        return await self._while_not_begun(session_id, fields)

    async def change_questions(
        self, session_id: str, change: Callable[[tuple[Question, ...]], tuple[Question, ...]]
    ) -> Session:
        """Let `change` make the questions of a session that nobody has begun from those that it has.

        It is called again when another change came between. Raises what it raises, and `Conflict` (`already_begun`,
        `session_busy`).
        """
        for _ in range(_TRIES):
            document = await self._collection.document(session_id)
            before = await self._sessions.get(session_id)
            check_not_begun(before)
            questions = change(before.plan.questions)
            if document is None or questions == before.plan.questions:
                return before
            Plan.model_validate({**before.plan.model_dump(), "questions": [one.model_dump() for one in questions]})
            fields = {"plan.questions": questions, "progress.total": len(questions), "updated_at": self._clock.now()}
            # compared as they are stored, perhaps by an older version, and not as they are read
            unchanged = {
                "_id": session_id,
                "status": Status.INITIALIZED,
                "plan.questions": document["plan"]["questions"],
            }
            changed = await self._collection.change(unchanged, {"$set": fields})
            if changed is not None:
                return changed
        raise Conflict("others keep changing this session; try again", code="session_busy")

    async def take_seat(self, session: Session, seat: Seat, kind: SeatChangeKind | None) -> Session | None:
        """Seat a browser in place of the one that `session` has; None if another came first, or it was erased.

        `kind` says which change of seats that is, to be noted on the session.
        """
        where = {"_id": session.session_id, "status": {"$ne": Status.DELETED}}
        where |= {"seat": None} if session.seat is None else {"seat.seat_hash": session.seat.seat_hash}
        return await self._with_change(where, {"$set": {"seat": seat}}, seat.taken_at, kind)

    async def note_refused_seat(self, session_id: str, at: datetime) -> None:
        """Note that a second seat was refused."""
        where = {"_id": session_id, "status": {"$ne": Status.DELETED}}
        await self._with_change(where, {"$set": {"updated_at": at}}, at, SeatChangeKind.REFUSED)

    async def note_seat_used(self, session_id: str, seat_hash: str, at: datetime) -> None:
        """Note that the seat is in use."""
        await self._collection.change({"_id": session_id, "seat.seat_hash": seat_hash}, {"$set": {"seat.used_at": at}})

    async def free_seat(self, session_id: str) -> None:
        """Let the next browser in as if it were the first."""
        await self._collection.change({"_id": session_id, "status": {"$ne": Status.DELETED}}, {"$set": {"seat": None}})

    async def mark_redone(
        self, session_id: str, redone_by: str, *, instead_of: str | None, only_from: Iterable[Status]
    ) -> Session | None:
        """Note which session repeats this one; None unless it has such a status and is repeated by `instead_of`."""
        where = {"_id": session_id, "redone_by": instead_of, "status": {"$in": list(only_from)}}
        return await self._collection.change(where, {"$set": {"redone_by": redone_by, "updated_at": self._clock.now()}})

    async def of_batch(self, batch_id: str) -> list[Session]:
        """Return the sessions of a bulk invitation, erased ones included."""
        return await self._collection.find({"batch_id": batch_id}, [("_id", 1)])

    async def open_of_emails(self, owner_id: str, emails: Iterable[str]) -> list[Session]:
        """Return the owner's sessions that are not over and are for one of these emails, in any case."""
        wanted = sorted({searchable_email(email) for email in emails})
        found: list[Session] = []
        for start in range(0, len(wanted), _EMAILS_AT_ONCE):
            some = wanted[start : start + _EMAILS_AT_ONCE]
            query = {"candidate_email": {"$in": some}, "owner_id": owner_id, "status": {"$in": _OPEN}}
            found += await self._collection.find(query, [("_id", 1)])
        return found

    async def note_engines(self, session_id: str, attempt: int, change: EngineChange) -> None:
        """Note how a kind of engine fares from a moment on; not of an older attempt, nor beyond the bound."""
        where = {
            "_id": session_id,
            "attempt": attempt,
            "status": {"$ne": Status.DELETED},
            f"engine_changes.{MAX_ENGINE_CHANGES - 1}": {"$exists": False},
        }
        await self._collection.change(where, {"$push": {"engine_changes": change}})

    async def add_usage(self, session_id: str, usage: Usage) -> None:
        """Add to what the session has used. Of an erased or anonymised one nothing is counted any more."""
        counts = {f"usage.{name}": n for name, n in usage.model_dump().items() if n}
        if counts:
            where = {"_id": session_id, "status": {"$ne": Status.DELETED}}
            await self._collection.change(where, {"$inc": counts})

    async def _while_not_begun(self, session_id: str, fields: dict[str, Any]) -> Session:
        waiting = {"_id": session_id, "status": Status.INITIALIZED}
        changed = await self._collection.change(waiting, {"$set": {**fields, "updated_at": self._clock.now()}})
        if changed is None:
            raise _already_begun(await self._sessions.get(session_id))
        return changed

    async def _with_change(
        self, where: dict[str, Any], update: dict[str, Any], at: datetime, kind: SeatChangeKind | None
    ) -> Session | None:
        if kind is not None:
            room_left = {**where, f"seat_changes.{MAX_SEAT_CHANGES - 1}": {"$exists": False}}
            noted = {**update, "$push": {"seat_changes": SeatChange(at=at, kind=kind)}}
            changed = await self._collection.change(room_left, noted)
            if changed is not None:
                return changed
        return await self._collection.change(where, update)


def check_not_begun(session: Session) -> None:
    """Raise `Conflict` (code `already_begun`) unless nobody has begun the session, or queued for it."""
    if session.status is not Status.INITIALIZED:
        raise _already_begun(session)


def _already_begun(session: Session) -> Conflict:
    return Conflict(
        f"this can be changed before the start only; this session is {session.status}",
        code="already_begun",
        status=session.status.value,
    )
