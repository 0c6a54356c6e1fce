"""LiveKit's webhooks: verified, and reduced to what we use."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime

import jwt
from google.protobuf.json_format import Parse, ParseError
from livekit import api
from livekit.protocol.webhook import WebhookEvent

from interview.clock import from_epoch
from interview.errors import Invalid, NotAuthenticated
from interview.names import candidate_identity, session_of_room
from interview.record import Record

PARTICIPANT_JOINED = "participant_joined"
PARTICIPANT_LEFT = "participant_left"


class RoomEvent(Record):
    """What LiveKit told about one of our rooms. `kind` is LiveKit's name of the event."""

    event_id: str
    kind: str
    at: datetime
    session_id: str | None
    """None when the room is not one of ours, or the event is about no room."""
    identity: str = ""

    @property
    def about_candidate(self) -> bool:
        """Whether it is about the candidate of the session whose room it is."""
        return self.session_id is not None and self.identity == candidate_identity(self.session_id)


def receive(body: bytes, token: str, *, key: str, secret: str) -> RoomEvent:
    """Check that LiveKit signed `body` with our key, and read it.

    `token` is the `Authorization` header: a JWT over the body's SHA-256. livekit-api's own `WebhookReceiver` does the
    same but raises bare `Exception`. Raises `NotAuthenticated` for a wrong, expired or missing signature, and `Invalid`
    for a signed body that is no event.
    """
    try:
        claims = api.TokenVerifier(key, secret).verify(token.removeprefix("Bearer "))
        signed = base64.b64decode(claims.sha256 or "", validate=True)
    except (jwt.PyJWTError, binascii.Error, TypeError) as error:
        raise NotAuthenticated("the webhook's signature is not good", code="bad_signature") from error
    if not hmac.compare_digest(signed, hashlib.sha256(body).digest()):
        raise NotAuthenticated("the webhook's signature is over another body", code="bad_signature")
    try:
        event = Parse(body, WebhookEvent(), ignore_unknown_fields=True)
    except (ParseError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Invalid("the webhook's body is not a LiveKit event", code="bad_webhook") from error
    if not event.event:  # protobuf reads much that is no event as an empty one
        raise Invalid("the webhook's body names no event", code="bad_webhook")
    return RoomEvent(
        event_id=event.id,
        kind=event.event,
        at=from_epoch(event.created_at),
        session_id=session_of_room(event.room.name),
        identity=event.participant.identity,
    )
