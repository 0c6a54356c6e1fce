"""Bodies of registering webhooks and of their delivery log."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from control_api.schemas import Answer, Body
from interview.outgoing import Channel, Delivery, DeliveryAttempt, DeliveryStatus, EventKind, Webhook
from interview.record import Moment


def _subscribable(events: tuple[EventKind, ...]) -> tuple[EventKind, ...]:
    if EventKind.PING in events:
        raise ValueError("a ping is sent when it is asked for; it cannot be subscribed to")
    return tuple(dict.fromkeys(events))


Url = Annotated[str, Field(min_length=1, max_length=2000, examples=["https://hr.example.com/hooks/viva"])]
Events = Annotated[
    tuple[EventKind, ...],
    Field(min_length=1, max_length=20, examples=[["session.completed", "report.ready"]]),
    AfterValidator(_subscribable),
]
Description = Annotated[str, Field(max_length=200, examples=["the applicant tracker"])]


class WebhookRequest(Body):
    """A webhook to register."""

    url: Url
    events: Events
    description: Description = ""


class WebhookUpdate(Body):
    """What to change; what is not named stays. `disabled` switches it off, or on again."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    disabled: bool | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set or any(getattr(self, name) is None for name in self.model_fields_set):
            raise ValueError("name at least one field, each with a value")
        return self


class WebhookView(Answer):
    """A webhook, without its secret."""

    webhook_id: str
    url: str
    events: tuple[EventKind, ...]
    description: str
    created_by: str
    created_at: Moment
    disabled_at: Moment | None
    previous_secret_until: Moment | None
    """Until when the secret that was replaced signs as well."""

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """Show a webhook."""
        return cls(
            **webhook.model_dump(exclude={"secret", "previous_secret", "previous_until", "schema_version"}),
            previous_secret_until=webhook.previous_until,
        )


class WebhookSecretView(WebhookView):
    """A webhook with the secret that signs from now on; it is shown this once."""

    secret: str

    @classmethod
    def with_secret(cls, webhook: Webhook) -> Self:
        """Show a webhook and its secret."""
        return cls(**WebhookView.of(webhook).model_dump(), secret=webhook.secret)


class WebhookList(Answer):
    """Every webhook, the oldest first."""

    webhooks: list[WebhookView]


class DeliveryView(Answer):
    """A delivery and its attempts; what was sent is not shown."""

    delivery_id: str
    """The `webhook-id` header, or the first part of the mail's Message-ID."""
    channel: Channel
    target: str
    event: EventKind
    subject: str
    session_id: str | None
    status: DeliveryStatus
    attempts: int
    next_at: Moment | None
    log: tuple[DeliveryAttempt, ...]
    created_at: Moment
    delivered_at: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Show a delivery."""
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class DeliveryPage(Answer):
    """A page of deliveries, newest first."""

    deliveries: list[DeliveryView]
    next_cursor: str | None
