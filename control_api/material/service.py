"""Reading what an interview left behind. Each function notes in the audit log who read what."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from control_api.access import OnSession
from control_api.material.ranges import wanted_range
from control_api.material.schemas import CorrectionView, EvaluationView
from control_api.parts import Parts
from control_api.reports.blind import check_may_see_scores, is_withheld
from interview.audio import Samples, decode_segment
from interview.errors import Conflict, Invalid, NotFound, NotMadeYet, StaleAttempt, StorageError, StorageUnavailable
from interview.gaps import Gap, gaps_of
from interview.incident import Incident
from interview.joined import Joined, Stretch
from interview.recording import RecordingSegment
from interview.rendering import Rendering, RenderingStatus, ReportFormat
from interview.report import Report, ReportStatus, digest_of, newest_to_read
from interview.session import Status
from interview.storage.showing import content_shown
from interview.transcript import Turn

log = logging.getLogger(__name__)

_LOOK_S = 0.2
"""How often it is looked whether a rendering is there."""


async def read_transcript(parts: Parts, on: OnSession) -> list[Turn]:
    """Return the session's turns, in order."""
    await _note_reading(parts, on, "read transcript")
    return await parts.storage.turns.of(on.session.session_id)


async def read_corrections(parts: Parts, on: OnSession) -> list[CorrectionView]:
    """Return what turns are read as instead, in the order in which that was decided. Read together with the turns."""
    session_id = on.session.session_id
    views = [
        CorrectionView(
            turn_id=problem.correction.turn_id,
            text=problem.correction.text,
            reason=problem.answer or "",
            by=problem.answered_by,
            at=problem.answered_at,
            problem_id=problem.problem_id,
        )
        for problem in await parts.storage.problems.corrections_of(session_id)
        if problem.correction and problem.answered_by and problem.answered_at
    ]
    views += [
        CorrectionView(turn_id=one.turn_id, text=one.text, reason=one.reason, by=one.by, at=one.at, problem_id=None)
        for one in await parts.storage.reviews.corrections.of(session_id)
    ]
    return sorted(views, key=lambda view: view.at)


@dataclass(frozen=True)
class Sound:
    """The wanted bytes of a recording, `first` to `last`, as they are made; `partial` tells whether it has others."""

    joined: Joined
    first: int
    last: int
    partial: bool
    blocks: AsyncIterator[bytes]


async def read_recording(parts: Parts, on: OnSession, wanted: str | None, if_tag: str | None) -> Sound:
    """Return the recording as WAV (stereo, the candidate left, the interviewer right), or the `wanted` range of it.

    It is decrypted and decoded as it is given out, a segment at a time. What cannot be decoded is silent. A range of
    another recording than that of `if_tag` is none. Raises `NotFound` (`no_recording`) when nothing was recorded,
    `RangeUnsatisfiable`, and `TooMany` (`too_many_downloads`).
    """
    await _note_reading(parts, on, "read recording")
    joined = Joined(await parts.storage.recordings.of(on.session.session_id))
    asked = wanted_range(wanted if if_tag in (None, f'"{joined.tag}"') else None, joined.size_bytes)
    first, last = asked or (0, joined.size_bytes - 1)
    pieces = joined.within(first, last)
    async with parts.downloads.place():
        begin = await _piece(parts, joined, *next(pieces))
    return Sound(joined, first, last, asked is not None, _blocks(parts, joined, begin, pieces))


Pieces = Iterator[tuple[Stretch | None, int, int]]


async def _blocks(parts: Parts, joined: Joined, begin: bytes, pieces: Pieces) -> AsyncIterator[bytes]:
    """Yield the first piece, which is there, and then one after the other, each made when the one before has gone."""
    yield begin
    for piece in pieces:
        async with parts.downloads.turn():
            made = await _piece(parts, joined, *piece)
        yield made


async def _piece(parts: Parts, joined: Joined, stretch: Stretch | None, start: int, end: int) -> bytes:
    if stretch is None:
        return joined.header[start:end]
    samples = None if stretch.segment is None else await _samples(parts, stretch.segment)
    return stretch.bytes_of(samples)[start:end]


async def _samples(parts: Parts, segment: RecordingSegment) -> Samples | None:
    try:
        audio = await parts.storage.recordings.audio(segment)
        return await asyncio.to_thread(decode_segment, audio)
    except StorageUnavailable:
        raise
    except (Invalid, NotFound, StorageError) as error:
        log.error("session %s: a segment is left out of its recording: %s", segment.session_id, error.code)
        return None


async def read_outline(parts: Parts, on: OnSession) -> tuple[list[RecordingSegment], tuple[Gap, ...]]:
    """Return the segments of the recording, by time, and its gaps. Raises `NotFound` as `read_recording` does."""
    await _note_reading(parts, on, "read recording outline")
    segments = await parts.storage.recordings.of(on.session.session_id)
    if not segments:
        raise NotFound("nothing was recorded in this session", code="no_recording")
    turns = await parts.storage.turns.of(on.session.session_id)
    return segments, gaps_of(on.session, segments, turns)


async def read_incidents(parts: Parts, on: OnSession) -> list[Incident]:
    """Return the incidents, by time."""
    await _note_reading(parts, on, "read incidents")
    return await parts.storage.incidents.of(on.session.session_id)


