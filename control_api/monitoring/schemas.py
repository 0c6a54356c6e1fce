"""Answers of `/api/monitoring`, and what its stream sends."""

from datetime import datetime
from typing import Self

from control_api.monitoring.figures import Figures
from control_api.schemas import Answer, ProgressView
from interview.record import Moment
from interview.replica import ReplicaKind
from interview.session import Presence, Status
from interview.storage.outlines import Outline


class PoolView(Answer):
    """Connections to the database, of all API replicas together."""

    in_use: int
    maximum: int


class SeatsView(Answer):
    """The seats of the house; a paused interview keeps its own for a while."""

    taken: int
    maximum: int


class WaitingView(Answer):
    """Who waits for a seat, and how long the first of them has."""

    length: int
    longest_wait_s: float


class WorkersView(Answer):
    """The workers of one kind that live: how many processes, the jobs they have, and those they could have."""

    processes: int
    ready: int
    jobs: int
    capacity: int


class ProviderSlotsView(Answer):
    """The streams that are open at a provider, over all processes, and how many it allows."""

    provider: str
    """The kind of engine and the provider's name, such as `stt.deepgram`."""
    in_use: int
    maximum: int


class InterviewView(Answer):
    """An interview that runs, pauses or waits in the queue. Who it is with stands in the session itself."""

    session_id: str
    owner_id: str
    title: str
    status: Status
    attempt: int
    progress: ProgressView
    presence: Presence
    evaluated_at: Moment | None
    """When the latest evaluation of an answer came."""
    started_at: Moment | None
    duration_s: float
    """Since the candidate came, pauses excluded."""
    last_activity_at: Moment

    @classmethod
    def of(cls, outline: Outline, now: datetime) -> Self:
        """Show a session from afar."""
        return cls(
            session_id=outline.session_id,
            owner_id=outline.owner_id,
            title=outline.title,
            status=outline.status,
            attempt=outline.attempt,
            progress=ProgressView.of(outline.progress),
            presence=outline.presence,
            evaluated_at=outline.evaluated_at,
            started_at=outline.started_at,
            duration_s=round(outline.duration_s(now), 1),
            last_activity_at=outline.last_activity_at,
        )


class MonitoringAnswer(Answer):
    """The house in figures; `interviews` are one's own, an admin's are everybody's.

    Counts of requests are of the API replicas that live, since each of them started; probes are left out. Those of
    sessions are since the beginning.
    """

    at: Moment
    uptime_s: float
    """Since the oldest API replica that lives has started."""
    replicas: int
    requests: int
    errors: int
    error_rate: float
    requests_per_minute: int
    streams: int
    active: int
    paused: int
    created: int
    completed: int
    completion_rate: float | None
    """Completed among the interviews that began and ended; null before any did."""
    average_duration_s: float | None
    """Of completed interviews, pauses excluded."""
    pool: PoolView
    provider_slots: list[ProviderSlotsView]
    """Of providers that have a limit."""
    seats: SeatsView
    queue: WaitingView
    reports_waiting: int
    cost_today: float
    """What providers have cost since midnight (UTC), in US dollars, by the price table."""
    workers: dict[ReplicaKind, WorkersView]
    interviews: list[InterviewView]

    @classmethod
    def of(cls, figures: Figures, owner_id: str | None) -> Self:
        """Show the figures, with the interviews of one owner or, for None, everybody's."""
        apis = figures.of_kind(ReplicaKind.CONTROL_API)
        requests = sum(api.load.requests for api in apis)
        errors = sum(api.load.errors for api in apis)
        shown = [outline for outline in figures.watched if owner_id in (None, outline.owner_id)]
        return cls(
            at=figures.at,
            uptime_s=round(max((figures.at - api.started_at).total_seconds() for api in apis), 1),
            replicas=len(apis),
            requests=requests,
            errors=errors,
            error_rate=errors / requests if requests else 0.0,
            requests_per_minute=sum(api.load.requests_last_minute for api in apis),
            streams=sum(api.load.streams for api in apis),
            active=len(figures.in_status(Status.IN_PROGRESS)),
            paused=len(figures.in_status(Status.PAUSED)),
            created=figures.created,
            completed=figures.completed,
            completion_rate=figures.completion_rate,
            average_duration_s=figures.average_duration_s,
            pool=PoolView(in_use=sum(api.pool_in_use for api in apis), maximum=sum(api.pool_max for api in apis)),
            provider_slots=[
                ProviderSlotsView(provider=provider, in_use=figures.slots_in_use[provider], maximum=limit)
                for provider, limit in figures.provider_limits.items()
            ],
            seats=SeatsView(taken=figures.seats_taken, maximum=figures.seats),
            queue=WaitingView(
                length=len(figures.in_status(Status.QUEUED)), longest_wait_s=round(figures.longest_wait_s, 1)
            ),
            reports_waiting=figures.reports_waiting,
            cost_today=round(figures.cost_today_usd, 6),
            workers={kind: _workers(figures, kind) for kind in ReplicaKind if kind is not ReplicaKind.CONTROL_API},
            interviews=[InterviewView.of(outline, figures.at) for outline in shown],
        )


def _workers(figures: Figures, kind: ReplicaKind) -> WorkersView:
    loads = [replica.load for replica in figures.of_kind(kind)]
    return WorkersView(
        processes=len(loads),
        ready=sum(load.ready for load in loads),
        jobs=sum(load.jobs for load in loads),
        capacity=sum(load.capacity for load in loads),
    )
