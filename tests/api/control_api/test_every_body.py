"""What no body may hold is refused on every operation that takes one; what people write in any script is not."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from control_api.app import routed
from control_api.document.describe import operations
from control_api.document.examples import named_in
from control_api.limits import UPLOADS
from interview.user import Role
from tests.api.control_api.house import BASE, House, assert_problem, plan_body
from tests.api.control_api.records import store_incident

DOCUMENT = routed().openapi()
SCHEMAS = DOCUMENT["components"]["schemas"]
CANDIDATES = {"raise_problem", "report_events"}
"""Operations that are the candidate's alone."""
SIGNED = {"livekit_webhook"}
"""Whose content is another's: only its form is ours to judge."""


def with_bodies(*, json_only: bool) -> Iterator[Any]:
    for path, method, operation in operations(DOCUMENT):
        kinds = operation.get("requestBody", {}).get("content", {})
        if kinds and (not json_only or any(kind.endswith("json") for kind in kinds)):
            yield pytest.param(path, method, operation, id=operation["operationId"])


each_json = pytest.mark.parametrize(("path", "method", "operation"), [*with_bodies(json_only=True)])
each_body = pytest.mark.parametrize(("path", "method", "operation"), [*with_bodies(json_only=False)])


class Callers:
    """Who may call each operation, and what its path names."""

    def __init__(self, house: House, admin: dict[str, str], seat: httpx.AsyncClient, names: dict[str, str]) -> None:
        self._house, self._admin, self._seat, self._names = house, admin, seat, names

    async def send(self, path: str, method: str, operation: dict[str, Any], **given: Any) -> httpx.Response:
        given["headers"] = {"Content-Type": "application/json"} | given.get("headers", {})
        client, url = self._house.http, path.format_map(self._names)
        if operation["operationId"] in CANDIDATES:
            client = self._seat
        else:
            given["headers"] |= self._admin
        return await client.request(method, url, **given)


@pytest_asyncio.fixture(scope="module")
async def callers(house: House) -> AsyncIterator[Callers]:
    admin, other = await house.account(Role.ADMIN), await house.account()
    made = await house.created(admin)
    problem = await house.raised(made)
    incident = await store_incident(house.storage, await house.storage.sessions.get(made["session_id"]))
    hook = {"url": "https://hr.example.com/hooks", "events": ["session.completed"]}
    webhook = await house.http.post("/api/webhooks/outgoing", json=hook, headers=admin.headers)
    names = {
        "session_id": made["session_id"],
        "problem_id": problem["problem_id"],
        "incident_id": incident.incident_id,
        "proposal_id": "1-1",
        "plan_id": await house.kept_plan(admin),
        "user_id": other.user.user_id,
        "webhook_id": webhook.json().get("webhook_id", "none"),
    }
    yield Callers(house, admin.headers, await house.candidate(made["invite_url"]), names)


