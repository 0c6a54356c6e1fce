"""Reads everything that is stored and says what is wrong with it."""

from collections.abc import Iterator

from interview.errors import CannotDecrypt, NotFound, StorageError, StorageUnavailable
from interview.incident import Incident
from interview.record import Record
from interview.recording import RecordingSegment
from interview.rendering import Rendering
from interview.report import Report
from interview.resume import Resume
from interview.session import Session, Status
from interview.storage.store import Storage


async def verify(storage: Storage) -> list[str]:
    """Return the problems of the whole database in words that name ids only; none means that all is well.

    Every document must validate as its record and open with the configured keys; every file must be complete and
    open; every file that a document names must exist; and of an erased session nothing but its tombstone may be
    left. What an upload that was cut short left is no problem: it is not visible. Raises `StorageUnavailable`.
    """
    problems: list[str] = []
    named: dict[str, str] = {}
    erased: set[str] = set()
    belongs_to: list[tuple[str, str]] = []

    for collection in storage.collections:
        shape = collection.shape
        async for document in collection.documents():
            where = f"{shape.collection}:{document['_id']}"
            if shape.session_field is not None:
                belongs_to.append((where, str(document.get(shape.session_field))))
            try:
                record: Record = collection.from_document(document)
            except StorageError as error:
                problems.append(error.message)
                continue
            if isinstance(record, Session) and record.status is Status.DELETED:
                erased.add(record.session_id)
            named.update(dict.fromkeys(_files_of(record), where))

    stored = [file async for file in storage.files.all_files()]
    belongs_to += [(f"file {file_id}", session_id) for file_id, session_id in stored]
    file_ids = {file_id for file_id, _ in stored}
    for file_id in sorted(file_ids):
        problems += await _problems_of_file(storage, file_id)
    problems += [
        f"{where} names the file {file_id}, which is missing"
        for file_id, where in named.items()
        if file_id not in file_ids
    ]
    problems += [
        f"{where} belongs to {session_id}, which was erased" for where, session_id in belongs_to if session_id in erased
    ]
    return problems


def _files_of(record: Record) -> Iterator[str]:
    if isinstance(record, RecordingSegment):
        yield record.file_id
    elif isinstance(record, Incident):
        yield from (still.file_id for still in record.stills)
    elif isinstance(record, Resume):
        yield record.file_id
    elif isinstance(record, Report) and record.html_file_id is not None:
        yield record.html_file_id
    elif isinstance(record, Rendering) and record.file_id is not None:
        yield record.file_id


async def _problems_of_file(storage: Storage, file_id: str) -> list[str]:
    try:
        await storage.files.get(file_id)
    except StorageUnavailable:
        raise
    except NotFound:
        return []  # It was deleted since the listing; if a document still names it, that is reported there.
    except (CannotDecrypt, StorageError) as error:
        return [error.message]
    return []
