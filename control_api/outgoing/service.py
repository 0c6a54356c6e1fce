"""The use cases of registered webhooks, one function each."""

import uuid
from datetime import timedelta
from typing import Any

from control_api.access import UserCaller
from control_api.outgoing.news import News, tell_one
from control_api.outgoing.schemas import WebhookRequest, WebhookUpdate
from control_api.outgoing.signing import new_secret
from control_api.outgoing.targets import addresses_of, check_url
from control_api.parts import Parts
from interview.errors import Conflict
from interview.outgoing import MAIL, Delivery, DeliveryStatus, EventKind, Webhook


async def register(parts: Parts, caller: UserCaller, given: WebhookRequest) -> Webhook:
    """Register a webhook and return it with its secret.

    Raises `Invalid` (`webhook_url_invalid`, `webhook_host_unknown`, `webhook_target_refused`) and `Conflict`
    (`too_many_webhooks`).
    """
    await _check_target(parts, given.url)
    webhook = Webhook(
        webhook_id=str(uuid.uuid4()),
        url=given.url,
        secret=new_secret(),
        events=given.events,
        description=given.description,
        created_by=caller.user.user_id,
        created_at=parts.clock.now(),
    )
    await parts.storage.webhooks.add(webhook)
    await _note(parts, caller, "create webhook", webhook.webhook_id)
    return webhook


async def update(parts: Parts, caller: UserCaller, webhook_id: str, given: WebhookUpdate) -> Webhook:
    """Change what is named. A new URL is checked as at registration. Raises `NotFound` (`webhook_not_found`)."""
    await parts.storage.webhooks.get(webhook_id)
    changes: dict[str, Any] = given.model_dump(exclude_unset=True)
    if given.url is not None:
        await _check_target(parts, given.url)
    if "disabled" in changes:
        changes["disabled_at"] = parts.clock.now() if changes.pop("disabled") else None
    webhook = await parts.storage.webhooks.change(webhook_id, changes)
    await _note(parts, caller, "update webhook", webhook_id)
    return webhook


async def rotate(parts: Parts, caller: UserCaller, webhook_id: str) -> Webhook:
    """Give the webhook a new secret; for `WEBHOOK_SECRET_OVERLAP_S` the old one signs as well."""
    before = await parts.storage.webhooks.get(webhook_id)
    until = parts.clock.now() + timedelta(seconds=parts.settings.webhook_secret_overlap_s)
    webhook = await parts.storage.webhooks.set_secret(webhook_id, new_secret(), before.secret, until)
    await _note(parts, caller, "rotate webhook secret", webhook_id)
    return webhook


async def delete(parts: Parts, caller: UserCaller, webhook_id: str) -> None:
    """Delete the webhook and its log; what is on its way may still arrive."""
    await parts.storage.webhooks.delete(webhook_id)
    await parts.storage.deliveries.delete_of(webhook_id)
    await _note(parts, caller, "delete webhook", webhook_id)


async def ping(parts: Parts, caller: UserCaller, webhook_id: str) -> Delivery:
    """Queue a ping for the webhook, whatever it is subscribed to. Raises `Conflict` (`webhook_disabled`)."""
    webhook = await parts.storage.webhooks.get(webhook_id)
    if webhook.disabled_at is not None:
        raise Conflict("the webhook is disabled; switch it on first", code="webhook_disabled")
    news = News(
        event=EventKind.PING,
        subject=f"ping:{uuid.uuid4()}",
        session_id=None,
        at=parts.clock.now(),
        data={"webhook_id": webhook_id},
    )
    delivery = await tell_one(parts, news, webhook_id)
    assert delivery is not None  # its subject is drawn anew each time
    await _note(parts, caller, "ping webhook", webhook_id)
    return delivery


async def log_of(
    parts: Parts, target: str, *, status: DeliveryStatus | None, limit: int, cursor: str | None
) -> tuple[list[Delivery], str | None]:
    """Return a page of a webhook's deliveries, newest first, or of the mails' for the id `mail`."""
    if target != MAIL:
        await parts.storage.webhooks.get(target)
    return await parts.storage.deliveries.page(target, status=status, limit=limit, after=cursor)


async def replay(parts: Parts, caller: UserCaller, delivery_id: str) -> Delivery:
    """Queue a delivery anew, under its old id. Raises `Conflict` (`delivery_wiped`, `delivery_under_way`)."""
    delivery = await parts.storage.deliveries.replay(delivery_id)
    await _note(parts, caller, "replay delivery", delivery_id, thing="delivery")
    return delivery


async def _check_target(parts: Parts, url: str) -> None:
    allow_private = parts.settings.webhook_allow_private
    await addresses_of(check_url(url, allow_private=allow_private), allow_private=allow_private)


async def _note(parts: Parts, caller: UserCaller, action: str, key: str, thing: str = "webhook") -> None:
    await parts.storage.audit.add(caller.actor, action, f"{thing}:{key}")
