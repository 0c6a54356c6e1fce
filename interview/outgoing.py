"""What Viva sends by itself: webhooks that are registered, and each delivery of one event to one target."""

import hashlib
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from interview.record import Line, Moment, Record, Text

MAX_LOG = 20
"""Attempts that a delivery remembers, the newest."""
MAIL = "mail"
"""The target of every mail, where a webhook's delivery has the webhook's id."""


class EventKind(StrEnum):
    """What happened. `PING` is sent when somebody asks for it, and cannot be subscribed to."""

    SESSION_COMPLETED = "session.completed"
    SESSION_ENDED = "session.ended"
    """Any end but completion: abandoned, expired, failed."""
    REPORT_READY = "report.ready"
    INCIDENT_FILED = "incident.filed"
    PROBLEM_RAISED = "problem.raised"
    INVITE_CREATED = "invite.created"
    INVITE_REMINDER = "invite.reminder"
    INVITE_CHANGED = "invite.changed"
    INVITE_WITHDRAWN = "invite.withdrawn"
    PING = "ping"

    @property
    def personal(self) -> bool:
        """Tell whether what is sent about it names a person: invites do, since somebody has to pass them on."""
        return self.value.startswith("invite.")


class Announce(StrEnum):
    """Whether what a record says has still to be told: written with the state itself, so that a crash loses nothing."""

    NOTHING = ""
    DUE = "due"
    DONE = "done"


class Channel(StrEnum):
    """How a delivery travels."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    FAILED = "failed"


class Webhook(Record):
    """An address that is told of events. The secrets that sign are encrypted at rest.

    `previous_secret` signs beside `secret` until `previous_until`, so that a receiver can change over without a gap.
    """

    webhook_id: str
    url: Annotated[Line, Field(max_length=2000)]
    secret: str
    previous_secret: str | None = None
    previous_until: Moment | None = None
    events: Annotated[tuple[EventKind, ...], Field(min_length=1)]
    description: Annotated[Text, Field(max_length=200)] = ""
    created_by: str
    created_at: Moment
    disabled_at: Moment | None = None
    schema_version: int = 1


class DeliveryAttempt(Record):
    """One attempt. `code` is the receiver's status (HTTP or SMTP), `error` the kind of what went wrong without one."""

    at: Moment
    code: int | None = None
    error: Annotated[str, Field(max_length=64)] = ""
    duration_ms: Annotated[int, Field(ge=0)]


class Delivery(Record):
    """One event on its way to one target. `recipient` and `payload` are encrypted at rest.

    `target` is a webhook's id, or `mail`. `subject` is what the event is about, ids only. Once an invite is
    delivered, or any mail, `recipient` and `payload` are wiped: they hold a person's name and the secret of a link.
    """

    delivery_id: str
    channel: Channel
    target: str
    event: EventKind
    subject: str
    session_id: str | None
    recipient: str | None = None
    """An email address."""
    payload: dict[str, Any] | None = None
    """JSON-ready: a webhook's body, or what a mail's template is filled with."""
    status: DeliveryStatus = DeliveryStatus.QUEUED
    attempts: Annotated[int, Field(ge=0)] = 0
    next_at: Moment | None
    """When it is tried next; while it is being delivered, when that attempt's lease is past."""
    owner: str | None = None
    """The process that holds the lease."""
    queue: str = ""
    """`CHANNEL:now`, `CHANNEL:later`, or nothing when it is over: what the embedded database finds it by."""
    log: Annotated[tuple[DeliveryAttempt, ...], Field(max_length=MAX_LOG)] = ()
    created_at: Moment
    delivered_at: Moment | None = None
    schema_version: int = 1

    @property
    def wiped_once_delivered(self) -> bool:
        """Tell whether recipient and payload go when it has arrived."""
        return self.event.personal or self.channel is Channel.MAIL


def delivery_id(event: EventKind, subject: str, target: str) -> str:
    """Derive a delivery's id, so that announcing the same event to the same target twice delivers it once."""
    return hashlib.sha256(f"{event}|{subject}|{target}".encode()).hexdigest()[:32]
