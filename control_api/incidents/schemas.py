"""Bodies of the review of incidents."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from control_api.schemas import Answer, Body, GivenMoment
from interview.incident import Incident, Severity
from interview.incident_kind import IncidentKind
from interview.record import Line, Moment
from interview.review import REASONS, Note, Reason, ReviewAct, ReviewState, Verdict
from interview.session import Status
from interview.transcript import Speaker


class EvidenceView(Answer):
    """A piece of evidence; `url` answers with it. A clip has a length."""

    name: str
    taken_at: Moment
    duration_s: float | None
    media_type: str
    url: str


class HistoryView(Answer):
    """One line of an incident's history. `by` is a user id, or `candidate`."""

    at: Moment
    by: str
    act: ReviewAct
    verdict: Verdict | None
    reason: Reason | None
    note: str


class QueuedIncident(Answer):
    """An incident as it waits, or stands decided.

    While a second opinion is asked for, what was decided is kept from whoever may give it (`blind`).
    """

    incident_id: str
    session_id: str
    attempt: int
    kind: IncidentKind
    severity: Severity
    started_at: Moment
    ended_at: Moment | None
    confidence: float
    detector: str
    detector_version: str
    threshold: float
    filed_at: Moment
    state: ReviewState
    claimed_by: str | None
    claim_until: Moment | None
    blind: bool
    verdict: Verdict | None
    reason: Reason | None
    decided_by: str | None
    decided_at: Moment | None
    contested_at: Moment | None
    opinions: int
    """How many people have decided."""
    evidence_count: int

    @classmethod
    def of(cls, incident: Incident, *, blind: bool) -> Self:
        """Show an incident."""
        hidden = {"verdict": None, "reason": None, "decided_by": None, "decided_at": None} if blind else {}
        shown = {name: getattr(incident, name) for name in cls.model_fields if hasattr(incident, name)}
        counts = {
            "blind": blind,
            "opinions": len(incident.deciders),
            "evidence_count": len(incident.stills) + len(incident.clips),
        }
        return cls.model_validate(shown | hidden | counts)


class IncidentPage(Answer):
    """A page of incidents. `next_cursor` goes into `cursor` for the next page; null on the last."""

    incidents: list[QueuedIncident]
    people: dict[str, str]
    """The names of the accounts that are named, by their ids."""
    next_cursor: str | None


class SpokenView(Answer):
    """What was said around an incident; `offset_s` is from its beginning, negative before it."""

    turn_id: str
    speaker: Speaker
    text: str
    started_at: Moment
    ended_at: Moment
    offset_s: float


class TimelineEntry(Answer):
    """Something else that happened in the session: a move between statuses, what the page told, a trouble of ours."""

    at: Moment
    until: Moment | None
    what: str
    offset_s: float


class FigureView(Answer):
    """The figure by which the incident was judged, at one moment."""

    at: Moment
    value: float


class SessionBrief(Answer):
    """The session of an incident: nothing in it says who the candidate is."""

    session_id: str
    status: Status
    title: str
    language: str
    started_at: Moment | None
    ended_at: Moment | None
    accommodations: list[str]
    """Which are switched on; how they relax the rules is part of them."""


class IncidentContext(Answer):
    """One incident with what is needed to judge it."""

    incident: QueuedIncident
    session: SessionBrief
    figure: str
    """What `figures` are, as in `threshold`."""
    figures: list[FigureView]
    evidence: list[EvidenceView]
    transcript: list[SpokenView]
    timeline: list[TimelineEntry]
    others: list[QueuedIncident]
    """The session's other incidents, by time."""
    history: list[HistoryView]
    """Empty while it is `blind`, but for what the candidate wrote."""
    people: dict[str, str]
    """The names of the accounts that are named, by their ids."""


class DecideIncidentRequest(Body):
    """What somebody decides about the incident that they hold."""

    verdict: Verdict
    reason: Reason
    note: Note = ""
    second_opinion: bool = False
    """Somebody else is asked as well, who does not see this decision."""

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.reason not in REASONS[self.verdict]:
            raise ValueError(f"with `{self.verdict}` the reason is one of {', '.join(sorted(REASONS[self.verdict]))}")
        return self


class SecondOpinionRequest(Body):
    """A second opinion is asked for."""

    note: Note = ""


class AddRequest(Body):
    """What somebody saw that software did not file."""

    kind: IncidentKind
    started_at: GivenMoment
    ended_at: GivenMoment | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.ended_at is not None and self.ended_at < self.started_at:
            raise ValueError("it cannot end before it began")
        return self


class ReviewAgreementAnswer(Answer):
    """How far two people agree who judge the same incident, the second without knowing the first decision."""

    n: int
    """Incidents about which two people decided so."""
    observed: float | None
    expected: float | None
    kappa: float | None
    """Cohen's kappa; null where nothing can be said."""
    pairs: dict[str, int]
    """How often, as `first/second`."""
    by_state: dict[str, int]
    by_verdict: dict[str, int]
    by_user: dict[str, int]
    """How many incidents stand as this user decided."""
    people: dict[str, str]
    """The names of these users, by their ids."""


class NoticedView(Answer):
    """An incident as the candidate sees it whom it is about."""

    incident_id: str
    kind: IncidentKind
    started_at: Moment
    ended_at: Moment | None
    state: ReviewState
    verdict: Verdict | None
    contested_at: Moment | None

    @classmethod
    def of(cls, incident: Incident) -> Self:
        """Show an incident."""
        return cls.model_validate(incident, from_attributes=True)


class NoticedList(Answer):
    """What was filed about the candidate, by time. To contest one, raise a problem of the kind `incident_contest`."""

    session_id: str
    incidents: list[NoticedView]

    @classmethod
    def of(cls, session_id: str, incidents: Sequence[Incident]) -> Self:
        """Show incidents."""
        return cls(session_id=session_id, incidents=[NoticedView.of(one) for one in incidents])


class WatchableView(Answer):
    """A room that may be watched now: nothing in it says who the candidate is."""

    session_id: str
    title: str
    language: str
    started_at: Moment | None
    candidate_here: bool
    waiting: int
    """How many incidents of it wait for somebody."""


class WatchableList(Answer):
    """A page of rooms that may be watched, those first whose sessions were made first."""

    at: Moment
    """The server's time: what is marked by hand is dated by it, whatever the page's clock says."""
    rooms: list[WatchableView]
    not_told: int
    """Further interviews of this page that go on, and whose candidates were not told that somebody may watch."""
    next_cursor: str | None


class WatchAnswer(Answer):
    """What it takes to watch a room live, unseen: a token that can see and hear, and do nothing else."""

    session_id: str
    livekit_url: str
    livekit_token: str
    livekit_room_name: str
    identity: Annotated[Line, Field(max_length=120)]
    expires_in_s: int
