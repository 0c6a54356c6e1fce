"""A backup of everything: each collection's documents as they are stored, the files, and the keys that open them.

It is made while everything runs, collection by collection, and so is no single moment. The order sees to it that it
is whole all the same: what belongs to a session comes before the sessions, so that nothing in it belongs to a session
that it does not hold, and what names a file comes before the files.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorCollection

from interview.clock import Clock
from interview.storage.archive import KEYS, MANIFEST, ArchiveWriter, Manifest, new_archive
from interview.storage.crypto import format_keys
from interview.storage.files import BUCKET
from interview.storage.maintenance import alone
from interview.storage.sessions import SHAPE as SESSIONS
from interview.storage.store import Storage

NOT_KEPT = frozenset({"leases", "rate_windows"})
"""Collections of the moment: who does what just now."""
ENTRIES, CHUNKS = f"{BUCKET}.files", f"{BUCKET}.chunks"
_PART_BYTES = 16 << 20
_BATCH = 100

Raw = AsyncIOMotorCollection[RawBSONDocument]
OnProgress = Callable[[str, int], None]
"""Told the collection, and how many documents of it are done."""


async def back_up(
    storage: Storage, path: Path, clock: Clock, *, passphrase: str | None = None, on_progress: OnProgress | None = None
) -> Manifest:
    """Write everything that is stored, and the keys, to a new file, which appears once it is whole.

    Raises `Conflict` (`file_exists`, `maintenance_underway`) and `StorageUnavailable`.
    """
    made_at = clock.now()
    async with alone(storage, "backup"):
        with new_archive(path, passphrase, int(made_at.timestamp())) as archive:
            archive.add(KEYS, format_keys(storage.database.keyring.keys).encode())
            counts = await _Backup(storage, archive, on_progress or (lambda _, __: None)).write()
            manifest = Manifest(
                made_at=made_at, counts=counts, schema_versions=schema_versions(storage), members=archive.members
            )
            archive.add(MANIFEST, manifest.model_dump_json(indent=1).encode())
    return manifest


def schema_versions(storage: Storage) -> dict[str, int]:
    """Return the version of each collection's records; 0 where they carry none."""
    versions: dict[str, int] = {}
    for collection in storage.collections:
        field = collection.shape.record.model_fields.get("schema_version")
        versions[collection.shape.collection] = field.default if field is not None else 0
    return versions


def raw_collection(storage: Storage, name: str) -> Raw:
    """Return a collection whose documents are left as the bytes that they are."""
    options: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument, tz_aware=True)
    return cast(Raw, storage.database.motor.get_collection(name, codec_options=options))


async def raw_documents(storage: Storage, name: str, query: dict[str, Any]) -> AsyncIterator[RawBSONDocument]:
    """Yield the matches as they are stored."""
    cursor = raw_collection(storage, name).find(query)
    while batch := await storage.database.run(lambda: cursor.to_list(_BATCH)):
        for document in batch:
            yield document


class _Parts:
    """One collection's documents, in members of bounded size."""

    def __init__(self, archive: ArchiveWriter, collection: str, on_progress: OnProgress) -> None:
        self._archive = archive
        self._collection = collection
        self._on_progress = on_progress
        self._buffer = bytearray()
        self._part = 0
        self.count = 0

    def add(self, document: RawBSONDocument) -> None:
        if len(self._buffer) + len(document.raw) > _PART_BYTES:
            self.flush()
        self._buffer += document.raw
        self.count += 1
        self._on_progress(self._collection, self.count)

    def flush(self) -> None:
        if self._buffer:
            self._archive.add(f"{self._collection}/{self._part:06d}.bson", bytes(self._buffer))
            self._part += 1
            self._buffer.clear()


class _Backup:
    def __init__(self, storage: Storage, archive: ArchiveWriter, on_progress: OnProgress) -> None:
        self._storage = storage
        self._archive = archive
        self._on_progress = on_progress

    async def write(self) -> dict[str, int]:
        database = self._storage.database
        names = set(await database.run(lambda: database.motor.list_collection_names()))
        names = {name for name in names if not name.startswith("system.")} - NOT_KEPT
        counts: dict[str, int] = {}
        for name in sorted(names - {ENTRIES, CHUNKS, SESSIONS.collection}):
            counts[name] = await self._collection(name)
        counts |= await self._files()
        counts[SESSIONS.collection] = await self._collection(SESSIONS.collection)
        return counts

    async def _collection(self, name: str) -> int:
        parts = self._parts(name)
        async for document in raw_documents(self._storage, name, {}):
            parts.add(document)
        parts.flush()
        return parts.count

    async def _files(self) -> dict[str, int]:
        """Write the files, each with its chunks or not at all: one may be replaced or erased under our hands."""
        entries, chunks = self._parts(ENTRIES), self._parts(CHUNKS)
        replaced: list[str] = []
        async for entry in raw_documents(self._storage, ENTRIES, {}):
            if not await self._file(entry, entries, chunks):
                replaced.append(str(entry["filename"]))
        for name in replaced:
            async for entry in raw_documents(self._storage, ENTRIES, {"filename": name}):
                await self._file(entry, entries, chunks)
        chunks.flush()
        entries.flush()
        return {ENTRIES: entries.count, CHUNKS: chunks.count}

    async def _file(self, entry: RawBSONDocument, entries: _Parts, chunks: _Parts) -> bool:
        of_it = raw_collection(self._storage, CHUNKS).find({"files_id": entry["_id"]}, sort=[("n", 1)])
        found = await self._storage.database.run(lambda: of_it.to_list(None))
        if sum(len(chunk["data"]) for chunk in found) != entry["length"]:
            return False
        for chunk in found:
            chunks.add(chunk)
        entries.add(entry)
        return True

    def _parts(self, name: str) -> _Parts:
        return _Parts(self._archive, name, self._on_progress)
