"""A report: its place in the queue, and its content."""

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, cast

from pydantic import Field

from interview.incident import Incident
from interview.outgoing import Announce
from interview.record import Moment, Record


class ReportStatus(StrEnum):
    """Where a report build stands."""

    QUEUED = "queued"
    BUILDING = "building"
    PARTIAL = "partial"
    """It can be read; scores are missing since the language model is away, and follow by themselves."""
    READY = "ready"
    FAILED = "failed"


class Report(Record):
    """One report build. The key is `session_id:version`; `content` is encrypted at rest.

    `content` is what `reports.build` made (its schema is `reports/content.py`), as JSON-ready values;
    `html_file_id` names the rendered page among the encrypted files.
    """

    session_id: str
    version: int = 1
    """Counts from 1; a report that is built anew is a new version beside the old one."""
    owner_id: str = ""
    """Whose session it is; for a fair order."""
    reason: str = ""
    """Why it was built anew: a code."""
    afresh: bool = False
    """Whether everything is scored again, and nothing taken from what the model replied before."""
    status: ReportStatus = ReportStatus.QUEUED
    progress: str = ""
    queued_at: Moment
    turn_at: Moment | None = None
    """Its place in the queue: when it would be its turn if all owners had theirs one after the other."""
    owner: str | None = None
    """The worker that holds the lease."""
    lease_until: Moment | None = None
    attempts: Annotated[int, Field(ge=0)] = 0
    not_before: Moment
    """When it may be claimed: later than `queued_at` after a failure (backoff)."""
    waits: Annotated[int, Field(ge=0)] = 0
    """How often it was put back because the language model was away."""
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

    @property
    def is_readable(self) -> bool:
        """Whether there is something to read, complete or not."""
        return self.content is not None

    @property
    def stands(self) -> str:
        """Where it stands, in words: `queued`, `building: scoring 3/6`, `partial: …`, `ready`, `failed: why`."""
        match self.status:
            case ReportStatus.BUILDING:
                return f"building: {self.progress}" if self.progress else "building"
            case ReportStatus.PARTIAL | ReportStatus.FAILED:
                return f"{self.status}: {self.failure}"
            case ReportStatus.QUEUED:
                return f"queued again: {self.failure}" if self.failure else "queued"
            case ReportStatus.READY:
                return "ready"


def newest_to_read(versions: Sequence[Report]) -> Report | None:
    """Return the newest version that is ready, or else the newest of which something can be read."""
    newest = sorted(versions, key=lambda report: -report.version)
    ready = [report for report in newest if report.status is ReportStatus.READY and report.is_readable]
    return next(iter(ready or [report for report in newest if report.is_readable]), None)


def digest_of(content: dict[str, Any]) -> str:
    """Return what tells one content of a report from another."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def as_reviewed(content: dict[str, Any], incidents: Sequence[Incident]) -> dict[str, Any]:
    """Return a report's content with its incidents as people see them by now.

    A report is built when the interview ends, and its incidents are judged later. Nothing else in it changes; an
    incident that was filed since by somebody who saw it is not in it.
    """
    summaries = content.get("incidents")
    if not isinstance(summaries, list):
        return content
    now: dict[str, dict[str, Any]] = {
        incident.incident_id: {
            "state": incident.state.value,
            "verdict": incident.verdict and incident.verdict.value,
            "reason_code": incident.reason and incident.reason.value,
            "contested": incident.contested_at is not None,
            "opinions": len(incident.deciders),
        }
        for incident in incidents
    }
    reviewed = [{**one, **now.get(str(one.get("incident_id")), {})} for one in cast(list[dict[str, Any]], summaries)]
    return {**content, "incidents": reviewed}


_SPOKEN = frozenset({"transcript", "quotes", "follow_ups", "instructions"})
"""Fields of a report's content that are what somebody said, and where."""
_VERSIONS = "versions"
"""What made the report: kept whole."""
_CODES = frozenset(
    {
        *("id", "ids", "question_id", "question_ids", "competency", "incident_id", "plan_id", "kind", "verdict"),
        *("severity", "detector", "detector_version", "status", "state", "language", "code", "stage", "session_id"),
        *("created_at", "started_at", "zero_at", "ended_at", "built_at", "ready_at", "consent_text_version"),
        "reason_code",
    }
)
"""Fields of a report's content whose text is one of a few, a time or an id, and so says nothing about a person."""


def anonymised_report(report: Report) -> Report:
    """Return the report without its page and without every free text; figures, scores and codes stay.

    A report that was not ready is never built: what it would be built from is gone.
    """
    content = None if report.content is None else cast(dict[str, Any], _without_text(report.content))
    unbuilt = {} if report.status is ReportStatus.READY else {"status": ReportStatus.FAILED, "failure": "anonymised"}
    return report.model_copy(update={"content": content, "html_file_id": None, "lease_until": None, **unbuilt})


def _without_text(value: Any, code: bool = False) -> Any:
    """Blank every text that is not a code, all the way down, and empty what is nothing but what was said."""
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return {name: _kept_of(name, inner) for name, inner in fields.items()}
    if isinstance(value, list):
        return [_without_text(inner, code and isinstance(inner, str)) for inner in cast(list[Any], value)]
    return value if code or not isinstance(value, str) else ""


def _kept_of(name: str, value: Any) -> Any:
    if name in _SPOKEN:
        return ()
    return value if name == _VERSIONS else _without_text(value, name in _CODES)
