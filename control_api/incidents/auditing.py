"""Gathering what `viva proctor audit` counts: what people decided, and under which conditions each session went."""

from collections.abc import Mapping
from typing import NamedTuple

from interview.rules.fairness import LIGHT, UNKNOWN, Case, light_of, outcome_of
from interview.storage import Storage


class Gathered(NamedTuple):
    """Every incident with its outcome, and every proctored session with its conditions."""

    cases: list[Case]
    sessions: dict[str, dict[str, str]]


async def gather(storage: Storage, given: Mapping[str, Mapping[str, str]]) -> Gathered:
    """Read the incidents and conditions of every session that began and was proctored.

    `given` are the organisation's conditions by session; a session that is not in it has them unknown. The light is
    measured where it is not given.
    """
    named = {name for conditions in given.values() for name in conditions}
    sessions: dict[str, dict[str, str]] = {}
    cases: list[Case] = []
    async for document in storage.sessions.collection.documents(("attempt", "plan.proctoring.enabled")):
        if not document.get("attempt") or not document.get("plan", {}).get("proctoring", {}).get("enabled"):
            continue
        session_id = str(document["_id"])
        conditions = {name: given.get(session_id, {}).get(name, UNKNOWN) for name in named}
        if LIGHT not in named:
            batches = await storage.observations.of(session_id)
            conditions[LIGHT] = light_of(seen for batch in batches for seen in batch.observations)
        sessions[session_id] = conditions
        cases += [
            Case(session_id, one.kind, outcome_of(one), conditions) for one in await storage.incidents.of(session_id)
        ]
    return Gathered(cases, sessions)
