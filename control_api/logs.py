"""One line of the log for each request, and the request's id in every line that is written while it is answered."""

import logging
import re
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_api.monitoring.requests import Requests
from interview.logs import request_id as current_request
from interview.tracing import request_span

log = logging.getLogger("control_api.requests")

_GIVEN_ID = re.compile(r"[0-9a-f-]{8,64}")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestLog:
    """ASGI middleware: gives each request an id (`X-Request-Id`, taken over when it is plain hex), logs one line,
    counts it, and traces it where that is configured.

    All of them name the route's template where there is one, never what was asked for outside the routes: a stranger
    chooses those words. Probes are neither counted nor traced.
    """

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _id_of(scope)
        scope["viva.request_id"] = request_id
        token = current_request.set(request_id)
        began = time.perf_counter()
        status = 0
        streams = False

        async def tell(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                streams = (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        method = _method(scope)
        try:
            with request_span(method, request_id) as span:
                await self._app(scope, receive, tell)
                span.end_as(_route(scope), status)
        finally:
            took_s = time.perf_counter() - began
            route = _route(scope)
            if route not in PROBES:
                self._requests.note(route, method, status, None if streams else took_s)
            level = logging.DEBUG if route in PROBES else logging.INFO
            log.log(level, "%s %s %d in %.1f ms", method, route, status, took_s * 1000)
            current_request.reset(token)


def _id_of(scope: Scope) -> str:
    given = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"x-request-id"), "")
    return given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex


def _method(scope: Scope) -> str:
    method = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "(no route)")
