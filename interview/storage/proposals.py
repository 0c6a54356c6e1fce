"""The queue of runs that propose questions, and what they proposed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import Conflict, StaleAttempt
from interview.plan import QuestionSource
from interview.proposal import MAX_RUNS, Decision, ProposalRun, ProposedQuestion, RunStatus
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones

SHAPE = Shape(
    collection="proposals",
    record=ProposalRun,
    key=lambda run: run.run_id,
    sealed=("questions",),
    indexes=(
        IndexModel([("session_id", 1), ("version", 1)], unique=True),
        IndexModel([("status", 1), ("asked_at", 1)]),
    ),
)
_UNDER_WAY = (RunStatus.QUEUED, RunStatus.WORKING)


class Proposals:
    """The collection `proposals`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._clock = clock
        self._tombstones = Tombstones(database)

    async def ask(self, session_id: str, sources: Sequence[QuestionSource], limit: int, by: str) -> ProposalRun:
        """Queue a run and return it, or the one that is under way already.

        Raises `Conflict` (code `too_many_proposals`), and `StaleAttempt` (code `erased`) when the session is gone.
        """
        before = await self.latest(session_id)
        if before is not None and before.status in _UNDER_WAY:
            return before
        version = before.version + 1 if before else 1
        if version > MAX_RUNS:
            raise Conflict(
                f"questions were proposed {MAX_RUNS} times for this session; decide on those",
                code="too_many_proposals",
                limit=MAX_RUNS,
            )
        now = self._clock.now()
        run = ProposalRun(
            session_id=session_id,
            version=version,
            sources=tuple(sources),
            limit=limit,
            asked_at=now,
            asked_by=by,
            not_before=now,
        )
        try:
            await self.collection.insert(run)
        except Duplicate:
            return await self.collection.get(run.run_id) or run
        await self._tombstones.refuse(session_id, lambda: self.collection.delete({"_id": run.run_id}))
        return run

    async def claim(self, owner: str, lease_s: float) -> ProposalRun | None:
        """Take the oldest run that waits, or whose worker's lease is past, for `lease_s`; None if there is none.

        `owner` names this worker and nobody else, also not its predecessor.
        """
        now = self._clock.now()
        claimable = {
            # implied by what follows; by this the embedded database finds them quickly
            "status": {"$in": [*_UNDER_WAY]},
            "$or": [
                {"status": RunStatus.QUEUED, "not_before": {"$lte": now}},
                {"status": RunStatus.WORKING, "lease_until": {"$lte": now}},
            ],
        }
        lease = {"status": RunStatus.WORKING, "owner": owner, "lease_until": now + timedelta(seconds=lease_s)}
        update = {"$set": lease, "$inc": {"attempts": 1}}
        return await self.collection.change(claimable, update, sort=[("asked_at", 1), ("_id", 1)])

    async def finish(
        self,
        run: ProposalRun,
        questions: Sequence[ProposedQuestion],
        *,
        dropped: Mapping[str, int],
        model: str,
        prompt: str,
    ) -> None:
        """Store what was proposed. Raises `StaleAttempt` if the run is another's by now, or gone."""
        checked = run.model_copy(update={"questions": tuple(questions)})
        values = checked.model_dump(mode="json", include={"questions"})
        result = {
            "status": RunStatus.READY,
            "ready_at": self._clock.now(),
            "lease_until": None,
            "failure": "",
            "dropped": dict(dropped),
            "model": model,
            "prompt": prompt,
            SEALED: self.collection.seal(run.run_id, values),
        }
        await self._change_own(run, result)

    async def renew(self, run: ProposalRun, lease_s: float) -> None:
        """Hold the run for `lease_s` from now. Raises `StaleAttempt` if it is another's."""
        await self._change_own(run, {"lease_until": self._clock.now() + timedelta(seconds=lease_s)})

    async def retry_later(self, run: ProposalRun, failure: str, not_before: datetime) -> None:
        """Put the run back into the queue. Raises `StaleAttempt` if it is another's."""
        back = {"status": RunStatus.QUEUED, "owner": None, "lease_until": None}
        await self._change_own(run, {**back, "failure": failure[:500], "not_before": not_before})

    async def fail(self, run: ProposalRun, failure: str) -> None:
        """Give the run up, saying why. Raises `StaleAttempt` if it is another's."""
        await self._change_own(run, {"status": RunStatus.FAILED, "lease_until": None, "failure": failure[:500]})

    async def note_decision(self, run: ProposalRun, number: int, decision: Decision) -> ProposalRun:
        """Note who decided what on one question; a later decision takes the place of an earlier one."""
        changed = await self.collection.change({"_id": run.run_id}, {"$set": {f"decisions.{number}": decision}})
        return changed or run

    async def latest(self, session_id: str) -> ProposalRun | None:
        """Return a session's newest run, or None."""
        return await self.collection.first({"session_id": session_id}, [("version", -1)])

    async def of(self, session_id: str) -> list[ProposalRun]:
        """Return a session's runs, oldest first."""
        return await self.collection.find({"session_id": session_id}, [("version", 1)])

    async def forget(self, session_id: str) -> None:
        """Delete a session's runs, as when it becomes another person's. A repeat is harmless."""
        await self.collection.delete({"session_id": session_id})

    async def _change_own(self, run: ProposalRun, values: Mapping[str, Any]) -> None:
        own = {"_id": run.run_id, "owner": run.owner, "status": RunStatus.WORKING}
        if await self.collection.change(own, {"$set": values}) is None:
            raise StaleAttempt(f"{run.owner} does not hold the proposals {run.run_id} any more")
