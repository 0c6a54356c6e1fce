"""A report: its place in the queue, and its content."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from interview.outgoing import Announce
from interview.record import Moment, Record


class ReportStatus(StrEnum):
    """Where a report build stands."""

    QUEUED = "queued"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class Report(Record):
    """One report build. The key is `session_id:version`; `content` is encrypted at rest.

    `content` is what `reports.build` made (its schema is `reports/content.py`), as JSON-ready values;
    `html_file_id` names the rendered page among the encrypted files.
    """

    session_id: str
    version: int = 1
    status: ReportStatus = ReportStatus.QUEUED
    progress: str = ""
    queued_at: Moment
    owner: str | None = None
    """The worker that holds the lease."""
    lease_until: Moment | None = None
    attempts: Annotated[int, Field(ge=0)] = 0
    not_before: Moment
    """When it may be claimed: later than `queued_at` after a failure (backoff)."""
    ready_at: Moment | None = None
    failure: str = ""
    content: dict[str, Any] | None = None
    html_file_id: str | None = None
    announce: Announce = Announce.NOTHING
    """Whether that it is ready has still to be told to the webhooks."""
    schema_version: int = 1

    @property
    def report_id(self) -> str:
        """The derived id."""
        return f"{self.session_id}:{self.version}"
