"""Logs of the control API: JSON lines with a request id, and no personal data.

A traceback is reduced to the error's type and places in the code: its words may hold what a person sent.
"""

import json
import logging
import re
import sys
import time
import traceback
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("control_api.requests")

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_GIVEN_ID = re.compile(r"[0-9a-f-]{8,64}")
_PROBES = frozenset({"/healthz", "/readyz"})


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request id, and for an error its type and places."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := _request_id.get():
            line["request_id"] = request_id
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            line["error"] = kind.__name__
            line["places"] = " < ".join(
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(trace)[:-9:-1]
            )
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str) -> None:
    """Send all logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("uvicorn.access", "httpx", "pymongo", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class RequestLog:
    """ASGI middleware: gives each request an id (`X-Request-Id`, taken over when it is plain hex) and logs one line.

    The line names the route's template where there is one, never what was asked for outside the routes: a stranger
    chooses those words.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _id_of(scope)
        scope["viva.request_id"] = request_id
        token = _request_id.set(request_id)
        began = time.perf_counter()
        status = 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, tell)
        finally:
            took_ms = (time.perf_counter() - began) * 1000
            route = _route(scope)
            level = logging.DEBUG if route in _PROBES else logging.INFO
            log.log(level, "%s %s %d in %.1f ms", _method(scope), route, status, took_ms)
            _request_id.reset(token)


def _id_of(scope: Scope) -> str:
    given = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"x-request-id"), "")
    return given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex


def _method(scope: Scope) -> str:
    method = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "(no route)")
