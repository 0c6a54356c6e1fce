"""Everything that is stored about a person, as one ZIP: in words, sound and pictures, and every record as it is.

What belongs to a session is found by walking all collections, so that what is added to Viva later is in an export
without a change here. Memory stays small: one kind of record or one file at a time; a large ZIP lies on disk.
"""

import asyncio
import json
import re
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import IO, Any, cast

from control_api.downloads import new_file
from control_api.privacy.readable import (
    Folder,
    evaluations_text,
    index_page,
    readme,
    title_of,
    transcript_text,
)
from interview.audio import Samples, decode_segment
from interview.audit import AuditEntry
from interview.errors import Conflict, Invalid, NotFound, StorageError, StorageUnavailable
from interview.evaluation import Evaluation
from interview.idempotency import KeptCall
from interview.incident import Incident
from interview.joined import Joined
from interview.outgoing import Delivery
from interview.record import Record
from interview.recording import RecordingSegment
from interview.report import Report
from interview.resume import MEDIA_TYPES, ResumeKind
from interview.session import Session, Status
from interview.storage import Storage
from interview.transcript import Turn

_GOING_ON = frozenset({Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED})
_NAMED = {
    "turns": "transcript.json",
    "incidents": "incidents.json",
    "invites": "invites.json",
    "evaluations": "evaluations.json",
    "reports": "report.json",
}
"""Kinds of records that stand under a name of their own besides `records/`."""
_OF_SCORES = frozenset({"evaluations", "model_replies", "reports", "renderings", "own_scores"})
"""Kinds of records that hold a level, or words about one."""
_FILES_OF_SCORES = ("report:", "rendering:")
SCORES_FIRST = "levels and the report, by whomever; give your own scores first, as the plan asks, and export it again"
HidesScores = Callable[[Session], Awaitable[bool]]
_AUDITED = {"problems": "problem", "incidents": "incident"}
"""Kinds of records that are subjects of the audit log by themselves."""


async def export_person(
    storage: Storage,
    email: str,
    *,
    now: datetime,
    by: str,
    owner_id: str | None = None,
    hides_scores: HidesScores | None = None,
) -> IO[bytes]:
    """Return the ZIP of everything about that email, at its beginning; the caller closes it.

    `owner_id` narrows it to the sessions of one recruiter, without an account. Each session's export is noted in the
    audit log as done `by`. Raises `NotFound` (code `person_not_found`), and as `export_sessions`.
    """
    sessions = await storage.sessions.of_email(email, owner_id)
    account = await storage.users.by_email(email) if owner_id is None else None
    if not sessions and account is None:
        raise NotFound("nothing is stored about this email", code="person_not_found")
    own = None if account is None else account.model_dump(mode="json", exclude={"password_hash"})
    if account is not None:
        await storage.audit.add(by, "export account", f"user:{account.user_id}")
    return await export_sessions(storage, sessions, now=now, by=by, account=own, hides_scores=hides_scores)


def check_is_at_rest(session: Session, now: datetime) -> None:
    """Raise `Conflict` (code `not_ended`) while an interview goes on, or has failed and may still go on.

    What software notes about somebody who is talking is not shown to them at that moment.
    """
    may_go_on = session.status is Status.FAILED and now <= session.not_after and session.is_kept
    if session.status in _GOING_ON or may_go_on:
        raise Conflict("the interview goes on; ask again after it", code="not_ended", status=session.status.value)


