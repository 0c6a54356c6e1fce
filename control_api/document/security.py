"""Who may call an operation, as OpenAPI says it: read from the operation's gate and the access table."""

from typing import Any

from control_api.access.callers import SEAT_COOKIE
from control_api.access.gates import Gate, OpenGate, SeatGate, SessionGate
from control_api.access.table import TABLE, Reach, Thing, Verdict, Who, decide
from control_api.cookies import REFRESH_COOKIE

SCHEMES: dict[str, Any] = {
    "account": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of a user, from `POST /api/auth/login`.",
    },
    "seat": {
        "type": "apiKey",
        "in": "cookie",
        "name": SEAT_COOKIE,
        "description": "A candidate's seat, from `POST /api/invites/open`.",
    },
    "refresh": {
        "type": "apiKey",
        "in": "cookie",
        "name": REFRESH_COOKIE,
        "description": "The refresh token of a browser. A program sends it in the body instead.",
    },
    "metrics": {
        "type": "http",
        "scheme": "bearer",
        "description": "`METRICS_TOKEN`. Without one set, this machine itself needs none.",
    },
    "livekit": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "A token that LiveKit signed with our key, over the body's hash.",
    },
}


def _callers_of(gate: Gate) -> tuple[bool, bool]:
    """Tell whether a gate lets accounts through, and whether it lets seats through."""
    rule = TABLE[gate.act]
    account = not isinstance(gate, SeatGate) and any(who is not Who.CANDIDATE for who in rule.callers)
    seat = isinstance(gate, SeatGate | SessionGate) and rule.candidate is not Reach.NONE
    return account, seat


def requirements_of(gate: object) -> list[dict[str, list[str]]]:
    """Return the `security` of an operation with this gate; empty is open to all."""
    if not isinstance(gate, Gate):
        assert gate is None or isinstance(gate, OpenGate)
        return []
    account, seat = _callers_of(gate)
    return [{name: []} for name, lets in (("account", account), ("seat", seat)) if lets]


def forbids(gate: Gate) -> bool:
    """Tell whether somebody who is known may be told that they may not (403)."""
    alone = TABLE[gate.act].thing in (Thing.HOUSE, Thing.ACCOUNT)
    return alone or any(decide(gate.act, who, own=True) is Verdict.FORBIDDEN for who in Who)


def hides(gate: Gate) -> bool:
    """Tell whether the thing may be absent, or another's (404)."""
    return TABLE[gate.act].thing not in (Thing.HOUSE, Thing.ACCOUNT) and not isinstance(gate, SeatGate)
