"""Bringing documents of older versions up to date: the one place for it.

Records read the older form as well, or derive what it lacks; what a migration adds is what must lie in the database
itself, such as a field that is searched. Each migration goes through its collection in batches, changes each document
by compare-and-set on the version that it leaves, and remembers how far it came. So it may be cut short, repeated, and
run by several processes at once (one does, by lease), while everything else goes on.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interview.errors import StorageError
from interview.incident import INCIDENT_SCHEMA, Incident
from interview.record import Moment, Record
from interview.retention import mark_of
from interview.session import SESSION_SCHEMA, Session
from interview.storage.base import Collection, Database, Document, Shape
from interview.storage.incidents import SHAPE as INCIDENTS
from interview.storage.leases import Leases
from interview.storage.sessions import SHAPE as SESSIONS

log = logging.getLogger(__name__)

BATCH = 200
AT_CONNECT = 2000
"""Documents that one connecting process looks at; the next goes on."""
_TRIES = 20
_LEASE = "migrations"
_LEASE_S = 60.0


class MigrationState(Record):
    """How far a migration has come: `after` is the last key it has seen."""

    name: str
    after: str = ""
    done_at: Moment | None = None


SHAPE = Shape(
    collection="migrations", record=MigrationState, key=lambda state: state.name, key_field="name", session_field=None
)


@dataclass(frozen=True)
class Migration:
    """One step of one collection, from `version - 1` to `version`.

    `changes` gives what is set besides the version, and looks at nothing that changes without the fields in `guards`.
    """

    name: str
    collection: str
    version: int
    guards: tuple[str, ...]
    changes: Callable[[Collection[Any], Document], Mapping[str, Any]]


def _searchable(collection: Collection[Any], document: Document) -> Mapping[str, Any]:
    session: Session = collection.from_document(document)
    return {
        "candidate_email": session.candidate_email,
        "candidate_search": session.candidate_search,
        "plan_id": session.plan_id,
        "retention_mark": mark_of(session, session.ended_at) if session.is_kept else None,
    }


def _queued(collection: Collection[Any], document: Document) -> Mapping[str, Any]:
    incident: Incident = collection.from_document(document)
    return {"rank": incident.severity.rank, "waiting": incident.waiting, "state": incident.state, "owner_id": ""}


MIGRATIONS: tuple[Migration, ...] = (
    Migration("sessions-2-searchable", SESSIONS.collection, SESSION_SCHEMA, ("status", "updated_at"), _searchable),
    Migration("incidents-2-queue", INCIDENTS.collection, INCIDENT_SCHEMA, ("revision",), _queued),
)
"""In the order in which they run. A name is never used again."""


class Migrations:
    """The collection `migrations`, and the running of what is left to do."""

    def __init__(self, database: Database, leases: Leases) -> None:
        self.collection = Collection(database, SHAPE)
        self._database = database
        self._leases = leases

    async def run(self, collections: Mapping[str, Collection[Any]], now: datetime, limit: int = AT_CONNECT) -> int:
        """Look at no more than `limit` documents (in whole batches) and return how many were changed.

        Returns 0 at once where nothing is left to do, or another process is doing it.
        """
        done = {state.name for state in await self.collection.find({}, [("_id", 1)]) if state.done_at is not None}
        waiting = [migration for migration in MIGRATIONS if migration.name not in done]
        owner = secrets.token_hex(8)
        if not waiting or not await self._leases.acquire(_LEASE, owner, _LEASE_S):
            return 0
        changed = 0
        try:
            for migration in waiting:
                while limit > 0 and await self._leases.acquire(_LEASE, owner, _LEASE_S):
                    batch_changed, more = await self._batch(migration, collections[migration.collection], now)
                    changed += batch_changed
                    limit -= BATCH
                    if not more:
                        break
        finally:
            await self._leases.release(_LEASE, owner)
        return changed

    async def _batch(self, migration: Migration, collection: Collection[Any], now: datetime) -> tuple[int, bool]:
        """Take the next batch; return how many documents were changed, and whether there may be more."""
        state = await self.collection.get(migration.name) or MigrationState(name=migration.name)
        documents = await collection.documents_after(state.after, BATCH)
        changed = 0
        for document in documents:
            changed += await _change(migration, collection, document)
        more = len(documents) == BATCH
        state = state.model_copy(
            update={
                "after": str(documents[-1]["_id"]) if documents else state.after,
                "done_at": None if more else now,
            }
        )
        await self.collection.change({"_id": migration.name}, {"$set": state.model_dump(exclude={"name"})}, upsert=True)
        return changed, more


async def _change(migration: Migration, collection: Collection[Any], document: Document) -> int:
    """Change one document unless it is of another version already; return how many were changed."""
    current: Document | None = document
    for _ in range(_TRIES):
        if current is None or current.get("schema_version", 1) != migration.version - 1:
            return 0
        try:
            changes = migration.changes(collection, current)
        except StorageError as error:
            log.error("a document of an older version is damaged and stays as it is: %s", error.message)
            return 0
        unchanged = {name: current.get(name) for name in ("_id", "schema_version", *migration.guards)}
        if await collection.update_all(unchanged, {"$set": {**changes, "schema_version": migration.version}}):
            return 1
        current = await collection.document(str(current["_id"]))
    return 0
