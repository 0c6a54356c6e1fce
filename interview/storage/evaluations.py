"""The queue of answers that are to be evaluated, and what was found."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import StaleAttempt
from interview.evaluation import (
    Evaluation,
    EvaluationResult,
    EvaluationStatus,
    anonymised_evaluation,
    evaluation_id,
)
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.leasing import Queue
from interview.storage.turns import Turns
from interview.transcript import Speaker, Turn

SHAPE = Shape(
    collection="evaluations",
    record=Evaluation,
    key=lambda evaluation: evaluation.evaluation_id,
    anonymised=anonymised_evaluation,
    sealed=("result",),
    indexes=(IndexModel([("session_id", 1)]), IndexModel([("status", 1), ("queued_at", 1)])),
)


class Evaluations:
    """The collection `evaluations`: one document for each question of a session that was answered."""

    def __init__(self, database: Database, turns: Turns, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._queue = Queue(self.collection, waiting=(EvaluationStatus.QUEUED,), held=EvaluationStatus.EVALUATING)
        self._turns = turns
        self._clock = clock
        self._tombstones = Tombstones(database)

    async def enqueue(self, session_id: str, question_id: str, after_s: float = 0.0) -> Evaluation | None:
        """Queue the answer to a question, as far as its turns are stored; None when there are none.

        A repeat changes nothing; words that came since it was queued queue it anew, under the next revision. It is
        claimable after `after_s`: last words may still be on their way. Raises `StaleAttempt` (code `erased`) when
        the session is gone.
        """
        last = await self._turns.last_answer(session_id, question_id)
        return None if last is None else await self._enqueue(session_id, question_id, last.seq, after_s)

    async def enqueue_rest(self, session_id: str, turns: Iterable[Turn]) -> list[Evaluation] | None:
        """Queue whatever of these turns, all that a session has, was not: whoever should have may have died.

        What was given up is tried again, since that the model was away may have passed. Return the session's
        evaluations where all are there already, and None where some are still to be made. Raises as `enqueue`.
        """
        answers = [turn for turn in turns if turn.speaker is Speaker.CANDIDATE]
        last = {turn.question_id: turn.seq for turn in sorted(answers, key=lambda turn: turn.seq)}
        found = await self.of(session_id)
        known = {one.question_id: one.through_seq for one in found}
        new = [(key, seq) for key, seq in last.items() if key is not None and known.get(key, -1) < seq]
        for question_id, seq in new:
            await self._enqueue(session_id, question_id, seq)
        statuses = {one.status for one in found}
        if EvaluationStatus.FAILED in statuses:
            given_up = {"session_id": session_id, "status": EvaluationStatus.FAILED}
            await self.collection.update_all(given_up, {"$set": self._waiting()})
            self._queue.has_changed()
        return found if not new and statuses <= {EvaluationStatus.READY} else None

    async def claim(self, owner: str, lease_s: float, session_id: str | None = None) -> Evaluation | None:
        """Take the oldest that waits, or whose holder's lease is past, for `lease_s`; None if there is none.

        Of one session, where that is named. `owner` names this claim's holder and nobody else, also not its
        predecessor.
        """
        of = {} if session_id is None else {"session_id": session_id}
        return await self._queue.claim(owner, self._clock.now(), lease_s, of)

    async def renew(self, claimed: Evaluation, lease_s: float) -> None:
        """Hold the lease for `lease_s` more. Raises `StaleAttempt` if it is another's, or the answer has grown."""
        await self._change_own(claimed, {"lease_until": self._clock.now() + timedelta(seconds=lease_s)})

    async def finish(self, claimed: Evaluation, result: EvaluationResult) -> None:
        """Store what was found, in place of what an earlier revision found. Raises `StaleAttempt` as `renew`."""
        values = {"result": result.model_dump(mode="json")}
        ready = {
            "status": EvaluationStatus.READY,
            "lease_until": None,
            "failure": "",
            "through_seq": max(claimed.through_seq, *result.answer_seqs, 0),
            SEALED: self.collection.seal(claimed.evaluation_id, values),
        }
        await self._change_own(claimed, ready)

    async def retry_later(self, claimed: Evaluation, failure: str, not_before: datetime) -> None:
        """Put it back into the queue. Raises `StaleAttempt` as `renew`."""
        back = {"status": EvaluationStatus.QUEUED, "owner": None, "lease_until": None}
        await self._change_own(claimed, {**back, "failure": failure, "not_before": not_before})

    async def fail(self, claimed: Evaluation, failure: str) -> None:
        """Give it up, saying why. Raises `StaleAttempt` as `renew`."""
        await self._change_own(claimed, {"status": EvaluationStatus.FAILED, "lease_until": None, "failure": failure})

    async def again(self, session_id: str, question_id: str) -> Evaluation | None:
        """Queue the evaluation of an answer anew, under the next revision, since its words were corrected.

        None where it was never queued: then it is done when it is.
        """
        anew = {"$set": self._waiting(), "$inc": {"revision": 1}}
        queued = await self.collection.change({"_id": evaluation_id(session_id, question_id)}, anew)
        self._queue.has_changed()
        return queued

    async def of(self, session_id: str) -> list[Evaluation]:
        """Return a session's evaluations, decrypted, by question id."""
        return await self.collection.find({"session_id": session_id}, [("_id", 1)])

    async def get(self, session_id: str, question_id: str) -> Evaluation | None:
        """Return the evaluation of the answer to a question, or None."""
        return await self.collection.get(evaluation_id(session_id, question_id))

    async def _enqueue(self, session_id: str, question_id: str, seq: int, after_s: float = 0.0) -> Evaluation:
        key = evaluation_id(session_id, question_id)
        older = {"_id": key, "through_seq": {"$lt": seq}}
        anew = {"$set": {**self._waiting(after_s), "through_seq": seq}, "$inc": {"revision": 1}}
        queued = await self.collection.change(older, anew)
        if queued is None:
            queued = Evaluation(
                session_id=session_id, question_id=question_id, through_seq=seq, **self._waiting(after_s)
            )
            try:
                await self.collection.insert(queued)
            except Duplicate:
                return await self.collection.get(key) or queued
        self._queue.has_changed()
        await self._tombstones.refuse(session_id, lambda: self.collection.delete({"_id": key}))
        return queued

    def _waiting(self, after_s: float = 0.0) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "status": EvaluationStatus.QUEUED,
            "queued_at": now,
            "not_before": now + timedelta(seconds=after_s),
            "owner": None,
            "lease_until": None,
            "attempts": 0,
            "failure": "",
        }

    async def _change_own(self, claimed: Evaluation, values: Mapping[str, Any]) -> None:
        own = {
            "_id": claimed.evaluation_id,
            "owner": claimed.owner,
            "revision": claimed.revision,
            "attempts": claimed.attempts,
            "status": EvaluationStatus.EVALUATING,
        }
        if await self.collection.change(own, {"$set": values}) is None:
            raise StaleAttempt(
                f"{claimed.owner} does not hold the evaluation {claimed.evaluation_id} any more; "
                "another worker has it, its answer has grown, or it is gone"
            )
