"""One incident with what is needed to judge it in seconds: what was measured, said, and happened around it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from control_api.access import OnIncident
from control_api.incidents import service
from control_api.incidents.schemas import (
    EvidenceView,
    FigureView,
    HistoryView,
    IncidentContext,
    SessionBrief,
    SpokenView,
    TimelineEntry,
)
from control_api.parts import Parts
from interview.accommodation import Accommodations
from interview.browser_event import BrowserEvent
from interview.disturbance import Disturbance
from interview.errors import NotFound
from interview.incident import Incident, ObservationBatch
from interview.review import ReviewAct
from interview.rules.rule import switches
from interview.session import Session
from interview.signals import SIGNALS
from interview.transcript import Turn

PREFIX = "/api/incidents"
STILL_TYPE, CLIP_TYPE = "image/jpeg", "audio/ogg"
_AROUND = timedelta(seconds=60)
_MEASURED = timedelta(seconds=15)
_MAX_FIGURES = 600


async def read_context(parts: Parts, on: OnIncident) -> IncidentContext:
    """Return an incident in its context. Audited."""
    await service.note(parts, on, "read incident")
    incident, session, storage = on.incident, on.session, parts.storage
    session_id = session.session_id
    span = (incident.started_at - _AROUND, (incident.ended_at or incident.started_at) + _AROUND)
    others = [one for one in await storage.incidents.of(session_id) if one.incident_id != incident.incident_id]
    events = await storage.browser_events.of(session_id)
    disturbances = await storage.disturbances.of(session_id)
    blind = service.is_blind(incident, on.caller)
    shown, history = service.shown(incident, on.caller), _history(incident, blind)
    return IncidentContext(
        incident=shown,
        session=_brief(session),
        figure=SIGNALS[incident.kind].figure,
        figures=_figures(incident, await storage.observations.of(session_id)),
        evidence=_evidence(incident),
        transcript=[_spoken(incident, turn) for turn in await storage.turns.of(session_id) if _within(turn, span)],
        timeline=sorted(_timeline(incident, session, events, disturbances, span), key=lambda entry: entry.at),
        others=[service.shown(one, on.caller) for one in others],
        history=history,
        people=await service.people(parts, [shown.claimed_by, shown.decided_by, *(entry.by for entry in history)]),
    )


async def read_evidence(parts: Parts, on: OnIncident, name: str) -> tuple[bytes, str]:
    """Return one piece of evidence and its media type. Audited. Raises `NotFound` (`evidence_not_found`)."""
    files = {piece_name: (file_id, media_type) for piece_name, file_id, media_type in _pieces(on.incident)}
    if name not in files:
        raise NotFound("there is no such evidence; it may have been deleted in time", code="evidence_not_found")
    await service.note(parts, on, f"read evidence {name}")
    file_id, media_type = files[name]
    return await parts.storage.files.get(file_id), media_type


def _pieces(incident: Incident) -> Iterator[tuple[str, str, str]]:
    for still in incident.stills:
        yield still.moment, still.file_id, STILL_TYPE
    for n, clip in enumerate(incident.clips, 1):
        yield f"clip-{n}", clip.file_id, CLIP_TYPE


def _evidence(incident: Incident) -> list[EvidenceView]:
    times = [(still.taken_at, None) for still in incident.stills]
    times += [(clip.started_at, clip.duration_s) for clip in incident.clips]
    return [
        EvidenceView(
            name=name,
            taken_at=taken_at,
            duration_s=duration_s,
            media_type=media_type,
            url=f"{PREFIX}/{incident.incident_id}/evidence/{name}",
        )
        for (name, _, media_type), (taken_at, duration_s) in zip(_pieces(incident), times, strict=True)
    ]


def _figures(incident: Incident, batches: Sequence[ObservationBatch]) -> list[FigureView]:
    """Return what was measured around the incident, thinned where there is much of it."""
    figure = SIGNALS[incident.kind].figure
    first, last = incident.started_at - _MEASURED, (incident.ended_at or incident.started_at) + _MEASURED
    found = [
        FigureView(at=seen.at, value=seen.values[figure])
        for batch in batches
        for seen in batch.observations
        if figure in seen.values and first <= seen.at <= last
    ]
    return found[:: len(found) // _MAX_FIGURES + 1]


def _brief(session: Session) -> SessionBrief:
    return SessionBrief(
        session_id=session.session_id,
        status=session.status,
        title=session.plan.title,
        language=session.plan.language,
        started_at=session.began_at(1),
        ended_at=session.ended_at,
        accommodations=_switched_on(session.adjustments),
    )


def _switched_on(adjustments: Accommodations) -> list[str]:
    return [name for name in sorted(switches()) if getattr(adjustments, name)]


def _spoken(incident: Incident, turn: Turn) -> SpokenView:
    return SpokenView(
        turn_id=turn.turn_id,
        speaker=turn.speaker,
        text=turn.text,
        started_at=turn.started_at,
        ended_at=turn.ended_at,
        offset_s=_offset_s(incident, turn.started_at),
    )


def _timeline(
    incident: Incident,
    session: Session,
    events: Sequence[BrowserEvent],
    disturbances: Sequence[Disturbance],
    span: tuple[datetime, datetime],
) -> Iterator[TimelineEntry]:
    """Yield what else happened: all moves of the session, and what lies around the incident of everything else."""

    def entry(at: datetime, what: str, until: datetime | None = None) -> TimelineEntry:
        return TimelineEntry(at=at, until=until, what=what, offset_s=_offset_s(incident, at))

    first, last = span
    for move in session.history:
        yield entry(move.at, f"session {move.target.value}")
    for change in session.seat_changes:
        yield entry(change.at, f"seat {change.kind.value}")
    for event in events:
        if first <= event.at <= last:
            yield entry(event.at, f"page {event.kind.value}")
    for trouble in disturbances:
        if trouble.started_at <= last and trouble.ended_at >= first:
            yield entry(trouble.started_at, f"trouble {trouble.kind.value}", trouble.ended_at)
    for condition in session.conditions:
        if condition.since <= last and (condition.until is None or condition.until >= first):
            yield entry(condition.since, f"{condition.kind.value} {condition.state.value}", condition.until)


def _history(incident: Incident, blind: bool) -> list[HistoryView]:
    return [
        HistoryView(
            at=entry.at,
            by=entry.by,
            act=entry.act,
            verdict=entry.verdict,
            reason=entry.reason,
            note=incident.note(n),
        )
        for n, entry in enumerate(incident.history)
        if not blind or entry.act is ReviewAct.CONTESTED
    ]


def _within(turn: Turn, span: tuple[datetime, datetime]) -> bool:
    return turn.started_at <= span[1] and turn.ended_at >= span[0]


def _offset_s(incident: Incident, at: datetime) -> float:
    return round((at - incident.started_at).total_seconds(), 3)
