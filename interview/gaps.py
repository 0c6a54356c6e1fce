"""Where a recording has nothing, and why. Pure: records in, gaps out."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from interview.record import Moment, Record
from interview.recording import RecordingSegment
from interview.session import ConsentItem, Session, Status
from interview.transcript import Turn

_FOREVER = datetime.max.replace(tzinfo=UTC)
_SHORTEST = timedelta(seconds=0.05)
"""Segments of one attempt follow each other to the millisecond."""
_LEEWAY = timedelta(seconds=8)
"""What is missing for so long beside a pause belongs to it: up to a segment that was not finished, and the time that
the next interviewer takes to come."""


_STANDS_STILL = (Status.PAUSED, Status.FAILED)


class GapReason(StrEnum):
    """Why nothing was recorded."""

    OUTAGE = "outage"
    """Our fault: the interviewer had died, or its audio could not be kept."""
    PAUSED = "paused"
    """The interview stood still: it was paused, or had failed and was started again later; waits for a seat too."""
    DECLINED = "declined"
    """The candidate had taken back their consent to the recording."""


class Gap(Record):
    """A stretch of the talk that is silent in the joined recording since nothing of it was kept."""

    started_at: Moment
    ended_at: Moment
    reason: GapReason

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return (self.ended_at - self.started_at).total_seconds()


_Span = tuple[datetime, datetime, GapReason]


def gaps_of(session: Session, segments: Sequence[RecordingSegment], turns: Sequence[Turn]) -> tuple[Gap, ...]:
    """Return the stretches of the talk, from its first sound to its last, that no segment covers, by time.

    Without any segment there is no recording, and so no gap in one.
    """
    if not segments:
        return ()
    covered = sorted((one.started_at, one.ended_at) for one in segments)
    first = min([covered[0][0], *(turn.started_at for turn in turns)])
    last = max([turn.ended_at for turn in turns], default=covered[-1][1])
    spans = sorted([*_paused(session), *_declined(session)])
    found: list[Gap] = []
    until = first
    for start, end in [*covered, (last, last)]:
        if start - until > _SHORTEST:
            found += _explained(until, start, spans)
        until = max(until, end)
    return tuple(found)


def _explained(start: datetime, end: datetime, spans: Sequence[_Span]) -> list[Gap]:
    """Split a gap by the spans that explain it; what is left over beside one and short belongs to it."""
    found: list[Gap] = []
    until = start
    for span_start, span_end, reason in spans:
        begin, stop = max(span_start, until), min(span_end, end)
        if begin >= stop:
            continue
        if begin - until > _LEEWAY:
            found.append(Gap(started_at=until, ended_at=begin, reason=GapReason.OUTAGE))
        else:
            begin = until
        found.append(Gap(started_at=begin, ended_at=stop, reason=reason))
        until = stop
    if found and end - until <= _LEEWAY:
        return [*found[:-1], found[-1].model_copy(update={"ended_at": end})]
    return [*found, Gap(started_at=until, ended_at=end, reason=GapReason.OUTAGE)]


def pauses_of(session: Session) -> tuple[tuple[datetime, datetime], ...]:
    """Return from when to when the interview stood still, by time; a stretch without an end ends with the talk."""
    return tuple((start, min(end, session.ended_at or end)) for start, end, _ in _paused(session))


def _paused(session: Session) -> Iterable[_Span]:
    since: datetime | None = None
    for entry in session.history:
        if entry.target in _STANDS_STILL and since is None:
            since = entry.at
        elif since is not None and entry.target not in (*_STANDS_STILL, Status.QUEUED):
            yield since, entry.at, GapReason.PAUSED
            since = None
    if since is not None:
        yield since, _FOREVER, GapReason.PAUSED


def _declined(session: Session) -> Iterable[_Span]:
    since: datetime | None = None
    for entry in session.consent.entries if session.consent is not None else ():
        if entry.item is not ConsentItem.RECORDING:
            continue
        if not entry.agreed:
            since = since or entry.at
        elif since is not None:
            yield since, entry.at, GapReason.DECLINED
            since = None
    if since is not None:
        yield since, _FOREVER, GapReason.DECLINED
