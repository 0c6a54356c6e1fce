"""`/api/webhooks/livekit`: presence, as LiveKit tells it. A lost one is made up for by the agent's own eyes."""

import logging

from fastapi import APIRouter, Request

from control_api.access import open_to_all
from control_api.parts import HasParts
from control_api.schemas import codes
from interview.errors import NotFound
from rooms.webhooks import PARTICIPANT_JOINED, PARTICIPANT_LEFT, receive

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])

_EVENT = {
    "type": "object",
    "description": "LiveKit's `WebhookEvent` as JSON; its own documentation says what is in it.",
    "examples": [{"event": "participant_joined", "id": "EV_dQ3xT0cVqkW8"}],
}


@router.post(
    "/livekit",
    status_code=204,
    dependencies=[open_to_all("LiveKit calls it; its signature over the body is the proof")],
    openapi_extra={
        **codes("bad_signature", "bad_webhook"),
        "security": [{"livekit": []}],
        "requestBody": {"required": True, "content": {"application/webhook+json": {"schema": _EVENT}}},
    },
)
async def livekit_webhook(request: Request, parts: HasParts) -> None:
    """Take one event that LiveKit signed with our key; only the coming and going of candidates is used."""
    event = receive(
        await request.body(),
        request.headers.get("authorization", ""),
        key=parts.settings.livekit_api_key,
        secret=parts.settings.livekit_api_secret.get_secret_value(),
    )
    if event.session_id is None or not event.about_candidate:
        return
    sessions = parts.storage.sessions
    try:
        if event.kind == PARTICIPANT_JOINED:
            await sessions.note_joined(event.session_id, event.at)
        elif event.kind == PARTICIPANT_LEFT:
            await sessions.note_left(event.session_id, event.at)
    except NotFound:  # LiveKit would repeat it, and it would not become true
        log.warning("a webhook is about session %s, which is not there", event.session_id)