async def read_still(parts: Parts, on: OnSession, incident_id: str, moment: str) -> bytes:
    """Return one still as JPEG. Raises `NotFound` when the incident is not of this session or has no such still."""
    await _note_reading(parts, on, "read still")
    incidents = await parts.storage.incidents.of(on.session.session_id)
    stills = (still for incident in incidents if incident.incident_id == incident_id for still in incident.stills)
    for still in stills:
        if still.moment == moment:
            return await parts.storage.files.get(still.file_id)
    raise NotFound("there is no such still", code="still_not_found")


async def read_evaluations(parts: Parts, on: OnSession) -> list[EvaluationView]:
    """Return what each answer was found to show so far, in the plan's order. Raises `Conflict` (`own_scores_first`)."""
    await check_may_see_scores(parts, on)
    await _note_reading(parts, on, "read evaluations")
    of = {one.question_id: one for one in await parts.storage.evaluations.of(on.session.session_id)}
    plan = on.session.plan
    return [EvaluationView.of(of[question.id], plan) for question in plan.questions if question.id in of]


async def read_report(parts: Parts, on: OnSession, version: int | None = None) -> Report:
    """Return that version of the report, or the newest that can be read, or else the newest.

    Its content is left out where own scores come first (`check_may_see_scores`). Raises `NotFound`
    (`report_not_found`).
    """
    report, content = await _read_report(parts, on, version)
    return report.model_copy(update={"content": content})


async def _read_report(parts: Parts, on: OnSession, version: int | None) -> tuple[Report, dict[str, Any] | None]:
    """Return the report as it was built, and what of it is shown now."""
    reports, session_id = parts.storage.reports, on.session.session_id
    if version is None:
        versions = await reports.versions(session_id)
        report = newest_to_read(versions) or (versions[-1] if versions else None)
    else:
        report = await reports.version(session_id, version)
    withheld = await is_withheld(parts, on.session, on.user)
    shown = report is not None and report.is_readable and not withheld
    await _note_reading(parts, on, "read report" if shown else "read report state")
    if report is None:
        said = "this session has no report; ending it queues one" if version is None else "it has no such version"
        raise NotFound(said, code="report_not_found")
    return report, None if withheld else await content_shown(parts.storage, report)


async def read_report_as(parts: Parts, on: OnSession, form: ReportFormat, version: int | None) -> tuple[bytes, str]:
    """Return the report in that form, and the name of its file: what is not there yet is made now.

    One whose scores follow is given out too, under the name of a draft. Raises as `read_report`, `Conflict`
    (`report_not_ready`, `own_scores_first`), and `NotMadeYet`.
    """
    await check_may_see_scores(parts, on)
    report, content = await _read_report(parts, on, version)
    if content is None:
        raise Conflict("the report is not ready", code="report_not_ready", status=report.status.value)
    draft = "" if report.status is ReportStatus.READY else "-draft"
    name = f"report-{report.session_id[:8]}-{report.version}{draft}.{form}"
    match form:
        case ReportFormat.JSON:
            return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode(), name
        case ReportFormat.HTML if content == report.content:  # the page was made with the report
            return await parts.storage.reports.html(report), name
        case _:
            return await _rendered(parts, report, form, digest_of(content)), name


async def _rendered(parts: Parts, report: Report, form: ReportFormat, digest: str) -> bytes:
    """Ask the reports workers for it, and wait."""
    renderings, patience_s = parts.storage.renderings, parts.settings.report_render_wait_s
    try:
        async with asyncio.timeout(patience_s):
            rendering = await _made(parts, report, form, digest)
    except StaleAttempt as error:
        raise NotFound("what this report said about a person is gone", code="report_not_found") from error
    except TimeoutError:
        raise NotMadeYet(f"it was not made within {patience_s:g} s; ask again in a moment") from None
    return await renderings.made(rendering)


async def _made(parts: Parts, report: Report, form: ReportFormat, digest: str) -> Rendering:
    """Wait until there is one of what the report shows: one of a draft is none of the report that follows it."""
    renderings, key = parts.storage.renderings, (report.session_id, report.version)
    rendering = await renderings.ask(*key, form, digest)
    while not (rendering.is_made and rendering.digest == digest):
        if rendering.status is RenderingStatus.FAILED:
            words = f"it could not be made ({rendering.failure}); asking again tries again"
            raise NotMadeYet(words, code="rendering_failed")
        if rendering.is_made:  # of what was shown before, or since
            now = await parts.storage.reports.version(*key)
            content = None if now is None else await content_shown(parts.storage, now)
            digest = digest if content is None else digest_of(content)
            rendering = await renderings.ask(*key, form, digest)
            continue
        await asyncio.sleep(_LOOK_S)
        rendering = await renderings.get(rendering.rendering_id)
    return rendering


async def _note_reading(parts: Parts, on: OnSession, action: str) -> None:
    session = on.session
    if session.status is Status.DELETED:
        raise NotFound("this session was deleted, and everything about it erased", code="session_deleted")
    await parts.storage.audit.add(actor=on.caller.actor, action=action, subject=f"session:{session.session_id}")