async def export_sessions(
    storage: Storage,
    sessions: Sequence[Session],
    *,
    now: datetime,
    by: str,
    account: dict[str, Any] | None = None,
    questions: bool = True,
    hides_scores: HidesScores | None = None,
) -> IO[bytes]:
    """Return the ZIP of these sessions, at its beginning; the caller closes it.

    Without `questions` it leaves out what is to be asked, and by what it is measured: its reader has yet to answer.
    `hides_scores` tells of which sessions levels are left out: its reader has yet to give their own.
    """
    sink = new_file()
    try:
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            folders: list[Folder] = []
            for n, session in enumerate(sessions, start=1):
                scores = hides_scores is None or not await hides_scores(session)
                done = "export session" if scores else "export session without scores"
                await storage.audit.add(by, done, f"session:{session.session_id}")
                name = f"{n:02d}-{session.created_at:%Y-%m-%d}"
                folder = Folder(name, title_of(session), session.created_at)
                await _SessionExport(storage, archive, folder, session, questions=questions, scores=scores).write()
                folders.append(folder)
            if account is not None:
                archive.writestr("account.json", _json(account))
            archive.writestr("index.html", index_page(now, folders, account is not None))
            archive.writestr("README.txt", readme(now, folders, account is not None))
        sink.seek(0)
    except BaseException:
        sink.close()
        raise
    return sink


