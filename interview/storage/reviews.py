"""What people made of interviews: lists to which entries are added."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from pymongo import IndexModel

from interview.appraisal import MAX_ENTRIES, DecisionEntry, OwnScore, OwnScores, ReportRelease, TurnCorrection
from interview.errors import Conflict
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones

E = TypeVar("E", DecisionEntry, OwnScores, TurnCorrection, ReportRelease)

DECISIONS = Shape(
    collection="decisions",
    record=DecisionEntry,
    key=lambda entry: entry.key,
    sealed=("reason",),
    anonymised=lambda entry: entry.model_copy(update={"reason": "anonymised"}),
    indexes=(IndexModel([("session_id", 1), ("n", 1)]),),
)
OWN_SCORES = Shape(
    collection="own_scores",
    record=OwnScores,
    key=lambda entry: entry.key,
    sealed=("scores",),
    anonymised=lambda entry: entry.model_copy(
        update={"scores": {name: OwnScore(level=score.level) for name, score in entry.scores.items()}}
    ),
    indexes=(IndexModel([("session_id", 1), ("n", 1)]),),
)
CORRECTIONS = Shape(
    collection="corrections",
    record=TurnCorrection,
    key=lambda entry: entry.key,
    sealed=("text", "reason"),
    indexes=(IndexModel([("session_id", 1), ("n", 1)]),),
)
RELEASES = Shape(
    collection="releases",
    record=ReportRelease,
    key=lambda entry: entry.key,
    sealed=("note",),
    indexes=(IndexModel([("session_id", 1), ("n", 1)]),),
)


class Entries(Generic[E]):
    """The entries of one kind, by session."""

    def __init__(self, database: Database, shape: Shape[E]) -> None:
        self.collection = Collection(database, shape)
        self._tombstones = Tombstones(database)

    async def add(self, entry: E) -> E:
        """Store an entry under its session's next number, whatever its `n`, and return it.

        Raises `StaleAttempt` (code `erased`) when the session is gone, `Conflict` (`too_many_entries`).
        """
        session_id = entry.session_id
        for _ in range(MAX_ENTRIES):
            n = await self.collection.count({"session_id": session_id})
            if n >= MAX_ENTRIES:
                break
            numbered = entry.model_copy(update={"n": n})
            key = self.collection.shape.key(numbered)
            try:
                await self.collection.insert(numbered)
            except Duplicate:
                continue  # somebody else's came first
            await self._tombstones.refuse(session_id, lambda key=key: self.collection.delete({"_id": key}))
            return numbered
        raise Conflict(f"there are {MAX_ENTRIES} such entries about this session already", code="too_many_entries")

    async def of(self, session_id: str) -> list[E]:
        """Return a session's entries, oldest first."""
        return await self.collection.find({"session_id": session_id}, [("n", 1)])

    async def of_all(self, session_ids: Iterable[str]) -> dict[str, list[E]]:
        """Return the entries of several sessions, each oldest first; of those without any an empty list."""
        found: dict[str, list[E]] = {session_id: [] for session_id in session_ids}
        for entry in await self.collection.find({"session_id": {"$in": list(found)}}, [("session_id", 1), ("n", 1)]):
            found[entry.session_id].append(entry)
        return found


class Reviews:
    """The collections `decisions`, `own_scores`, `corrections` and `releases`."""

    def __init__(self, database: Database) -> None:
        self.decisions = Entries(database, DECISIONS)
        self.own_scores = Entries(database, OWN_SCORES)
        self.corrections = Entries(database, CORRECTIONS)
        self.releases = Entries(database, RELEASES)
