"""Résumés: at most one a session, its text sealed in the record and its file among the encrypted files."""

from pymongo import IndexModel

from interview.resume import MEDIA_TYPES, Resume, ResumeState
from interview.storage.base import Collection, Database, Shape
from interview.storage.erasure import Tombstones
from interview.storage.files import Files

SHAPE = Shape(
    collection="resumes",
    record=Resume,
    key=lambda resume: resume.session_id,
    sealed=("text",),
    indexes=(IndexModel([("session_id", 1)]), IndexModel([("state", 1)])),
)


class Resumes:
    """The collection `resumes`."""

    def __init__(self, database: Database, files: Files) -> None:
        self.collection = Collection(database, SHAPE)
        self._files = files
        self._tombstones = Tombstones(database)

    async def put(self, resume: Resume, content: bytes) -> None:
        """Store a résumé in place of the one before. Raises `StaleAttempt` (code `erased`) when the session is gone."""
        session_id = resume.session_id
        # the file first: a record never names one that is not there
        await self._files.put(resume.file_id, content, session_id=session_id, content_type=MEDIA_TYPES[resume.kind])
        document = self.collection.to_document(resume)
        fields = {name: value for name, value in document.items() if name != "_id"}
        await self.collection.change({"_id": session_id}, {"$set": fields}, upsert=True)
        await self._tombstones.refuse(session_id, lambda: self.forget(session_id))
        kept = await self.get(session_id)
        await self._delete_files(session_id, but=kept.file_id if kept else "")

    async def get(self, session_id: str) -> Resume | None:
        """Return a session's résumé, or None."""
        return await self.collection.get(session_id)

    async def forget(self, session_id: str) -> bool:
        """Delete a session's résumé, text and file; tell whether there was one. A repeat is harmless."""
        # the record last: by it somebody comes back for files that a crash leaves
        await self._delete_files(session_id)
        return bool(await self.collection.delete({"_id": session_id}))

    async def _delete_files(self, session_id: str, but: str = "") -> None:
        for file_id in await self._files.ids_of(session_id):
            if file_id.startswith(_PREFIX) and file_id != but:
                await self._files.delete(file_id)

    async def mark_over(self, session_id: str) -> None:
        """Note that the session has ended, so that `over` finds its résumé."""
        await self.collection.update_all({"_id": session_id}, {"$set": {"state": ResumeState.OVER}})

    async def over(self, limit: int) -> list[Resume]:
        """Return résumés of sessions that have ended, those that were handed in first before the others."""
        return await self.collection.find_valid({"state": ResumeState.OVER}, [("uploaded_at", 1)], limit)


_PREFIX = "resume:"


def file_id_of(session_id: str, digest: str) -> str:
    """Return the id of a résumé's file; `digest` is of its content, so that handing in the same one twice is one."""
    return f"{_PREFIX}{session_id}:{digest[:32]}"
