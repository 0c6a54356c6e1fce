"""`/api/webhooks/outgoing`: registering webhooks, and the log of what was delivered."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from control_api.access import Act, OnHouse, on_house
from control_api.outgoing import service
from control_api.outgoing.schemas import (
    DeliveryPage,
    DeliveryView,
    WebhookList,
    WebhookRequest,
    WebhookSecretView,
    WebhookUpdate,
    WebhookView,
)
from control_api.parts import HasParts
from control_api.schemas import codes
from interview.outgoing import DeliveryStatus

router = APIRouter(prefix="/api/webhooks/outgoing", tags=["webhooks"])

OnWebhooks = Annotated[OnHouse, on_house(Act.WEBHOOK_MANAGE)]
Id = Annotated[str, Path(max_length=64, pattern="^[0-9a-z-]{1,64}$")]

_BAD_TARGET = ("webhook_url_invalid", "webhook_host_unknown", "webhook_target_refused")


@router.post("", status_code=201, openapi_extra=codes(*_BAD_TARGET, "too_many_webhooks"))
async def create_webhook(body: WebhookRequest, on: OnWebhooks, parts: HasParts) -> WebhookSecretView:
    """Register a webhook. Its secret is in this answer and nowhere else."""
    return WebhookSecretView.with_secret(await service.register(parts, on.caller, body))


@router.get("")
async def list_webhooks(_: OnWebhooks, parts: HasParts) -> WebhookList:
    """List all webhooks."""
    return WebhookList(webhooks=[WebhookView.of(webhook) for webhook in await parts.storage.webhooks.all()])


@router.get("/{webhook_id}", openapi_extra=codes("webhook_not_found"))
async def get_webhook(webhook_id: Id, _: OnWebhooks, parts: HasParts) -> WebhookView:
    """Show a webhook."""
    return WebhookView.of(await parts.storage.webhooks.get(webhook_id))


@router.patch("/{webhook_id}", openapi_extra=codes("webhook_not_found", *_BAD_TARGET))
async def update_webhook(webhook_id: Id, body: WebhookUpdate, on: OnWebhooks, parts: HasParts) -> WebhookView:
    """Change URL, events or description, or switch it off or on."""
    return WebhookView.of(await service.update(parts, on.caller, webhook_id, body))


@router.delete("/{webhook_id}", status_code=204, openapi_extra=codes("webhook_not_found"))
async def delete_webhook(webhook_id: Id, on: OnWebhooks, parts: HasParts) -> None:
    """Delete a webhook and its log."""
    await service.delete(parts, on.caller, webhook_id)


@router.post("/{webhook_id}/secret", openapi_extra=codes("webhook_not_found"))
async def rotate_secret(webhook_id: Id, on: OnWebhooks, parts: HasParts) -> WebhookSecretView:
    """Give it a new secret, shown this once; the old one signs as well for a while."""
    return WebhookSecretView.with_secret(await service.rotate(parts, on.caller, webhook_id))


@router.post("/{webhook_id}/ping", status_code=202, openapi_extra=codes("webhook_not_found", "webhook_disabled"))
async def ping_webhook(webhook_id: Id, on: OnWebhooks, parts: HasParts) -> DeliveryView:
    """Send it a `ping`, to see whether it arrives."""
    return DeliveryView.of(await service.ping(parts, on.caller, webhook_id))


@router.get("/{webhook_id}/deliveries", openapi_extra=codes("webhook_not_found", "bad_cursor"))
async def list_deliveries(
    webhook_id: Id,
    _: OnWebhooks,
    parts: HasParts,
    status: DeliveryStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> DeliveryPage:
    """List what was sent to a webhook, newest first, page by page; the id `mail` stands for all mails."""
    deliveries, after = await service.log_of(parts, webhook_id, status=status, limit=limit, cursor=cursor)
    return DeliveryPage(deliveries=[DeliveryView.of(delivery) for delivery in deliveries], next_cursor=after)


@router.post(
    "/deliveries/{delivery_id}/replay",
    status_code=202,
    openapi_extra=codes("delivery_not_found", "delivery_wiped", "delivery_under_way"),
)
async def replay_delivery(delivery_id: Id, on: OnWebhooks, parts: HasParts) -> DeliveryView:
    """Send something again, under the same id."""
    return DeliveryView.of(await service.replay(parts, on.caller, delivery_id))
