"""What a body may hold."""

import json
import time
from typing import Any

import pytest
from starlette.types import Message

from control_api.limits import (
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_NUMBER,
    BodyTooLarge,
    Malformed,
    NotJson,
    check_json,
    check_type,
    check_type_among,
    read_body,
)
from interview.errors import Invalid


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"name": "Ada \\ud83d\\ude00", "n": [1, 2.5, -3, true, null]}',
        '{"name": "阿达"}'.encode(),
        nested(MAX_DEPTH),
        json.dumps(MAX_NUMBER).encode(),
    ],
)
def test_what_the_database_can_carry_passes(body: bytes) -> None:
    check_json(body)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", Malformed),
        (b"\xff", Malformed),
        (b"NaN", Malformed),
        (b"-Infinity", Malformed),
        (b"1" * 5000, Malformed),
        (b"1e999", Invalid),
        (b"-1e999", Invalid),
        (json.dumps(MAX_NUMBER + 1).encode(), Invalid),
        (nested(MAX_DEPTH + 1), Invalid),
        (nested(200_000), Invalid),
        (b'["\\u0000"]', Invalid),
        (b'{"\\u0000": 1}', Invalid),
        (b'"\\udc00"', Invalid),
        (b'{"a": {"b": ["\\ud800x"]}}', Invalid),
    ],
)
def test_what_it_cannot_is_refused(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        check_json(body)


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/webhook+json"])
def test_json_and_its_dialects_are_taken(kind: str) -> None:
    check_type(kind)


@pytest.mark.parametrize("kind", ["", "text/json", "text/plain", "application/jsonp", "image/svg+json"])
def test_other_types_are_not(kind: str) -> None:
    with pytest.raises(NotJson):
        check_type(kind)


def test_where_something_else_than_json_is_taken_only_that_is() -> None:
    taken = frozenset({"application/yaml", "text/yaml"})
    check_type_among("text/YAML; charset=utf-8", taken)
    for kind in ("application/json", "text/plain", ""):
        with pytest.raises(NotJson):
            check_type_among(kind, taken)


async def read(pieces: list[bytes], declared: str | None = None) -> tuple[bytes | None, int]:
    """Read a body that comes in these pieces; return it and how many pieces were asked for."""
    asked = 0

    async def receive() -> Message:
        nonlocal asked
        piece = pieces[asked]
        asked += 1
        return {"type": "http.request", "body": piece, "more_body": asked < len(pieces)}

    headers = [] if declared is None else [(b"content-length", declared.encode())]
    scope: dict[str, Any] = {"type": "http", "headers": headers}
    try:
        return await read_body(scope, receive), asked
    except BodyTooLarge:
        return None, asked


async def test_a_body_at_the_limit_is_read_whole() -> None:
    pieces = [b"x" * (MAX_BODY_BYTES // 2)] * 2
    assert await read(pieces) == (b"".join(pieces), 2)


async def test_reading_stops_at_the_first_byte_too_many() -> None:
    pieces = [b"x" * MAX_BODY_BYTES, b"x", b"never asked for"]
    assert await read(pieces) == (None, 2)


@pytest.mark.parametrize("declared", [str(MAX_BODY_BYTES + 1), "9" * 400])
async def test_a_declared_length_is_believed_before_anything_is_read(declared: str) -> None:
    assert await read([b"x"], declared) == (None, 0)


async def test_a_declared_length_that_lies_does_not_help() -> None:
    assert await read([b"x" * MAX_BODY_BYTES, b"x"], "10") == (None, 2)


def test_a_megabyte_of_text_is_looked_through_in_no_time() -> None:
    body = json.dumps("é" * 400_000, ensure_ascii=False).encode()
    began = time.process_time()
    for _ in range(10):
        check_json(body)
    assert time.process_time() - began < 0.15
