"""`/metrics`: what Prometheus reads. Pure: figures in, metric families out.

Two kinds stand side by side. What only this replica knows (requests, its connections, its process) is summed over
replicas; what is read from the database is the same at every replica: take the `max` of it.
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from control_api.monitoring.figures import Figures
from interview.replica import Replica, ReplicaKind
from interview.session import Status
from interview.tallies import SESSIONS_ENDED
from interview.usage import MICRO
from providers.usage import (
    API_CALL_BUCKET,
    API_CALL_FAILURES,
    API_CALL_MS,
    API_CALLS,
    AUDIO_MS,
    BUCKETS_S,
    CHARACTERS,
    COST,
    TOKENS,
)


class _These(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def exposition(own: CollectorRegistry, families: Iterable[Metric]) -> bytes:
    """Write the replica's own metrics, and these, as text."""
    shared = CollectorRegistry(auto_describe=False)
    shared.register(_These(families))
    return generate_latest(own) + generate_latest(shared)


def of_replica(pool_in_use: int, pool_max: int, pool_waiting: int, streams: int, *, database: bool) -> Iterator[Metric]:
    """Yield what this replica knows by itself."""
    yield GaugeMetricFamily("database_up", "Whether the database answered this scrape.", value=int(database))
    yield GaugeMetricFamily("database_pool_in_use", "Connections to the database in use.", value=pool_in_use)
    yield GaugeMetricFamily("database_pool_max", "Connections that there may be.", value=pool_max)
    yield GaugeMetricFamily("database_pool_waiting", "Calls that wait for a connection.", value=pool_waiting)
    yield GaugeMetricFamily("event_streams", "Streams of session changes that are open.", value=streams)


def of_house(figures: Figures) -> Iterator[Metric]:
    """Yield what the database says; the same at every replica."""
    yield from _sessions(figures)
    yield from _calls(figures)
    yield from _workers(figures)
    yield from _providers(figures)


def _providers(figures: Figures) -> Iterator[Metric]:
    in_use = GaugeMetricFamily("provider_slots_in_use", "Streams in use at a provider.", labels=["provider"])
    allowed = GaugeMetricFamily("provider_slots_max", "Streams that a provider allows.", labels=["provider"])
    for provider, limit in figures.provider_limits.items():
        in_use.add_metric([provider], figures.slots_in_use[provider])
        allowed.add_metric([provider], limit)
    yield in_use
    yield allowed
    cost = CounterMetricFamily("cost_usd", "What calls to providers cost, in US dollars.", labels=["provider", "model"])
    for tally in figures.named(COST):
        cost.add_metric([tally.labels["provider"], tally.labels["model"]], tally.n / MICRO)
    yield cost
    yield GaugeMetricFamily("cost_today_usd", "The same, since midnight (UTC).", value=figures.cost_today_usd)
    audio = CounterMetricFamily(
        "provider_audio_seconds", "Audio that was recognised and made.", labels=["provider", "type"]
    )
    for tally in figures.named(AUDIO_MS):
        audio.add_metric([tally.labels["provider"], tally.labels["type"]], tally.n / 1000)
    yield audio
    characters = CounterMetricFamily("tts_characters", "Characters that were spoken.", labels=["provider"])
    for tally in figures.named(CHARACTERS):
        characters.add_metric([tally.labels["provider"]], tally.n)
    yield characters


def _sessions(figures: Figures) -> Iterator[Metric]:
    yield CounterMetricFamily("sessions_created", "Sessions made.", value=figures.created)
    yield CounterMetricFamily("sessions_completed", "Interviews completed.", value=figures.completed)
    ended = CounterMetricFamily("sessions_ended", "Sessions that reached an end.", labels=["status", "started"])
    for tally in figures.named(SESSIONS_ENDED):
        ended.add_metric([tally.labels["status"], tally.labels["started"]], tally.n)
    yield ended
    active, paused = len(figures.in_status(Status.IN_PROGRESS)), len(figures.in_status(Status.PAUSED))
    yield GaugeMetricFamily("active_sessions", "Interviews in progress.", value=active)
    yield GaugeMetricFamily("paused_sessions", "Interviews that pause.", value=paused)
    yield GaugeMetricFamily("seats_taken", "Seats of the house that are taken.", value=figures.seats_taken)
    yield GaugeMetricFamily("seats_max", "Seats of the house.", value=figures.seats)
    queued = len(figures.in_status(Status.QUEUED))
    yield GaugeMetricFamily("queue_length", "Sessions that wait for a seat.", value=queued)
    yield GaugeMetricFamily(
        "queue_wait_seconds", "How long the first of them has waited.", value=figures.longest_wait_s
    )
    yield GaugeMetricFamily("reports_queue_length", "Reports that nobody builds yet.", value=figures.reports_waiting)


def _calls(figures: Figures) -> Iterator[Metric]:
    labels = ["provider", "model"]
    for name, words in ((API_CALLS, "Calls to providers."), (API_CALL_FAILURES, "Calls that failed for good.")):
        family = CounterMetricFamily(name, words, labels=labels)
        for tally in figures.named(name):
            family.add_metric([tally.labels[label] for label in labels], tally.n)
        yield family
    times = HistogramMetricFamily("api_call_duration_seconds", "How long calls took, with retries.", labels=labels)
    for tally in figures.named(API_CALL_MS):
        provider, model = tally.labels["provider"], tally.labels["model"]
        times.add_metric([provider, model], _cumulative(figures, provider, model), tally.n / 1000)
    yield times
    tokens = CounterMetricFamily("tokens_consumed", "Tokens that language models read and wrote.", labels=["type"])
    for tally in figures.named(TOKENS):
        tokens.add_metric([tally.labels["type"]], tally.n)
    yield tokens


def _cumulative(figures: Figures, provider: str, model: str) -> list[tuple[str, float]]:
    total, buckets = 0, []
    for le in (*map(str, BUCKETS_S), "+Inf"):
        total += figures.tallied(API_CALL_BUCKET, provider=provider, model=model, le=le)
        buckets.append((le, float(total)))
    return buckets


def _workers(figures: Figures) -> Iterator[Metric]:
    kinds = {kind: figures.of_kind(kind) for kind in ReplicaKind}

    def family(name: str, words: str, values: Mapping[ReplicaKind, float]) -> Metric:
        made = GaugeMetricFamily(name, words, labels=["kind"])
        for kind, value in values.items():
            made.add_metric([kind.value], value)
        return made

    def most(of: dict[ReplicaKind, list[Replica]], field: str) -> dict[ReplicaKind, float]:
        return {kind: max(getattr(one, field) for one in replicas) for kind, replicas in of.items() if replicas}

    yield family("processes", "Processes that live.", {kind: len(these) for kind, these in kinds.items()})
    jobs = {kind: sum(one.load.jobs for one in these) for kind, these in kinds.items()}
    yield family("worker_jobs", "Jobs that workers have.", jobs)
    capacity = {kind: sum(one.load.capacity for one in these) for kind, these in kinds.items()}
    yield family("worker_capacity", "Jobs that workers could have.", capacity)
    yield family("machine_cpu_ratio", "CPU in use where these run; the busiest.", most(kinds, "machine_cpu"))
    yield family("machine_memory_ratio", "Memory in use where these run; the fullest.", most(kinds, "machine_memory"))
