"""What is told of each event: ids, states and times, and nothing about a person but in invites.

docs/api.md, "What we send", lists the same.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_api.parts import Parts
from control_api.problems import iso
from interview.incident import Incident
from interview.outgoing import Channel, Delivery, EventKind, Webhook, delivery_id
from interview.problem import RaisedProblem
from interview.report import Report
from interview.session import Session, Status


@dataclass(frozen=True)
class News:
    """One event. `subject` names this one occurrence: announced again under it, nothing is sent twice."""

    event: EventKind
    subject: str
    session_id: str | None
    at: datetime
    data: dict[str, Any]

    @property
    def payload(self) -> dict[str, Any]:
        """The body of the webhook."""
        return {"type": self.event.value, "timestamp": iso(self.at), "data": self.data}


async def tell(parts: Parts, news: News, webhooks: list[Webhook] | None = None) -> int:
    """Queue the news for every webhook that wants it, among all or those given; return how many had not got it yet.

    A repeat is harmless. Raises `StaleAttempt` (code `erased`) when the session is gone.
    """
    if webhooks is None:
        webhooks = await parts.storage.webhooks.interested(news.event)
    new = 0
    for webhook in webhooks:
        if news.event in webhook.events and webhook.disabled_at is None:
            new += await tell_one(parts, news, webhook.webhook_id) is not None
    return new


async def tell_one(parts: Parts, news: News, webhook_id: str) -> Delivery | None:
    """Queue the news for one webhook, whatever it wants; return the delivery if it is new."""
    now = parts.clock.now()
    delivery = Delivery(
        delivery_id=delivery_id(news.event, news.subject, webhook_id),
        channel=Channel.WEBHOOK,
        target=webhook_id,
        event=news.event,
        subject=news.subject,
        session_id=news.session_id,
        payload=news.payload,
        next_at=now,
        created_at=now,
    )
    return delivery if await parts.storage.deliveries.add(delivery) else None


def session_ended(session: Session) -> News:
    """Tell that a session ended. One that failed, began again and failed again is two events."""
    completed = session.status is Status.COMPLETED
    progress = session.progress
    return News(
        event=EventKind.SESSION_COMPLETED if completed else EventKind.SESSION_ENDED,
        subject=f"session:{session.session_id}:{session.attempt}:{session.status}",
        session_id=session.session_id,
        at=session.ended_at or session.updated_at,
        data={
            "session_id": session.session_id,
            "status": session.status.value,
            "ended_at": iso(session.ended_at) if session.ended_at else None,
            "end_reason": session.end_reason,
            "plan_id": session.plan.plan_id,
            "owner_id": session.owner_id,
            "progress": {**progress.model_dump(include={"answered", "total", "stage"}), "percent": progress.percent},
        },
    )


def report_ready(report: Report) -> News:
    """Tell that a report can be read."""
    return News(
        event=EventKind.REPORT_READY,
        subject=f"report:{report.report_id}",
        session_id=report.session_id,
        at=report.ready_at or report.queued_at,
        data={
            "session_id": report.session_id,
            "report_id": report.report_id,
            "version": report.version,
            "ready_at": iso(report.ready_at) if report.ready_at else None,
        },
    )


def incident_filed(incident: Incident) -> News:
    """Tell that proctoring filed an incident. Whether it means anything is for a person to judge."""
    return News(
        event=EventKind.INCIDENT_FILED,
        subject=f"incident:{incident.incident_id}",
        session_id=incident.session_id,
        at=incident.filed_at,
        data={
            "session_id": incident.session_id,
            "incident_id": incident.incident_id,
            "kind": incident.kind.value,
            "severity": incident.severity.value,
            "started_at": iso(incident.started_at),
            "filed_at": iso(incident.filed_at),
        },
    )


def problem_raised(problem: RaisedProblem) -> News:
    """Tell that a candidate raised a problem; their words are in its queue, not here."""
    return News(
        event=EventKind.PROBLEM_RAISED,
        subject=f"problem:{problem.problem_id}",
        session_id=problem.session_id,
        at=problem.raised_at,
        data={
            "session_id": problem.session_id,
            "problem_id": problem.problem_id,
            "kind": problem.kind.value,
            "raised_at": iso(problem.raised_at),
        },
    )
