"""Correcting what was misheard, and having done again what rests on it."""

from control_api.access import OnSession
from control_api.parts import Parts
from control_api.reports.kept import check_is_there
from control_api.reports.schemas import CorrectRequest
from interview.appraisal import TurnCorrection
from interview.errors import Invalid
from interview.transcript import Turn


async def correct(parts: Parts, on: OnSession, given: CorrectRequest) -> tuple[TurnCorrection, int | None]:
    """Keep a correction beside the turn, and return it with the version of the report that is built because of it.

    With `rescore` the answer is evaluated again and, where there is a report, the next version queued: what the words
    did not touch is taken from what the model said before. Raises `NotFound` (`session_deleted`),
    `Invalid` (`turn_not_found`) and `Conflict` (`too_many_entries`).
    """
    check_is_there(on.session)
    storage, session = parts.storage, on.session
    turn = await storage.turns.get(given.turn_id)
    if turn is None or turn.session_id != session.session_id:
        raise Invalid("there is no such turn in this interview", code="turn_not_found")
    entry = TurnCorrection(
        session_id=session.session_id,
        turn_id=given.turn_id,
        text=given.text,
        reason=given.reason,
        by=on.user.user.user_id,
        at=parts.clock.now(),
    )
    stored = await storage.reviews.corrections.add(entry)
    await storage.audit.add(actor=on.caller.actor, action="correct turn", subject=f"session:{session.session_id}")
    return stored, await _rescore(parts, turn) if given.rescore else None


async def _rescore(parts: Parts, turn: Turn) -> int | None:
    storage = parts.storage
    if turn.question_id is not None:
        await storage.evaluations.again(turn.session_id, turn.question_id)
    if await storage.reports.latest(turn.session_id) is None:
        return None
    return (await storage.reports.rebuild(turn.session_id, reason="correction")).version
