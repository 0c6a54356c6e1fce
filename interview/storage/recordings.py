"""Segments of the room's audio."""

from pymongo import IndexModel

from interview.errors import Invalid
from interview.recording import RecordingSegment
from interview.storage.base import Database, Shape
from interview.storage.erasure import Journal
from interview.storage.files import Files

SHAPE = Shape(
    collection="recordings",
    record=RecordingSegment,
    key=lambda segment: segment.segment_id,
    indexes=(IndexModel([("session_id", 1), ("started_at", 1)]),),
)


class Recordings:
    """The collection `recordings`, and the audio among the files."""

    def __init__(self, database: Database, files: Files) -> None:
        self.collection = Journal(database, SHAPE)
        self._files = files

    async def add(self, segment: RecordingSegment, audio: bytes) -> None:
        """Store a segment: the audio first, so that no document names a file that is not there.

        A repeat is harmless. Raises `Invalid` unless `file_id` is `recording:{segment_id}`, and what
        `Journal.append` raises.
        """
        if segment.file_id != f"recording:{segment.segment_id}":
            raise Invalid(f"the file of segment {segment.segment_id} must be called recording:{segment.segment_id}")
        await self._files.put(segment.file_id, audio, session_id=segment.session_id, content_type="audio/ogg")
        await self.collection.append(segment, segment.session_id)

    async def of(self, session_id: str) -> list[RecordingSegment]:
        """Return a session's segments by the time at which they start."""
        return await self.collection.of(session_id, "started_at", "_id")

    async def audio(self, segment: RecordingSegment) -> bytes:
        """Return a segment's audio, decrypted: Opus in Ogg. Raises `NotFound`, `CannotDecrypt`."""
        return await self._files.get(segment.file_id)
