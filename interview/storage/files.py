"""Encrypted files in GridFS.

GridFS writes a file's chunks first and its entry in `files.files` last, and what has no entry is not visible. Each
upload has an id of its own, `session_id/file_id/token`, so that an upload that was cut short is never in the way of
its repeat, and two uploads of one file do not mix their chunks. Readers take the newest upload.
"""

import secrets
from collections.abc import AsyncIterator
from typing import Any, cast

from bson import Binary, ObjectId
from gridfs.errors import CorruptGridFile, NoFile
from motor.motor_asyncio import AsyncIOMotorGridFSBucket
from pymongo import DESCENDING, IndexModel

from interview.clock import SystemClock
from interview.errors import NotFound, StaleAttempt, StorageError
from interview.storage.base import Database, Document, ensure_indexes
from interview.storage.crypto import key_id_of
from interview.storage.erasure import Tombstones

BUCKET = "files"
_CHUNK_BYTES = 255 * 1024
_CLOCK = SystemClock()
"""Tells which of two uploads of a file is the newer: that is no part of a session's time, which a test may move."""
_READ_ATTEMPTS = 3


class Files:
    """Audio, stills and rendered reports, each encrypted and bound to its id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keyring = database.keyring
        # The driver annotates its buckets with less than they have.
        self._bucket = cast(Any, AsyncIOMotorGridFSBucket(database.motor, bucket_name=BUCKET))
        self.entries = database.motor[f"{BUCKET}.files"]
        self.chunks = database.motor[f"{BUCKET}.chunks"]
        self._tombstones = Tombstones(database)

    async def put(self, file_id: str, content: bytes, *, session_id: str, content_type: str) -> None:
        """Seal and store a file. A repeat replaces what was there; until it is complete, the old one is read.

        Raises `StaleAttempt` (code `erased`) when the session is gone.
        """
        sealed = self._keyring.seal(content, _bound_to(file_id))
        upload_id = f"{session_id}/{file_id}/{secrets.token_hex(8)}"
        metadata = {"session_id": session_id, "content_type": content_type}
        entry = {"filename": file_id, "metadata": metadata, "chunkSize": _CHUNK_BYTES, "uploadDate": _CLOCK.now()}
        await self._upload(upload_id, entry, sealed)
        await self._tombstones.refuse(session_id, lambda: self._delete_upload(upload_id))
        for older in await self._older_than(upload_id, file_id):
            await self._delete_upload(older)

    async def get(self, file_id: str) -> bytes:
        """Return a file's content.

        Raises `NotFound`, `CannotDecrypt`, and `StorageError` (code `file_damaged`) if a chunk is missing.
        """
        for _ in range(_READ_ATTEMPTS):
            newest = await self._uploads(file_id)
            if not newest:
                raise NotFound(f"there is no file {file_id}")
            sealed = await self._download(newest[0])
            if sealed is not None:
                return self._keyring.open(sealed, _bound_to(file_id))
        raise StorageError(f"the file {file_id} is damaged: a part of it is missing", code="file_damaged")

    async def exists(self, file_id: str) -> bool:
        """Tell whether a file is there, complete."""
        return bool(await self._uploads(file_id))

    async def ids_of(self, session_id: str) -> list[str]:
        """Return the ids of a session's files, sorted."""
        found = self.entries.find({"_id": _uploads_of(session_id)}, {"filename": 1})
        documents = await self._database.run(lambda: found.to_list(None))
        return sorted({str(document["filename"]) for document in documents})

    async def types_of(self, session_id: str) -> dict[str, str]:
        """Return the content type of each of a session's files, by its id."""
        found = self.entries.find({"_id": _uploads_of(session_id)}, {"filename": 1, "metadata": 1})
        documents = await self._database.run(lambda: found.to_list(None))
        return {str(one["filename"]): str(one["metadata"]["content_type"]) for one in documents}

    async def all_files(self) -> AsyncIterator[tuple[str, str]]:
        """Yield the id of every file, and the id of its session."""
        cursor = self.entries.find({}, {"filename": 1, "metadata": 1})
        while batch := await self._database.run(lambda: cursor.to_list(100)):
            for document in batch:
                metadata: Document = document.get("metadata") or {}
                yield str(document["filename"]), str(metadata.get("session_id"))

    async def sealed_uploads(self) -> AsyncIterator[tuple[str, str, str | None]]:
        """Yield the id of every upload, that of its file, and that of the key that sealed it (None: not sealed)."""
        cursor = self.entries.find({}, {"filename": 1})
        while batch := await self._database.run(lambda: cursor.to_list(100)):
            for document in batch:
                upload_id = str(document["_id"])
                first = await self._database.run(
                    lambda upload_id=upload_id: self.chunks.find_one({"files_id": upload_id, "n": 0})
                )
                if first is not None:
                    yield upload_id, str(document["filename"]), key_id_of(bytes(first["data"]))

    async def reseal(self, upload_id: str) -> bool:
        """Replace an upload by one that is sealed with the current key; tell whether it was still there.

        The new one carries the old one's date, so that a newer upload of the same file, which may be on its way, stays
        the newest. Raises `CannotDecrypt`.
        """
        entry = await self._database.run(lambda: self.entries.find_one({"_id": upload_id}))
        sealed = await self._download(upload_id) if entry is not None else None
        if entry is None or sealed is None:
            return False
        bound_to = _bound_to(str(entry["filename"]))
        again = self._keyring.seal(self._keyring.open(sealed, bound_to), bound_to)
        session_id = str(entry["metadata"]["session_id"])
        replacement = f"{session_id}/{entry['filename']}/{secrets.token_hex(8)}"
        await self._upload(replacement, entry, again)
        gone = await self._database.run(lambda: self.entries.delete_one({"_id": upload_id}))
        if not gone.deleted_count:
            await self._delete_upload(replacement)  # it was replaced or erased meanwhile, and must not come back
            return False
        await self._database.run(lambda: self.chunks.delete_many({"files_id": upload_id}))
        try:
            await self._tombstones.refuse(session_id, lambda: self._delete_upload(replacement))
        except StaleAttempt:
            return False
        return True

    async def delete_of(self, session_id: str) -> int:
        """Delete a session's files, and what uploads that were cut short left; return how many files there were."""
        deleted = len(await self.ids_of(session_id))
        # Entries first: a file without its entry is invisible, one without its chunks would be damaged.
        uploads = _uploads_of(session_id)
        await self._database.run(lambda: self.entries.delete_many({"_id": uploads}))
        await self._database.run(lambda: self.chunks.delete_many({"files_id": uploads}))
        return deleted

    async def delete(self, file_id: str) -> None:
        """Delete one file, every upload of it. A repeat is harmless."""
        for upload_id in await self._uploads(file_id):
            await self._delete_upload(upload_id)

    async def ensure_indexes(self) -> None:
        """Create the indexes that are missing: GridFS's own."""
        by_name = IndexModel([("filename", 1), ("uploadDate", 1)])
        await ensure_indexes(self._database, self.entries, (by_name,))
        by_place = IndexModel([("files_id", 1), ("n", 1)], unique=True)
        await ensure_indexes(self._database, self.chunks, (by_place,))

    async def _upload(self, upload_id: str, entry: Document, sealed: bytes) -> None:
        """Write chunks, and then the entry that makes them a file.

        As the driver's bucket would, which looks before each upload whether the indexes are there: we know.
        """
        size = int(entry["chunkSize"])
        for n, start in enumerate(range(0, len(sealed), size)):
            chunk = {"_id": ObjectId(), "files_id": upload_id, "n": n, "data": Binary(sealed[start : start + size])}
            await self._database.run(lambda chunk=chunk: self.chunks.insert_one(chunk))
        complete = {**entry, "_id": upload_id, "length": len(sealed)}
        await self._database.run(lambda: self.entries.insert_one(complete))

    async def _uploads(self, file_id: str) -> list[str]:
        """Return the ids of the complete uploads of a file, newest first."""
        order = [("uploadDate", DESCENDING), ("_id", DESCENDING)]
        found = self.entries.find({"filename": file_id}, {"_id": 1}, sort=order)
        documents: list[Document] = await self._database.run(lambda: found.to_list(None))
        return [str(document["_id"]) for document in documents]

    async def _older_than(self, upload_id: str, file_id: str) -> list[str]:
        uploads = await self._uploads(file_id)
        return uploads[uploads.index(upload_id) + 1 :] if upload_id in uploads else []

    async def _download(self, upload_id: str) -> bytes | None:
        """Return an upload's content; None if it was replaced meanwhile (then a newer one is there) or is damaged."""

        async def read() -> bytes | None:
            try:
                stream = await self._bucket.open_download_stream(upload_id)
                return cast(bytes, await stream.read())
            except (NoFile, CorruptGridFile):
                return None

        return await self._database.run(read)

    async def _delete_upload(self, upload_id: str) -> None:
        await self._database.run(lambda: self.entries.delete_one({"_id": upload_id}))
        await self._database.run(lambda: self.chunks.delete_many({"files_id": upload_id}))


def _uploads_of(session_id: str) -> Document:
    """The condition on an upload's id that it is of that session: "0" follows "/", so the range is this prefix."""
    return {"$gte": f"{session_id}/", "$lt": f"{session_id}0"}


def _bound_to(file_id: str) -> str:
    return f"{BUCKET}:{file_id}"
