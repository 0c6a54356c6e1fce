"""What is wrong is refused with a problem that says so, and nothing is half-written."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.api.control_api.house import BASE, House, assert_problem

GOOD = {"name": "Ada", "email": "ada@example.com", "questions": ["Why?"]}


async def posted(house: House, content: Any, **headers: str) -> Any:
    owner = await house.account()
    given = {"Content-Type": "application/json"} | owner.headers | headers
    answer = await house.http.post(f"{BASE}/create", content=content, headers=given)
    page = await house.http.get(f"{BASE}/sessions", headers=owner.headers)
    assert page.json()["sessions"] == [], "something was half-written"
    return answer


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": 5},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 201},
        {"name": None},
        {"email": "no email"},
        {"email": ["ada@example.com"]},
        {"questions": []},
        {"questions": ["Why?"] * 51},
        {"questions": ["Why?"] * 500},
        {"questions": "Why?"},
        {"questions": [{"competency": "no text"}]},
        {"questions": [{"text": "Why?", "max_follow_ups": 4}]},
        {"questions": [{"text": "Why?", "max_follow_ups": True}]},
        {"questions": [{"text": "Why?", "mood": "curious"}]},
        {"questions": [""]},
        {"questions": ["x" * 1001]},
        {"questions": [None]},
        {"questions": None},
        {"plan_id": "p", "questions": ["Why?"]},
        {"duration_s": "900"},
        {"duration_s": 59},
        {"duration_s": 14401},
        {"duration_s": 900.5},
        {"language": "english"},
        {"surprise": 1},
    ],
)
async def test_a_wrong_field_is_a_problem_that_names_it(house: House, wrong: dict[str, Any]) -> None:
    answer = await posted(house, json.dumps(GOOD | wrong))
    problem = assert_problem(answer, 422, "invalid")
    assert problem["details"]["errors"][0]["where"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b'{"name": NaN}', 400, "malformed_json"),
        (b'{"name": Infinity}', 400, "malformed_json"),
        (b'{"duration_s": 1' + b"0" * 5000 + b"}", 400, "malformed_json"),
        (b'{"duration_s": 1e999}', 422, "number_out_of_range"),
        (b'{"duration_s": 99999999999999999999}', 422, "number_out_of_range"),
        (b'{"name": "a\\u0000b"}', 422, "unstorable_text"),
        (b'{"a\\u0000b": 1}', 422, "unstorable_text"),
        (b'{"name": "\\ud800"}', 422, "unstorable_text"),
        (b"[" * 100_000 + b"]" * 100_000, 422, "nested_too_deeply"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, 422, "nested_too_deeply"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"null", 422, "invalid"),
    ],
)
async def test_a_body_that_is_not_fit_is_refused(house: House, body: bytes, status: int, code: str) -> None:
    assert_problem(await posted(house, body), status, code)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_body_that_is_not_json_is_refused(house: House, content_type: str) -> None:
    answer = await posted(house, json.dumps(GOOD), **{"Content-Type": content_type})
    assert_problem(answer, 415, "unsupported_media_type")


async def test_ten_megabytes_are_refused_by_their_declared_length(house: House) -> None:
    assert_problem(await posted(house, b"x" * 10_000_000), 413, "body_too_large")


async def test_ten_megabytes_without_a_length_are_refused_while_they_stream(house: House) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b"x" * 65_536

    assert_problem(await posted(house, pieces()), 413, "body_too_large")


async def test_a_body_that_never_ends_is_answered_at_the_first_byte_too_many(house: House) -> None:
    host, port = house.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {BASE}/create HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    writer.write(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
    began = time.monotonic()
    for _ in range(17):
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await writer.drain()
    first = await asyncio.wait_for(reader.readline(), 5)
    assert first.startswith(b"HTTP/1.1 413"), first
    assert time.monotonic() - began < 5
    writer.close()


async def test_just_under_a_megabyte_is_read(house: House) -> None:
    answer = await posted(house, json.dumps(GOOD | {"name": "x" * 999_000}))
    assert_problem(answer, 422, "invalid")


async def test_the_rejected_value_is_not_repeated_in_the_answer(house: House) -> None:
    answer = await posted(house, json.dumps(GOOD | {"email": "ada.lovelace.secret"}))
    assert_problem(answer, 422, "invalid")
    assert "lovelace" not in answer.text


UNKNOWN = "00000000-0000-4000-8000-000000000000"


def calls_on(session_id: str) -> Iterator[tuple[str, str]]:
    path = f"{BASE}/session/{session_id}"
    yield "GET", path
    yield "DELETE", path
    for action in ("consent", "token", "start", "end"):
        yield "POST", f"{path}/{action}"
    for thing in ("transcript", "recording", "incidents", "incidents/x/stills/at", "report", "report.html"):
        yield "GET", f"{path}/{thing}"


@pytest.mark.parametrize("session_id", [UNKNOWN, "x", "%00", "..%2f", "' or 1", "{}", "é" * 40])
async def test_an_unknown_session_is_not_found_on_every_path(house: House, session_id: str) -> None:
    owner = await house.account()
    consent = {"items": {"interview": True}, "text_version": "x"}
    for method, path in calls_on(session_id):
        body = consent if path.endswith("/consent") else None
        answer = await house.http.request(method, path, json=body, headers=owner.headers)
        assert_problem(answer, 404, "not_found")


async def test_an_address_and_a_method_that_do_not_exist(house: House) -> None:
    assert_problem(await house.http.get("/api/nothing"), 404, "not_found")
    answer = await house.http.delete(f"{BASE}/create")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_every_answer_carries_a_request_id_and_safe_headers(house: House) -> None:
    for path in ("/healthz", "/api/nothing"):
        answer = await house.http.get(path, headers={"X-Request-Id": "0123abcd-1"})
        assert answer.headers["x-request-id"] == "0123abcd-1"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    own = await house.http.get("/healthz", headers={"X-Request-Id": "ada.lovelace@example.com"})
    assert own.headers["x-request-id"].isalnum()


async def test_a_bug_is_a_problem_without_its_words(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await house.account()

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the words of ada@example.com")

    monkeypatch.setattr(house.storage.sessions, "page", broken)
    answer = await house.http.get(f"{BASE}/sessions", headers=owner.headers)
    problem = assert_problem(answer, 500, "internal")
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "ada@" not in answer.text
    assert any("met a bug" in record.message for record in caplog.records)
