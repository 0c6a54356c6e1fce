"""A report in another form: which forms there are, and where the making of one stands."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.record import Moment, Record, Text

RENDERER = 2
"""The version of what makes the forms (`reports/render/`). Whoever changes how they look counts it up: what an older
one made is made anew when it is asked for."""


class ReportFormat(StrEnum):
    """A form in which a report is given out. The page is made with the report, the JSON form is its content."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "md"


MEDIA_TYPES: dict[ReportFormat, str] = {
    ReportFormat.HTML: "text/html",
    ReportFormat.PDF: "application/pdf",
    ReportFormat.JSON: "application/json",
    ReportFormat.CSV: "text/csv",
    ReportFormat.MARKDOWN: "text/markdown",
}


class RenderingStatus(StrEnum):
    """Where a rendering stands."""

    QUEUED = "queued"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class Rendering(Record):
    """One form of one version of a session's report. The key is `session_id:version:format`.

    `file_id` names what was made, among the encrypted files.
    """

    session_id: str
    version: int
    format: ReportFormat
    renderer: int = RENDERER
    """By which version it is made."""
    digest: str = ""
    """Of the content that it was made of (`interview.report.digest_of`): what was built anew is made anew."""
    status: RenderingStatus = RenderingStatus.QUEUED
    queued_at: Moment
    owner: str | None = None
    """The worker that holds the lease."""
    lease_until: Moment | None = None
    attempts: Annotated[int, Field(ge=0)] = 0
    not_before: Moment
    """When it may be claimed: later than `queued_at` after a failure (backoff)."""
    ready_at: Moment | None = None
    failure: Annotated[Text, Field(max_length=500)] = ""
    file_id: str | None = None
    schema_version: int = 1

    @property
    def rendering_id(self) -> str:
        """The derived id."""
        return rendering_id(self.session_id, self.version, self.format)

    @property
    def is_made(self) -> bool:
        """Tell whether it is there."""
        return self.status is RenderingStatus.READY

    def is_good_for(self, digest: str) -> bool:
        """Tell whether it is, or will be, what the present renderer makes of that content."""
        if self.renderer != RENDERER or self.status is RenderingStatus.FAILED:
            return False
        return not self.is_made or self.digest == digest


def rendering_id(session_id: str, version: int, format: ReportFormat) -> str:
    """Derive a rendering's id."""
    return f"{session_id}:{version}:{format}"
