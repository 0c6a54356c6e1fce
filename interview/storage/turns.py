"""What was said."""

from pymongo import IndexModel

from interview.storage.base import Database, Shape
from interview.storage.erasure import Journal
from interview.transcript import Speaker, Turn

SHAPE = Shape(
    collection="turns",
    record=Turn,
    key=lambda turn: turn.turn_id,
    key_field="turn_id",
    anonymised=lambda turn: turn.model_copy(update={"text": "", "words": ()}),
    sealed=("text", "words"),
    indexes=(IndexModel([("session_id", 1), ("seq", 1)]),),
)


class Turns:
    """The collection `turns`."""

    def __init__(self, database: Database) -> None:
        self.collection = Journal(database, SHAPE)

    async def append(self, turn: Turn) -> None:
        """Store a turn under a `seq` that `Sessions.claim_turn_seq` gave; a repeat is harmless.

        Raises `Conflict` (code `already_written`) for another turn under the same id, `StaleAttempt` (code
        `erased`) when the session is gone.
        """
        await self.collection.append(turn, turn.session_id)

    async def get(self, turn_id: str) -> Turn | None:
        """Return the turn of that id, decrypted, or None."""
        return await self.collection.get(turn_id)

    async def of(self, session_id: str) -> list[Turn]:
        """Return a session's turns in the order in which they began, decrypted.

        `seq` is the order in which they were written: what waited for the database may be written late.
        """
        return await self.collection.of(session_id, "started_at", "seq")

    async def of_question(self, session_id: str, question_id: str) -> list[Turn]:
        """Return what was said under a question, in the order in which it began, decrypted."""
        under = {"session_id": session_id, "question_id": question_id}
        return await self.collection.find(under, [("started_at", 1), ("seq", 1)])

    async def last_answer(self, session_id: str, question_id: str) -> Turn | None:
        """Return the last to be written that the candidate said under a question, or None."""
        answers = {"session_id": session_id, "question_id": question_id, "speaker": Speaker.CANDIDATE}
        return await self.collection.first(answers, [("seq", -1)])
