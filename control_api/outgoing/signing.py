"""Signatures of webhooks, by the Standard Webhooks specification 1.0 (github.com/standard-webhooks/standard-webhooks).

Signed is `id.timestamp.body`, with HMAC-SHA256. During a change of secrets there are two signatures, one by each.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from interview.outgoing import Webhook

_PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Draw a secret, as the specification writes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    """Return one signature, `v1,BASE64`."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp_s}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def signed_headers(webhook: Webhook, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers that identify, date and sign a message."""
    good = [webhook.secret]
    if webhook.previous_secret and webhook.previous_until and now < webhook.previous_until:
        good.append(webhook.previous_secret)
    timestamp_s = int(now.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp_s, body) for secret in good),
    }
