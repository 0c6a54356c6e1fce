"""What a request may look like: its size, its type, and what its JSON may hold. Checked before anything else runs."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from control_api.problems import problem_of
from interview.clock import Clock
from interview.errors import Invalid, VivaError
from interview.record import has_half_a_pair
from interview.resume import MAX_RESUME_BYTES, MEDIA_TYPES

MAX_BODY_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NUMBER = 2**53
"""Beyond this a number is not the same in every program that reads JSON."""


@dataclass(frozen=True)
class Upload:
    """What an endpoint takes instead of JSON."""

    media_types: frozenset[str]
    max_bytes: int = MAX_BODY_BYTES


UPLOADS: dict[tuple[str, str], Upload] = {
    ("POST", "/api/plans/import"): Upload(frozenset({"application/yaml", "text/yaml"})),
    ("POST", "/api/parallel_interview/bulk"): Upload(frozenset({"text/csv"}), max_bytes=10_000_000),
    ("POST", "/api/parallel_interview/session/{session_id}/cv"): Upload(
        frozenset(MEDIA_TYPES.values()), max_bytes=MAX_RESUME_BYTES
    ),
}
"""By method and path, a session's id left open; the endpoint itself reads what it is sent. Everything else is JSON."""

_ID_OF_SESSION = re.compile(r"(?<=^/api/parallel_interview/session/)[^/]+")


class BodyTooLarge(VivaError):
    """The body has more bytes than are taken."""

    code = "body_too_large"
    status = 413


class NotJson(VivaError):
    """The body says that it is something other than what is taken here."""

    code = "unsupported_media_type"
    status = 415


class Malformed(VivaError):
    """The body is not JSON, though it says so."""

    code = "malformed_json"
    status = 400


class BodyTooSlow(VivaError):
    """The body has not arrived in time; the connection is closed."""

    code = "body_too_slow"
    status = 408


class BodyLimits:
    """ASGI middleware that reads the body itself, so that a too large one is answered before it has arrived.

    The body is counted as it streams in, whether or not a `Content-Length` was sent. What passes is handed on whole.
    """

    def __init__(self, app: ASGIApp, clock: Clock, wait_s: float) -> None:
        self._app = app
        self._clock = clock
        self._wait_s = wait_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            upload = UPLOADS.get((scope["method"], _ID_OF_SESSION.sub("{session_id}", scope["path"])))
            body = await self._read(scope, receive, upload.max_bytes if upload else MAX_BODY_BYTES)
            if body is None:
                return
            if body and upload is not None:
                check_type_among(_header(scope, b"content-type"), upload.media_types)
            elif body:
                check_type(_header(scope, b"content-type"))
                check_json(body)
        except VivaError as error:
            headers = {"Connection": "close"} if isinstance(error, BodyTooSlow) else {}
            await problem_of(error, scope, self._clock, headers)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive, max_bytes: int) -> bytes | None:
        try:
            async with asyncio.timeout(self._wait_s):
                return await read_body(scope, receive, max_bytes)
        except TimeoutError:
            raise BodyTooSlow("the body did not arrive in time", limit_s=self._wait_s) from None


async def read_body(scope: Scope, receive: Receive, max_bytes: int = MAX_BODY_BYTES) -> bytes | None:
    """Return the whole body, or None when the client went away. Raises `BodyTooLarge` at the first byte too many."""
    declared = _header(scope, b"content-length")
    if declared.isdigit() and int(declared[:20]) > max_bytes:
        raise _too_large(max_bytes)
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > max_bytes:
            raise _too_large(max_bytes)
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def check_type(content_type: str) -> None:
    """Raise `NotJson` unless the content type is JSON or one of its dialects (`application/webhook+json`)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise NotJson("send the body as JSON, with Content-Type: application/json", content_type=kind[:80])


def check_type_among(content_type: str, taken: frozenset[str]) -> None:
    """Raise `NotJson` unless the content type is one of these."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in taken:
        raise NotJson(f"send the body with Content-Type: {' or '.join(sorted(taken))}", content_type=kind[:80])


def check_json(body: bytes) -> None:
    """Raise `Malformed` or `Invalid` unless the body is JSON that the database and every reader can carry."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:  # not JSON, not UTF-8, or a number of thousands of digits
        raise Malformed("the body is not well-formed JSON") from error
    for leaf in _leaves(value):
        if isinstance(leaf, str):
            _check_text(leaf)
        elif isinstance(leaf, int | float) and not -MAX_NUMBER <= leaf <= MAX_NUMBER:
            raise Invalid("a number in the body is out of range", code="number_out_of_range", limit=MAX_NUMBER)


def _leaves(value: Any) -> Iterator[Any]:
    """Walk keys and values without recursion, refusing what is nested too deeply."""
    pending = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        if not isinstance(item, dict | list):
            yield item
            continue
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(item, dict):
            yield from item
            pending.extend((child, depth + 1) for child in item.values())
        else:
            pending.extend((child, depth + 1) for child in item)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise Invalid("a text in the body contains a NUL character", code="unstorable_text")
    if has_half_a_pair(text):
        raise Invalid("a text in the body contains half of a surrogate pair", code="unstorable_text")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _too_large(max_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"the body is larger than {max_bytes} bytes", limit_bytes=max_bytes)


def _too_deep() -> Invalid:
    return Invalid("the body is nested too deeply", code="nested_too_deeply", limit=MAX_DEPTH)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body on in one piece; after it, what the server says (such as that the client went away)."""
    handed = False

    async def replay() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
