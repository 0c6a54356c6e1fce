"""What every repository stands on: records ↔ documents, and driver errors → our errors.

What the driver types weakly is cast here, and for GridFS in `files`, and nowhere else.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar, cast

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import BaseModel, ValidationError
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    PyMongoError,
    WTimeoutError,
)

from interview.errors import Conflict, StorageError, StorageUnavailable
from interview.record import Record
from interview.storage.crypto import Keyring
from interview.tallies import Notes

log = logging.getLogger(__name__)

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Sort = Sequence[tuple[str, int]]
R = TypeVar("R", bound=Record)
T = TypeVar("T")

_INSERTED_AT_ONCE = 100
_DUPLICATE = 11000
SEALED = "sealed"
"""The field that holds a record's encrypted fields, together, as sealed JSON."""


class Duplicate(Exception):
    """A document with this key, or this value of a unique field, is already there: a signal to the repositories."""


@contextmanager
def driver_errors() -> Generator[None]:
    """Turn the driver's errors into ours.

    Neither message nor cause of a duplicate is passed on: both quote the value, which may be personal.
    """
    try:
        yield
    except DuplicateKeyError:
        raise Duplicate from None
    except BulkWriteError as error:
        if any(failed.get("code") == _DUPLICATE for failed in error.details.get("writeErrors", [])):
            raise Duplicate from None
        raise StorageError("the database refused some of many writes") from None
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError, TimeoutError) as error:
        raise StorageUnavailable(
            f"the database is away or too slow ({type(error).__name__}); is it running, and is MONGODB_URI right?"
        ) from error
    except PyMongoError as error:
        code = getattr(error, "code", None)
        raise StorageError(f"the database refused ({type(error).__name__}, code {code})") from error


class Database:
    """The driver's database together with what mapping needs: keys, and how long to wait for an answer.

    `notes` are counts that are not written yet (`Tallies.flush` writes them).
    """

    def __init__(self, motor: AsyncIOMotorDatabase[Document], keyring: Keyring, wait_s: float) -> None:
        self.motor = motor
        self.keyring = keyring
        self.notes = Notes()
        self._wait_s = wait_s

    async def run(self, operation: Callable[[], Awaitable[T]]) -> T:
        """Run one driver call, for at most the configured wait.

        Raises `StorageUnavailable`, `StorageError`, or `Duplicate`. The driver's own timeouts do not cover the
        wait for one of its threads, so the whole call is bounded as well.
        """
        with driver_errors():
            async with asyncio.timeout(self._wait_s):
                return await operation()


@dataclass(frozen=True)
class Shape(Generic[R]):
    """How a kind of record lies in its collection.

    `key` gives a record's `_id`; `key_field` is the field that `_id` stands for, which is then not stored twice.
    The fields in `sealed` are encrypted together, bound to `collection:_id`. `session_field` holds the session's
    id in every collection whose documents are erased with their session, and given out with it.
    """

    collection: str
    record: type[R]
    key: Callable[[R], str]
    key_field: str | None = None
    sealed: tuple[str, ...] = ()
    session_field: str | None = "session_id"
    indexes: tuple[IndexModel, ...] = ()
    anonymised: Callable[[R], R] | None = None
    """What stays of a record when its session is anonymised; without it the record is deleted then."""


