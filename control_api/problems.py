"""Every error as an RFC 9457 problem: a stable code, words, safe details, the time; never a trace or personal data."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interview.clock import Clock
from interview.errors import VivaError
from interview.record import Record, path_and_words

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_S = 5
_MAX_ERRORS = 20
_MAX_PART = 80

_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


class Problem(Record):
    """The body of every answer that is an error (RFC 9457, media type `application/problem+json`)."""

    type: str
    """`urn:viva:problem:CODE`."""
    title: str
    """The HTTP status in words."""
    status: int
    detail: str
    """The same words as `message`, under the name that RFC 9457 gives them."""
    code: str
    """Stable, for programs."""
    message: str
    details: dict[str, Any]
    timestamp: str
    """UTC, ISO 8601."""
    request_id: str


def problem(
    *,
    status: int,
    code: str,
    message: str,
    timestamp: str,
    request_id: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the answer."""
    body = Problem(
        type=f"urn:viva:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=message,
        code=code,
        message=message,
        details=dict(details or {}),
        timestamp=timestamp,
        request_id=request_id,
    )
    content = json.dumps(body.model_dump(mode="json"), ensure_ascii=True)
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def problem_of(error: VivaError, scope: Scope, clock: Clock, headers: Mapping[str, str] = {}) -> Response:
    """Build the answer to an error that is met before the application is reached."""
    return problem(
        status=error.status,
        code=error.code,
        message=error.message,
        details=error.details,
        timestamp=stamp(clock),
        request_id=scope.get("viva.request_id", ""),
        headers={**headers_of(error), **headers},
    )


def install(app: FastAPI, clock: Clock) -> None:
    """Turn every error that is foreseen inside `app` into a problem; `LastResort` does the rest."""

    def answer(request: Request, **given: Any) -> Response:
        request_id = request.scope.get("viva.request_id", "")
        return problem(timestamp=stamp(clock), request_id=request_id, **given)

    async def on_viva_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, VivaError)
        if error.status >= 500:
            log.error("a request failed: %s", error.code)
        return answer(
            request,
            status=error.status,
            code=error.code,
            # a 500 of ours is about our house, not about the request: its words are for the log of operators
            message=_OURS if error.status == 500 else error.message,
            details={} if error.status == 500 else error.details,
            headers=headers_of(error),
        )

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = [_validation(item) for item in error.errors()[:_MAX_ERRORS]]
        return answer(
            request,
            status=422,
            code="invalid",
            message="the request's content is wrong: " + "; ".join(f"{e['where']}: {e['what']}" for e in errors[:3]),
            details={"errors": errors, "error_count": len(error.errors())},
        )

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _HTTP_CODES.get(error.status_code, "http_error")
        phrase = HTTPStatus(error.status_code).phrase.lower()
        return answer(
            request, status=error.status_code, code=code, message=_HTTP_WORDS.get(code, phrase), headers=error.headers
        )

    app.add_exception_handler(VivaError, on_viva_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)


class LastResort:
    """ASGI middleware: answers a bug with a problem, and logs where it was without the words of the error."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            log.exception("a request met a bug")
            request_id = scope.get("viva.request_id", "")
            answer = problem(
                status=500, code="internal", message=_OURS, timestamp=stamp(self._clock), request_id=request_id
            )
            await answer(scope, receive, send)


_OURS = "something went wrong on our side; the request_id helps to find out what"
_HTTP_WORDS = {
    "not_found": "there is nothing at this address",
    "method_not_allowed": "this address does not take that method; the Allow header says which it takes",
}


def stamp(clock: Clock) -> str:
    """Return the present time as problems carry it."""
    return iso(clock.now())


def iso(moment: datetime) -> str:
    """Write a UTC time as ISO 8601 with a `Z`."""
    return moment.isoformat().replace("+00:00", "Z")


def headers_of(error: VivaError) -> dict[str, str]:
    """Return the headers that go with an error: how to sign in, when to come again, how much there is."""
    if error.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if "retry_after_s" in error.details:
        return {"Retry-After": str(error.details["retry_after_s"])}
    if error.status == 416:
        return {"Content-Range": f"bytes */{error.details['size_bytes']}"}
    if error.status == 503:
        return {"Retry-After": str(_RETRY_AFTER_S)}
    return {}


def _validation(item: Mapping[str, Any]) -> dict[str, str]:
    """Reduce pydantic's error to where and what; the rejected value itself stays out."""
    path, what = path_and_words(item)
    return {
        "where": ".".join(part[:_MAX_PART] for part in path or ("body",)),
        "what": what[:300],
        "kind": str(item.get("type", ""))[:_MAX_PART],
    }