def example_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The example of a JSON body."""
    content = next(content for kind, content in operation["requestBody"]["content"].items() if kind.endswith("json"))
    names = named_in(content["schema"])
    return (SCHEMAS[names[0]] if names else content["schema"])["examples"][0]


NEVER: list[tuple[str, bytes, int, str]] = [
    ("broken", b"{", 400, "malformed_json"),
    ("no UTF-8", b'{"a": "\xff"}', 400, "malformed_json"),
    ("NaN", b'{"a": NaN}', 400, "malformed_json"),
    ("thousands of digits", b'{"a": 1' + b"0" * 5000 + b"}", 400, "malformed_json"),
    ("infinity", b'{"a": 1e999}', 422, "number_out_of_range"),
    ("huge number", b'{"a": [99999999999999999999]}', 422, "number_out_of_range"),
    ("NUL", b'{"a": {"b": "x\\u0000"}}', 422, "unstorable_text"),
    ("NUL in a name", b'{"x\\u0000": 1}', 422, "unstorable_text"),
    ("half a surrogate pair", b'{"a": ["\\ud800"]}', 422, "unstorable_text"),
    ("deep", b'{"a":' * 30 + b"1" + b"}" * 30, 422, "nested_too_deeply"),
    ("very deep", b"[" * 100_000 + b"]" * 100_000, 422, "nested_too_deeply"),
]


@each_json
async def test_what_no_json_may_hold_is_refused(
    callers: Callers, path: str, method: str, operation: dict[str, Any]
) -> None:
    for what, body, status, code in NEVER:
        answer = await callers.send(path, method, operation, content=body)
        assert answer.status_code == status, f"{what}: {answer.text}"
        assert_problem(answer, status, code)


@each_body
async def test_another_content_type_is_refused(
    callers: Callers, path: str, method: str, operation: dict[str, Any]
) -> None:
    kinds = {"text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "image/png"}
    for kind in kinds - set(operation["requestBody"]["content"]):
        answer = await callers.send(path, method, operation, content=b"a=1", headers={"Content-Type": kind})
        assert_problem(answer, 415, "unsupported_media_type")


@each_body
async def test_a_body_that_is_too_large_is_refused(
    callers: Callers, path: str, method: str, operation: dict[str, Any]
) -> None:
    upload = UPLOADS.get((method.upper(), path))
    size = (upload.max_bytes if upload else 1_000_000) + 1
    kind = next(iter(operation["requestBody"]["content"]))
    answer = await callers.send(path, method, operation, content=b" " * size, headers={"Content-Type": kind})
    assert assert_problem(answer, 413, "body_too_large")["details"]["limit_bytes"] == size - 1


@each_json
async def test_a_body_of_another_shape_is_refused(
    callers: Callers, path: str, method: str, operation: dict[str, Any]
) -> None:
    if operation["operationId"] in SIGNED:
        return
    for body in (b"[]", b'"text"', b"7", b"true"):
        assert_problem(await callers.send(path, method, operation, content=body), 422, "invalid")


@each_json
async def test_an_unknown_field_is_refused_by_its_name(
    callers: Callers, path: str, method: str, operation: dict[str, Any]
) -> None:
    if operation["operationId"] in SIGNED:
        return
    answer = await callers.send(path, method, operation, json=example_of(operation) | {"surprise": 1})
    errors = assert_problem(answer, 422, "invalid")["details"]["errors"]
    assert any(error["where"].endswith("surprise") for error in errors), errors


@each_json
async def test_a_text_beyond_its_bound_is_refused(
    callers: Callers, path: str, method: str, operation: dict[str, Any]
) -> None:
    if operation["operationId"] in SIGNED:
        return
    example = example_of(operation)
    for field in (name for name, value in example.items() if isinstance(value, str)):
        answer = await callers.send(path, method, operation, json=example | {field: "x" * 100_000})
        assert answer.status_code == 422, (field, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/plans/import", "application/yaml"), (f"{BASE}/bulk", "text/csv")],
)
@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"title: a\x00b", b'title: "\\0"', b'title: "\\ud800"', b"[" * 50_000, b"&a [*a, *a]", b"\x00" * 99],
)
async def test_an_upload_that_is_no_text_for_us_is_refused(house: House, path: str, kind: str, body: bytes) -> None:
    owner = await house.account()
    answer = await house.http.post(path, content=body, headers=owner.headers | {"Content-Type": kind})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "listed"), [pytest.param(path, set(item), id=path) for path, item in DOCUMENT["paths"].items()]
)
async def test_a_method_that_the_document_does_not_list_is_refused(house: House, path: str, listed: set[str]) -> None:
    admin = await house.account(Role.ADMIN)
    url = path.replace("{", "").replace("}", "")
    for method in {"get", "post", "put", "patch", "delete"} - listed:
        answer = await house.http.request(method, url, headers=admin.headers)
        # two templates may fit one path, and the other may take the method: then nothing is there by that name
        assert answer.status_code in {404, 405}, (method, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


SCRIPTS = [
    pytest.param("أمينة بنت خالد", id="Arabic"),
    pytest.param("王小明", id="Chinese"),
    pytest.param("Юлія Шевченко", id="Cyrillic"),
    pytest.param("अनन्या क्षत्रिय", id="Devanagari"),
    pytest.param("ณัฐวุฒิ", id="Thai"),
    pytest.param("שרה ‏כהן", id="Hebrew with a mark of direction"),
    pytest.param("Zoe\u0308 N\u0303andu\u0301", id="combining marks"),
    pytest.param("👩🏽‍💻 Kim 🏳️‍🌈", id="emoji with joiners"),
    pytest.param("𐌰𐌳𐌰 𝒜𝒹𝒶", id="beyond the basic plane"),
    pytest.param('O\'Neil-Ø "Łu" <b>&amp;', id="punctuation"),
    pytest.param("Z̷̢͍a̸l̴g̵o̶", id="many marks"),
]


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_name_and_an_answer_in_any_script_come_back_as_they_were_sent(house: House, name: str) -> None:
    owner = await house.account()
    made = await house.created(owner, name=name, questions=[name], reference=name)
    assert made["user_details"]["name"] == name
    session = (await house.http.get(f"{BASE}/session/{made['session_id']}", headers=owner.headers)).json()
    assert session["user_details"]["name"] == name
    assert session["reference"] == name
    assert session["interview_config"]["questions"][0]["text"] == name
    assert (await house.raised(made, text=name))["text"] == name
    found = await house.http.get(f"{BASE}/sessions", params={"candidate": name}, headers=owner.headers)
    assert [row["session_id"] for row in found.json()["sessions"]] == [made["session_id"]]


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_plan_in_any_script_survives_export_and_import(house: House, name: str) -> None:
    owner = await house.account()
    plan_id = await house.kept_plan(owner, **plan_body(title=name, interviewer_name=name, job_description=name))
    exported = await house.http.get(f"/api/plans/{plan_id}/export", headers=owner.headers)
    headers = owner.headers | {"Content-Type": "application/yaml"}
    again = await house.http.post("/api/plans/import", content=exported.content, headers=headers)
    assert again.status_code == 201, again.text
    plan = again.json()["plan"]
    assert (plan["title"], plan["interviewer_name"], plan["job_description"]) == (name, name, name)


async def test_a_list_of_candidates_in_any_script_is_invited(house: House) -> None:
    owner = await house.account()
    names = [str(script.values[0]) for script in SCRIPTS]
    rows = [f'"{name.replace(chr(34), chr(34) * 2)}",c{n}@example.com' for n, name in enumerate(names)]
    answer = await house.http.post(
        f"{BASE}/bulk",
        params={"question": "Why?"},
        content="\n".join(["name,email", *rows]).encode(),
        headers=owner.headers | {"Content-Type": "text/csv; charset=utf-8"},
    )
    assert answer.status_code == 201, answer.text
    page = await house.http.get(f"{BASE}/sessions", headers=owner.headers)
    assert {row["user_details"]["name"] for row in page.json()["sessions"]} == set(names)


async def test_an_account_in_any_script_comes_back_as_it_was_sent(house: House) -> None:
    admin = await house.account(Role.ADMIN)
    for n, script in enumerate(SCRIPTS):
        name = str(script.values[0])
        body = {"email": f"any-script-{n}@example.com", "name": name, "role": "proctor"}
        answer = await house.http.post("/api/users/invite", json=body, headers=admin.headers)
        assert answer.status_code == 201, answer.text
        assert answer.json()["name"] == name