class Collection(Generic[R]):
    """The records of one kind. All reads validate; all writes are validated first."""

    def __init__(self, database: Database, shape: Shape[R]) -> None:
        self.shape = shape
        self._database = database
        self._keyring = database.keyring
        self._motor: AsyncIOMotorCollection[Document] = database.motor[shape.collection]

    async def insert(self, record: R) -> None:
        """Store a new record. Raises `Duplicate`."""
        document = self.to_document(record)
        await self._database.run(lambda: self._motor.insert_one(document))

    async def insert_once(self, record: R) -> None:
        """Store a record; a repeat of the same content is harmless, other content under its key is a `Conflict`."""
        record = self._checked(record)
        try:
            await self.insert(record)
        except Duplicate:
            key = self.shape.key(record)
            if await self.get(key) != record:
                raise Conflict(
                    f"{self.shape.collection} already holds something else as {key}", code="already_written"
                ) from None

    async def get(self, key: str) -> R | None:
        """Return the record of that key, or None."""
        return await self.first({"_id": key})

    async def first(self, query: Mapping[str, Any], sort: Sort = ()) -> R | None:
        """Return the first match in that order, or None."""
        found = await self.find(query, sort or [("_id", 1)], limit=1)
        return found[0] if found else None

    async def find(self, query: Mapping[str, Any], sort: Sort, limit: int | None = None) -> list[R]:
        """Return the matches in that order."""
        return [self.from_document(document) for document in await self._found(query, sort, limit)]

    async def find_valid(self, query: Mapping[str, Any], sort: Sort, limit: int | None = None) -> list[R]:
        """Return the matches that are valid, in that order; the others are logged by key.

        For the house's own duties, which one document that a hand or a defect has spoilt must not stop for all.
        """
        records: list[R] = []
        for document in await self._found(query, sort, limit):
            try:
                records.append(self.from_document(document))
            except StorageError as error:
                log.error("left out: %s", error.message)
        return records

    async def _found(self, query: Mapping[str, Any], sort: Sort, limit: int | None) -> list[Document]:
        cursor = self._motor.find(encode(query), sort=list(sort), limit=limit or 0)
        return await self._database.run(lambda: cursor.to_list(limit))

    async def change(
        self, query: Mapping[str, Any], update: Mapping[str, Any], *, sort: Sort = (), upsert: bool = False
    ) -> R | None:
        """Update the first match atomically and return it as it now is, or None when nothing matched."""
        document = await self._database.run(
            lambda: cast(
                Awaitable[Document | None],
                self._motor.find_one_and_update(
                    encode(query),
                    encode(update),
                    sort=list(sort) or None,
                    upsert=upsert,
                    return_document=ReturnDocument.AFTER,
                ),
            )
        )
        return None if document is None else self.from_document(document)

    async def replace(self, query: Mapping[str, Any], record: R) -> R | None:
        """Replace the match by `record` atomically; None when nothing matched."""
        document = self.to_document(record)
        found = await self._database.run(
            lambda: cast(Awaitable[Document | None], self._motor.find_one_and_replace(encode(query), document))
        )
        return None if found is None else self.from_document(document)

    async def update_all(self, query: Mapping[str, Any], update: Mapping[str, Any]) -> int:
        """Update all matches; return how many matched."""
        result = await self._database.run(lambda: self._motor.update_many(encode(query), encode(update)))
        return result.matched_count

    async def insert_all(self, records: Sequence[R]) -> None:
        """Store new records, in this order. Raises `Duplicate`; those before the duplicate are stored then."""
        documents = [self.to_document(record) for record in records]
        for start in range(0, len(documents), _INSERTED_AT_ONCE):
            some = documents[start : start + _INSERTED_AT_ONCE]
            await self._database.run(lambda some=some: self._motor.insert_many(some))

    async def count(self, query: Mapping[str, Any]) -> int:
        """Count the matches.

        By the command `count`, which the embedded database answers from an index where the query is nothing but
        values of an index's first fields; an aggregation it never does.
        """
        command = {"count": self.shape.collection, "query": encode(query)}
        answer = await self._database.run(lambda: self._database.motor.command(command))
        return int(answer["n"])

    async def counts_by(self, field: str, query: Mapping[str, Any]) -> dict[str, int]:
        """Count the matches for each value of `field`."""
        stages = [{"$match": encode(query)}, {"$group": {"_id": f"${field}", "n": {"$sum": 1}}}]
        groups = await self._database.run(lambda: self._motor.aggregate(stages).to_list(None))
        return {str(group["_id"]): int(group["n"]) for group in groups}

    async def delete(self, query: Mapping[str, Any]) -> int:
        """Delete the matches; return how many there were."""
        result = await self._database.run(lambda: self._motor.delete_many(encode(query)))
        return result.deleted_count

    async def anonymise_of(self, session_id: str) -> None:
        """Leave of a session's records what the shape says: of each a part, or nothing."""
        shape = self.shape
        about = {str(shape.session_field): session_id}
        if shape.anonymised is None:
            await self.delete(about)
            return
        for record in await self.find(about, [("_id", 1)]):
            await self.replace({"_id": shape.key(record)}, shape.anonymised(record))

    async def keys(self, query: Mapping[str, Any], sort: Sort = (), limit: int | None = None) -> list[str]:
        """Return the `_id` of every match, or of the first in that order."""
        cursor = self._motor.find(encode(query), {"_id": 1}, sort=list(sort) or None, limit=limit or 0)
        documents = await self._database.run(lambda: cursor.to_list(limit))
        return [str(document["_id"]) for document in documents]

    async def documents(self, fields: Sequence[str] = ()) -> AsyncIterator[Document]:
        """Yield every document as it is stored; of each only its `_id` and these fields, where some are named."""
        cursor = self._motor.find({}, dict.fromkeys(fields, 1) or None)
        while batch := await self._database.run(lambda: cursor.to_list(100)):
            for document in batch:
                yield document

    async def document(self, key: str) -> Document | None:
        """Return the document of that key as it is stored, or None."""
        return await self._database.run(lambda: self._motor.find_one({"_id": key}))

    async def documents_after(self, key: str, limit: int) -> list[Document]:
        """Return the next documents in the order of their `_id`, as they are stored. Slow: reads the collection."""
        cursor = self._motor.find({"_id": {"$gt": key}}, sort=[("_id", 1)], limit=limit)
        return await self._database.run(lambda: cursor.to_list(limit))

    async def ensure_indexes(self) -> None:
        """Create the indexes that are missing."""
        await ensure_indexes(self._database, self._motor, self.shape.indexes)

    def seal(self, key: str, values: Mapping[str, Any]) -> bytes:
        """Encrypt JSON-ready `values` for the document of that key."""
        text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return self._keyring.seal(text.encode(), self._bound_to(key))

    async def reseal(self, key: str, sealed: bytes) -> bool:
        """Seal again, with the current key, the value that a document holds; tell whether it still held it.

        Raises `CannotDecrypt`.
        """
        bound_to = self._bound_to(key)
        again = self._keyring.seal(self._keyring.open(sealed, bound_to), bound_to)
        return await self.update_all({"_id": key, SEALED: sealed}, {"$set": {SEALED: again}}) > 0

    def to_document(self, record: R) -> Document:
        """Map a record to its document. Raises pydantic's `ValidationError` if a copy broke the record's rules."""
        shape = self.shape
        record = self._checked(record)
        key = shape.key(record)
        document: Document = {"_id": key}
        plain = record.model_dump(exclude={*shape.sealed, shape.key_field or ""})
        document.update(encode(plain))
        if shape.sealed:
            values = record.model_dump(mode="json", include=set(shape.sealed))
            if any(value is not None for value in values.values()):
                document[SEALED] = self.seal(key, values)
        return document

    def from_document(self, document: Document) -> R:
        """Map a document to its record.

        Raises `CannotDecrypt`, or `StorageError` (code `document_invalid`) that names fields, never values.
        """
        shape = self.shape
        values = dict(document)
        key = str(values.pop("_id"))
        sealed = values.pop(SEALED, None)
        if sealed is not None:
            if not isinstance(sealed, bytes):
                raise self._invalid(key, [SEALED])
            values.update(json.loads(self._keyring.open(sealed, self._bound_to(key))))
        if shape.key_field:
            values[shape.key_field] = key
        try:
            return shape.record.model_validate(values)
        except ValidationError as error:
            raise self._invalid(key, (".".join(str(part) for part in e["loc"]) for e in error.errors())) from None

    def _invalid(self, key: str, fields: Iterable[str]) -> StorageError:
        kind = self.shape.record.__name__
        return StorageError(
            f"{self._bound_to(key)} is not a valid {kind}: {', '.join(sorted(set(fields)))}", code="document_invalid"
        )

    def _bound_to(self, key: str) -> str:
        return f"{self.shape.collection}:{key}"

    def _checked(self, record: R) -> R:
        # model_copy(update=…) does not validate, and nothing invalid may be stored.
        return self.shape.record.model_validate(record.model_dump())


async def ensure_indexes(
    database: Database, collection: AsyncIOMotorCollection[Document], indexes: Sequence[IndexModel]
) -> None:
    """Create those of `indexes` that `collection` lacks.

    One at a time and only the missing: FerretDB 1.24 panics when several are asked for of which one exists.
    """
    if not indexes:
        return
    present = await database.run(lambda: collection.index_information())
    for index in indexes:
        if index.document["name"] not in present:
            await database.run(lambda index=index: collection.create_indexes([index]))


def encode(value: Any) -> Any:
    """Turn records, enums and tuples into what BSON holds, all the way down."""
    if isinstance(value, BaseModel):
        return encode(value.model_dump())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        mapping = cast(Mapping[Any, Any], value)
        return {str(encode(key)): encode(inner) for key, inner in mapping.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [encode(inner) for inner in cast(Sequence[Any], value)]
    return value
