"""What candidates raised: a queue for the owners of their sessions."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from interview.errors import Conflict, NotFound
from interview.problem import MAX_OPEN, MAX_PER_SESSION, Outcome, ProblemState, RaisedProblem, problem_id
from interview.storage import announcing
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.paging import Cursor, check_limit

SHAPE = Shape(
    collection="problems",
    record=RaisedProblem,
    key=lambda problem: problem.problem_id,
    key_field="problem_id",
    sealed=("text", "proposed", "answer", "correction"),
    indexes=(
        IndexModel([("owner_id", 1), ("state", -1), ("raised_at", 1)]),
        IndexModel([("state", 1), ("raised_at", 1)]),
        IndexModel([("session_id", 1), ("raised_at", 1)]),
        announcing.INDEX,
    ),
)


class Problems:
    """The collection `problems`."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self._tombstones = Tombstones(database)

    async def add(self, problem: RaisedProblem, *, limited: bool = True) -> RaisedProblem:
        """Store a new problem under the session's next number, whatever its `problem_id`, and return it.

        One with the `ref` of a stored one is that one. Raises `StaleAttempt` (code `erased`) when the session is gone,
        and, unless it is not `limited`, `Conflict` (`too_many_problems`) when there are too many, open or altogether.
        """
        for _ in range(MAX_PER_SESSION):
            stored = await self.of(problem.session_id)
            if problem.ref is not None:
                for one in stored:
                    if one.ref == problem.ref:
                        return one
            if limited:
                _check_room(stored)
            # of several at once all but one find the number taken, and count again: the limit is never overshot
            numbered = problem.model_copy(update={"problem_id": problem_id(problem.session_id, len(stored))})
            try:
                await self.collection.insert(numbered)
            except Duplicate:
                continue
            undo = {"_id": numbered.problem_id}
            await self._tombstones.refuse(problem.session_id, lambda undo=undo: self.collection.delete(undo))
            return await self._to_present_owner(numbered)
        raise Conflict("too much is raised about this session just now; try again", code="too_many_problems")

    async def get(self, key: str) -> RaisedProblem:
        """Return the problem of that id. Raises `NotFound`."""
        problem = await self.collection.get(key)
        if problem is None:
            raise NotFound("there is no such problem")
        return problem

    async def of(self, session_id: str) -> list[RaisedProblem]:
        """Return a session's problems, oldest first."""
        return await self.collection.find({"session_id": session_id}, [("raised_at", 1), ("_id", 1)])

    async def corrections_of(self, session_id: str) -> list[RaisedProblem]:
        """Return a session's problems whose outcome is a correction of the transcript, oldest first."""
        query = {"session_id": session_id, "outcome": Outcome.CORRECTION}
        return await self.collection.find(query, [("raised_at", 1), ("_id", 1)])

    async def page(
        self, *, owner_id: str | None, state: ProblemState | None = None, limit: int = 50, after: str | None = None
    ) -> tuple[list[RaisedProblem], str | None]:
        """Return an owner's problems, or everybody's: the open ones first, each state oldest first; and the cursor.

        Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        query: dict[str, Any] = {"state": {"$in": [state] if state else list(ProblemState)}}
        if owner_id is not None:
            query["owner_id"] = owner_id
        if after is not None:
            query.update(_after(Cursor.parse(after)))
        order = [("state", -1), ("raised_at", 1), ("_id", 1)]
        found = await self.collection.find(query, order, limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return page, _cursor(page[-1]) if more else None

    async def answer(self, problem: RaisedProblem, answered: Mapping[str, Any]) -> RaisedProblem:
        """Store what became of an open problem, and return it as it now is.

        Raises `Conflict` (`problem_answered`) when it is not open any more, `StaleAttempt` (code `erased`) when the
        session is gone.
        """
        open_one = {"_id": problem.problem_id, "state": ProblemState.OPEN}
        whole = self.collection.to_document(problem.model_copy(update=dict(answered)))
        # not the rest: the owner may be another by now, or it was announced meanwhile
        fields = {name: whole[name] for name in (*answered, SEALED) if name in whole}
        after = await self.collection.change(open_one, {"$set": fields})
        if after is None:
            raise Conflict("this problem is not open any more", code="problem_answered")
        await self._tombstones.refuse(problem.session_id, lambda: self.collection.delete({"_id": problem.problem_id}))
        return after

    async def _to_present_owner(self, problem: RaisedProblem) -> RaisedProblem:
        """Move a problem into the queue of who owns its session now: it may have changed hands meanwhile."""
        owner_id = await self._tombstones.owner_of(problem.session_id)
        if owner_id in (None, problem.owner_id):
            return problem
        moved = await self.collection.change({"_id": problem.problem_id}, {"$set": {"owner_id": owner_id}})
        return moved or problem

    async def hand_over(self, session_id: str, owner_id: str) -> None:
        """Move a session's problems into its new owner's queue."""
        await self.collection.update_all({"session_id": session_id}, {"$set": {"owner_id": owner_id}})


def _check_room(stored: list[RaisedProblem]) -> None:
    still_open = sum(problem.state is ProblemState.OPEN for problem in stored)
    if still_open >= MAX_OPEN or len(stored) >= MAX_PER_SESSION:
        raise Conflict(
            "there are too many problems of this interview already; wait for an answer",
            code="too_many_problems",
            limit=MAX_OPEN if still_open >= MAX_OPEN else MAX_PER_SESSION,
        )


def _cursor(last: RaisedProblem) -> str:
    return str(Cursor(last.raised_at, f"{last.state}/{last.problem_id}"))


def _after(cursor: Cursor) -> dict[str, Any]:
    """Return the query for the problems after that one, in the order of `Problems.page`."""
    state, _, key = cursor.key.partition("/")
    same = {"state": state}
    return {
        "$or": [
            {"state": {"$lt": state}},
            {**same, "raised_at": {"$gt": cursor.created_at}},
            {**same, "raised_at": cursor.created_at, "_id": {"$gt": key}},
        ]
    }