class _SessionExport:
    """One session's folder."""

    def __init__(
        self,
        storage: Storage,
        archive: zipfile.ZipFile,
        folder: Folder,
        session: Session,
        *,
        questions: bool,
        scores: bool,
    ) -> None:
        self._storage = storage
        self._archive = archive
        self._folder = folder
        self._session = session
        self._questions = questions
        self._scores = scores
        self._audit: list[AuditEntry] = []
        self._shown: set[str] = set()
        """Ids of files that stand in the folder already, or are joined in the recording."""

    async def write(self) -> None:
        session = self._session
        self._audit += await self._storage.audit.of_subject(f"session:{session.session_id}")
        await self._put("session.json", self._told(session))
        await self._put("consent.json", session.consent)
        for collection in self._storage.collections:
            if collection.shape.session_field is not None:
                records = await self._records(collection)
                await self._write_kind(collection.shape.collection, records)
                if subject := _AUDITED.get(collection.shape.collection):
                    for record in records:
                        self._audit += await self._storage.audit.of_subject(f"{subject}:{collection.shape.key(record)}")
        self._audit.sort(key=lambda entry: entry.at)
        await self._put("audit.json", self._audit)
        await self._write_other_files()
        if not self._scores:
            self._folder.problems.append(SCORES_FIRST)

    async def _records(self, collection: Any) -> list[Record]:
        """Return the session's records of one kind; what cannot be opened is told on the page."""
        try:
            return await collection.find({collection.shape.session_field: self._session.session_id}, [("_id", 1)])
        except StorageUnavailable:
            raise
        except StorageError as error:
            self._folder.problems.append(error.message)
            return []

    async def _write_kind(self, kind: str, records: list[Record]) -> None:
        if not records:
            return
        if (kind == "proposals" and not self._questions) or (kind in _OF_SCORES and not self._scores):
            return
        records = [self._told(without_secrets(record)) for record in records]
        await self._put(f"records/{kind}.json", records)
        if kind in _NAMED:
            await self._put(_NAMED[kind], records)
        turns = sorted((one for one in records if isinstance(one, Turn)), key=lambda turn: (turn.started_at, turn.seq))
        if turns:
            await self._add("transcript.txt", transcript_text(self._session, turns).encode())
        evaluations = [one for one in records if isinstance(one, Evaluation)]
        if evaluations:
            await self._add("evaluations.txt", evaluations_text(self._session, evaluations).encode())
        segments = [one for one in records if isinstance(one, RecordingSegment)]
        if segments:
            await self._write_recording(sorted(segments, key=lambda segment: segment.started_at))
        for one in records:
            if isinstance(one, Report) and one.html_file_id is not None:
                name = "report.html" if one.version == 1 else f"files/report-{one.version}.html"
                await self._write_file(name, one.html_file_id)
            if isinstance(one, Incident):
                for still in one.stills:
                    name = f"stills/{one.started_at:%H-%M-%S}-{one.kind}-{one.incident_id[:8]}-{still.moment}.jpg"
                    await self._write_file(name, still.file_id)
                for n, clip in enumerate(one.clips, 1):
                    name = f"clips/{one.started_at:%H-%M-%S}-{one.kind}-{one.incident_id[:8]}-{n}.ogg"
                    await self._write_file(name, clip.file_id)

    def _told(self, record: Record) -> Record:
        """Return a record as its reader may see it."""
        if self._questions or not isinstance(record, Session):
            return record
        return record.model_copy(update={"plan": record.plan.model_copy(update={"questions": (), "competencies": ()})})

    async def _write_recording(self, segments: list[RecordingSegment]) -> None:
        try:
            joined = Joined(segments)
        except Invalid as error:  # spans too long to join: each segment is a file by itself, below
            self._folder.problems.append(error.message)
            return
        path = f"{self._folder.name}/recording.wav"
        with self._archive.open(path, "w", force_zip64=True) as sink:
            await asyncio.to_thread(sink.write, joined.header)
            for stretch in joined.stretches:
                samples = None if stretch.segment is None else await self._samples(stretch.segment)
                await asyncio.to_thread(sink.write, stretch.bytes_of(samples))
        self._folder.files.append("recording.wav")

    async def _samples(self, segment: RecordingSegment) -> Samples | None:
        audio = await self._content(segment.file_id)
        if audio is None:  # which is told already
            self._shown.add(segment.file_id)
            return None
        try:
            samples = await asyncio.to_thread(decode_segment, audio)
        except Invalid as error:  # the file is given as it is, below
            self._folder.problems.append(f"{segment.file_id}: {error.message}")
            return None
        self._shown.add(segment.file_id)
        return samples

    async def _write_other_files(self) -> None:
        for file_id, content_type in (await self._storage.files.types_of(self._session.session_id)).items():
            if not self._scores and file_id.startswith(_FILES_OF_SCORES):
                continue
            if file_id not in self._shown:
                await self._write_file(f"files/{_file_name(file_id, content_type)}", file_id)

    async def _write_file(self, name: str, file_id: str) -> None:
        content = await self._content(file_id)
        if content is not None:
            await self._add(name, content)
            self._shown.add(file_id)

    async def _content(self, file_id: str) -> bytes | None:
        try:
            return await self._storage.files.get(file_id)
        except StorageUnavailable:
            raise
        except (NotFound, StorageError) as error:
            self._folder.problems.append(error.message)
            return None

    async def _put(self, name: str, value: Record | Sequence[Record] | None) -> None:
        records = [one.model_dump(mode="json") for one in value] if isinstance(value, Sequence) else value
        plain = records.model_dump(mode="json") if isinstance(records, Record) else records
        await self._add(name, _json(plain).encode())

    async def _add(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._archive.writestr, f"{self._folder.name}/{name}", content)
        self._folder.files.append(name)


def without_secrets(record: Record) -> Record:
    """Return a record without the links and tokens in it that work: a ZIP goes from hand to hand.

    What else stands there about a person stands in the session itself.
    """
    if isinstance(record, KeptCall):
        return record.model_copy(update={"answer": None})
    if isinstance(record, Delivery):
        return record.model_copy(update={"payload": _without_links(record.payload)})
    return record


def _without_links(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    fields = cast(dict[str, Any], value)
    return {name: None if name == "invite_url" else _without_links(inner) for name, inner in fields.items()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


_EXTENSIONS = {
    "audio/ogg": "ogg",
    "image/jpeg": "jpg",
    "image/png": "png",
    "text/html": "html",
    "application/pdf": "pdf",
    MEDIA_TYPES[ResumeKind.DOCX]: "docx",
    "text/plain": "txt",
    "text/csv": "csv",
    "text/markdown": "md",
}


def _file_name(file_id: str, content_type: str) -> str:
    extension = _EXTENSIONS.get(content_type, "bin")
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', file_id).strip('.-')}.{extension}"
