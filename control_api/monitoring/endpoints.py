"""`/api/monitoring`, its stream, and `/metrics`."""

import asyncio
import hmac
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.types import Receive, Scope, Send

from control_api.access import Act, OnHouse, on_house, open_to_all
from control_api.access.callers import ACCESS
from control_api.monitoring import metrics
from control_api.monitoring.hub import Hub, Listener
from control_api.monitoring.schemas import MonitoringAnswer
from control_api.parts import HasParts, Parts
from control_api.schemas import codes
from interview.errors import NotAllowed, NotAuthenticated, StorageError

router = APIRouter(tags=["monitoring"])

_SCRAPE_S = 5.0
"""Prometheus waits for ten, by default."""


@router.get("/api/monitoring")
async def monitoring(on: Annotated[OnHouse, on_house(Act.MONITORING_SEE)], parts: HasParts) -> MonitoringAnswer:
    """Show the house in figures, at most a moment old, and one's own interviews that run (admin: all)."""
    return MonitoringAnswer.of(await parts.monitoring.house.figures(), on.rows_of)


@router.get(
    "/api/monitoring/stream",
    # the framework takes an EventSourceResponse for a generator, whose refusals would come after the answer's beginning
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    openapi_extra=codes("too_many_streams"),
)
async def stream(
    request: Request,
    on: Annotated[OnHouse, on_house(Act.MONITORING_SEE)],
    parts: HasParts,
    last_event_id: Annotated[str, Header(max_length=100)] = "",
) -> Response:
    """Stream changes of one's own sessions (admin: all) as server-sent events.

    First `snapshot` (`interviews`: those that run, pause or wait in the queue) or, with `Last-Event-ID` and where it is
    still known, what was missed. Then `session` for each change of status, progress or presence: the whole state, so
    that a repeat is harmless. At last `reload` (the listener was too slow: load the page again) or `closed`
    (`reason`: `token_expired`, `signed_out`, `account_changed`, `shutting_down`). A comment every 15 s.
    """
    hub = parts.monitoring.hub
    listener = await hub.join(
        on.caller.user,
        on.rows_of,
        expires_at=_token_expires_at(request, parts),
        sign_in=on.caller.family_id,
        last_id=last_event_id,
    )
    return _Stream(hub, listener)


@router.get(
    "/metrics",
    dependencies=[open_to_all("Prometheus has no account; METRICS_TOKEN opens it, or being on this very machine")],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    openapi_extra={**codes("bad_token", "not_allowed"), "security": [{"metrics": []}, {}]},
)
async def read_metrics(request: Request, parts: HasParts) -> Response:
    """Tell Prometheus. Names no session, no person and no secret."""
    _check_reader(request, parts.settings.metrics_token.get_secret_value())
    monitoring = parts.monitoring
    try:
        async with asyncio.timeout(_SCRAPE_S):
            families = list(metrics.of_house(await monitoring.house.figures()))
    except (StorageError, TimeoutError):
        families = []  # what this replica knows by itself is told all the same, with `database_up 0`
    pool = parts.storage.pool
    families += metrics.of_replica(
        pool.in_use, pool.maximum, pool.waiting, monitoring.hub.streams, database=bool(families)
    )
    return Response(metrics.exposition(monitoring.registry, families), media_type=CONTENT_TYPE_LATEST)


class _Stream(StreamingResponse):
    """A stream that is left when the client has gone, whether or not it had begun."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, listener: Listener) -> None:
        super().__init__(hub.pieces(listener), headers={"X-Accel-Buffering": "no"})
        self._hub = hub
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._listener)


def _token_expires_at(request: Request, parts: Parts) -> datetime:
    token = request.headers.get("authorization", "").partition(" ")[2].strip()
    return datetime.fromtimestamp(parts.signer.read(ACCESS, token)["exp"], UTC)


def _check_reader(request: Request, token: str) -> None:
    """Raise `NotAuthenticated` or `NotAllowed` unless the caller may read the metrics."""
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), token.encode()):
            raise NotAuthenticated("send `Authorization: Bearer METRICS_TOKEN`", code="bad_token")
        return
    # what a proxy on this machine hands on comes from elsewhere
    handed_on = any(name in request.headers for name in ("forwarded", "x-forwarded-for"))
    if handed_on or request.client is None or not ip_address(request.client.host).is_loopback:
        raise NotAllowed("without METRICS_TOKEN the metrics are for this machine itself")
