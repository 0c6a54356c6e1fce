"""A process that says that it lives: what every replica of the house writes about itself, every few seconds."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.record import Moment, Record


class ReplicaKind(StrEnum):
    """What the process is: the name of its package."""

    CONTROL_API = "control_api"
    AGENT = "agent"
    PROCTORING = "proctoring"
    REPORTS = "reports"


Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0)]


class Load(Record):
    """What a process has to do. The last four are those of the control API; `jobs` and `capacity` those of workers."""

    ready: bool = True
    """Whether it takes work: a worker that is not registered with LiveKit does not."""
    jobs: Count = 0
    capacity: Count = 0
    requests: Count = 0
    """Answered since it started."""
    errors: Count = 0
    """Of these, answers with 5xx."""
    requests_last_minute: Count = 0
    streams: Count = 0
    """Event streams that are open now."""


class Replica(Record):
    """One process as of `seen_at`; one that was not seen for a while is dead, and is dropped later."""

    replica_id: str
    kind: ReplicaKind
    started_at: Moment
    seen_at: Moment
    ready_since: Moment | None = None
    """When a worker was last registered with LiveKit: what was dispatched before may have been lost."""
    load: Load
    pool_in_use: Count = 0
    pool_max: Count = 0
    """Connections to the database."""
    machine_cpu: Share = 0
    machine_memory: Share = 0
    """How much of the machine that it runs on is in use, 0 to 1."""
