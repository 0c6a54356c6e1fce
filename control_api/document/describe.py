"""From what FastAPI finds to the whole document: answers by status with their problem codes, callers, examples."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from control_api.access.gates import Gate, OpenGate, SeatGate
from control_api.document.examples import add_examples
from control_api.document.security import SCHEMES, forbids, hides, requirements_of
from control_api.document.statuses import STATUSES
from control_api.problems import MEDIA_TYPE
from control_api.rates import EXEMPT

_JSON = "application/json"
_BODY = ("body_too_slow", "body_too_large", "unsupported_media_type", "invalid")
_JSON_BODY = ("malformed_json", "unstorable_text", "number_out_of_range", "nested_too_deeply")
_ACCOUNT = ("not_authenticated", "bad_token", "token_expired", "signed_out")
_SEAT = ("not_authenticated", "bad_token", "token_expired", "seat_closed", "seat_taken_over", "cross_site")
_ASK_NO_DATABASE = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered whether or not the database does."""


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application's endpoints, the same for the same code."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    routes = (context.original_route for context in iter_route_contexts(app.routes))
    route_of = {route.name: route for route in routes if isinstance(route, APIRoute)}
    answers = _Answers()
    for path, _, operation in operations(document):
        _describe_operation(operation, path, route_of[operation["operationId"]], answers)
    components = document["components"]
    components["securitySchemes"] = dict(SCHEMES)
    components["responses"] = dict(sorted(answers.shared.items()))
    _name_successes(document)
    add_examples(document)
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation of everything in the document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def codes_of_answers(document: dict[str, Any]) -> Iterator[set[str]]:
    """Yield the problem codes with which each operation may answer."""
    shared = document["components"]["responses"]
    for _, _, operation in operations(document):
        named = (answer["$ref"].rpartition("/")[2] for answer in operation["responses"].values() if "$ref" in answer)
        yield {code for name in named for code in shared[name]["x-problem-codes"]}


def _describe_operation(operation: dict[str, Any], path: str, route: APIRoute, answers: "_Answers") -> None:
    gates = [part.call for part in route.dependant.dependencies if isinstance(part.call, Gate | OpenGate)]
    gate = gates[0] if gates else None
    if "security" not in operation:  # else the endpoint says it by itself
        operation["security"] = requirements_of(gate)
    responses = {status: answer for status, answer in operation["responses"].items() if status[1:] != "XX"}
    by_status: dict[int, set[str]] = {}
    for code in _codes_of(operation, path, gate):
        for status in STATUSES.get(code, (500,)):
            by_status.setdefault(status, set()).add(code)
    for status, codes in sorted(by_status.items()):
        if str(status) in responses:  # /readyz tells what is missing under 503
            continue
        responses[str(status)] = {"$ref": answers.ref(status, codes)}
    operation["responses"] = dict(sorted(responses.items()))


def _codes_of(operation: dict[str, Any], path: str, gate: object) -> Iterator[str]:
    """Yield every code with which an operation may answer: its own, and those that come of where and what it is."""
    yield from operation.get("x-problem-codes", ())
    yield "internal"
    if path not in _ASK_NO_DATABASE:
        yield "storage_unavailable"
    if path not in EXEMPT:
        yield "too_many_requests"
    if operation.get("parameters"):
        yield "invalid"
    if body := operation.get("requestBody"):
        yield from _BODY
        if any(kind.endswith("json") for kind in body["content"]):
            yield from _JSON_BODY
    if isinstance(gate, Gate):
        # whoever sends no token is looked for by their cookie, wherever they come
        yield from _SEAT
        yield from () if isinstance(gate, SeatGate) else _ACCOUNT
        if forbids(gate):
            yield "not_allowed"
        if hides(gate):
            yield "not_found"


class _Answers:
    """The problem answers that operations share, each once, named by status and codes."""

    def __init__(self) -> None:
        self.shared: dict[str, dict[str, Any]] = {}

    def ref(self, status: int, codes: set[str]) -> str:
        """Return the reference to the answer with these codes."""
        ordered = sorted(codes)
        name = ".".join([str(status), *ordered])
        self.shared.setdefault(name, _problem_answer(status, ordered))
        return f"#/components/responses/{name}"


def _problem_answer(status: int, codes: list[str]) -> dict[str, Any]:
    only = {"type": "string", "enum": codes}
    said = ", ".join(f"`{code}`" for code in codes)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:  # a more exact code may come, of which programs make nothing
        only, said = {"type": "string"}, f"{said} or a more exact code"
    answer: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}: {said}.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"type": "object", "required": ["code"], "properties": {"code": only}},
                    ]
                }
            }
        },
        "x-problem-codes": codes,
    }
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        seconds = {"type": "string", "pattern": "^[0-9]{1,6}$"}
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": seconds}}
    return answer


def _name_successes(document: dict[str, Any]) -> None:
    """Say of each answer what it is, rather than that it succeeded, and of files that they are bytes."""
    schemas = document["components"]["schemas"]
    for _, _, operation in operations(document):
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                content.setdefault("schema", {"type": "string", "format": "binary"})
            if answer.get("description") == "Successful Response":
                schema = answer.get("content", {}).get(_JSON, {}).get("schema", {})
                said = schemas.get(schema.get("$ref", "").rpartition("/")[2], {}).get("description", "")
                answer["description"] = said.partition("\n\n")[0] or f"{HTTPStatus(int(status)).phrase}."
