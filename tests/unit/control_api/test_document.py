"""The API's document: whole, valid, with examples that hold, bounds for everything that is sent, and every problem."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from fastapi.routing import APIRoute

from control_api.access.gates import Gate
from control_api.access.table import TABLE, Reach
from control_api.app import API_ROUTERS, routed
from control_api.document.describe import operations
from control_api.document.examples import add_examples, named_in
from control_api.document.statuses import STATUSES

DOCUMENT = routed().openapi()
SCHEMAS = DOCUMENT["components"]["schemas"]
ROUTES = [route for router in API_ROUTERS for route in router.routes if isinstance(route, APIRoute)]
OPERATIONS = [pytest.param(operation, id=operation["operationId"]) for _, _, operation in operations(DOCUMENT)]

each_operation = pytest.mark.parametrize("operation", OPERATIONS)


@cache
def validator(name: str) -> Any:
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}, validate_formats=True
    )


def answers(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Status and answer, references followed."""
    for status, answer in operation["responses"].items():
        name = answer.get("$ref", "").rpartition("/")[2]
        yield status, DOCUMENT["components"]["responses"][name] if name else answer


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Media type and content of the body and of each answer that is no problem."""
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for answer in operation["responses"].values():
        yield from answer.get("content", {}).items()


def test_the_document_is_valid_openapi_and_its_schemas_are_valid_json_schemas() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(DOCUMENT).validate()
    for name, schema in SCHEMAS.items():
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})
        assert validator(name)


def test_every_endpoint_is_in_the_document_once() -> None:
    named = [operation["operationId"] for _, _, operation in operations(DOCUMENT)]
    assert sorted(named) == sorted(route.name for route in ROUTES)
    assert len(set(named)) == len(named)


def test_every_reference_leads_somewhere_and_nothing_of_the_framework_is_left() -> None:
    for reference in (value for key, value in leaves(DOCUMENT) if key == "$ref"):
        place: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    assert not {"HTTPValidationError", "ValidationError"} & set(SCHEMAS)
    assert [name for name in SCHEMAS if "__" in name] == [], "two schemas have one name"


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no container, with its key."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from leaves(child, name)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, key)
    else:
        yield key, value


@each_operation
def test_an_operation_says_what_it_does_and_what_it_answers(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    successes = [status for status, _ in answers(operation) if status.startswith("2")]
    # a part of something (206) is the same success as the whole
    assert len(successes) == 1 or successes == ["200", "206"]
    for status, answer in answers(operation):
        assert answer["description"], status
        assert answer["description"] != "Successful Response"
        if status != "204":
            assert all(content["schema"] for content in answer["content"].values()), status


@each_operation
def test_what_is_sent_and_answered_has_an_example_that_is_valid(operation: dict[str, Any]) -> None:
    for media_type, content in contents(operation):
        if media_type.endswith("json"):
            names = named_in(content["schema"])
            assert names or content["schema"].get("examples"), media_type
            for name in names:
                validator(name).validate(SCHEMAS[name]["examples"][0])
        elif content["schema"].get("format") != "binary":
            assert content["example"], media_type


@pytest.mark.parametrize("route", [pytest.param(route, id=route.name) for route in ROUTES if route.body_field])
def test_the_example_of_a_body_is_one_that_is_taken(route: APIRoute) -> None:
    """What depends on several fields at once stands in no schema."""
    assert route.body_field is not None
    kind: Any = route.body_field.field_info.annotation
    models: list[Any] = [option for option in getattr(kind, "__args__", (kind,)) if option is not type(None)]
    example = SCHEMAS[models[0].__name__]["examples"][0]
    assert models[0].model_validate(example)


def test_no_field_is_without_an_example() -> None:
    bare = deepcopy(DOCUMENT)
    for schema in bare["components"]["schemas"].values():
        schema.pop("examples", None)
    missing = add_examples(bare)
    assert missing == set(), "give them a value in control_api/document/values.py"


@each_operation
def test_an_operation_names_its_problems_under_their_status(operation: dict[str, Any]) -> None:
    told = {status: answer for status, answer in answers(operation) if not status.startswith("2")}
    for code in operation.get("x-problem-codes", ()):
        assert any(code in told[str(status)]["x-problem-codes"] for status in STATUSES[code]), code
    for status, answer in told.items():
        if status == "503" and "application/json" in answer["content"]:
            continue  # /readyz says in its own words what is missing
        base, narrowed = answer["content"]["application/problem+json"]["schema"]["allOf"]
        assert base == {"$ref": "#/components/schemas/Problem"}
        if status != "500":
            assert narrowed["properties"]["code"]["enum"] == answer["x-problem-codes"]
    assert "internal" in told["500"]["x-problem-codes"]
    if "requestBody" in operation:
        assert {"413", "415", "422"} <= set(told)


@pytest.mark.parametrize("route", [pytest.param(route, id=route.name) for route in ROUTES])
def test_who_may_call_is_what_the_access_table_says(route: APIRoute) -> None:
    operation = next(operation for _, _, operation in operations(DOCUMENT) if operation["operationId"] == route.name)
    named = {name for requirement in operation["security"] for name in requirement}
    assert named <= set(DOCUMENT["components"]["securitySchemes"])
    gates = [part.call for part in route.dependant.dependencies if isinstance(part.call, Gate)]
    if not gates:
        assert not named & {"account", "seat"}
        return
    rule = TABLE[gates[0].act]
    users = any(reach is not Reach.NONE for reach in (rule.recruiter, rule.proctor, rule.admin))
    assert ("seat" in named) == (rule.candidate is not Reach.NONE)
    assert ("account" in named) == (users and route.path != "/api/invites/seat")
    assert "401" in operation["responses"]


# bounds


def unbounded(schema: dict[str, Any], at: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the places of a request's schema where a text or a list may have any length."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        if name not in seen:
            yield from unbounded(SCHEMAS[name], f"{at}:{name}", seen | {name})
        return
    for n, option in enumerate([*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]):
        yield from unbounded(option, f"{at}|{n}", seen)
    if schema.get("type") == "string" and not is_bounded(schema):
        yield at
    if schema.get("type") == "array":
        if "maxItems" not in schema:
            yield f"{at}[]"
        for item in (schema.get("items"), *schema.get("prefixItems", ())):
            if item:
                yield from unbounded(item, f"{at}[]", seen)
    for field, what in schema.get("properties", {}).items():
        yield from unbounded(what, f"{at}.{field}", seen)
    if isinstance(names := schema.get("propertyNames"), dict):
        yield from unbounded(names, f"{at}.*", seen)
    elif isinstance(schema.get("additionalProperties"), dict):
        yield f"{at}.*"


def is_bounded(schema: dict[str, Any]) -> bool:
    return (
        "maxLength" in schema
        or "enum" in schema
        or "const" in schema
        or schema.get("format") in {"date-time", "binary"}
        or schema.get("pattern") == "^[a-z]{2}$"
    )


@each_operation
def test_whatever_is_sent_has_a_bound(operation: dict[str, Any]) -> None:
    found = [
        place
        for parameter in operation.get("parameters", ())
        for place in unbounded(parameter["schema"], f"{parameter['in']} {parameter['name']}")
    ]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        found += unbounded(content["schema"], media_type)
    assert found == []


@each_operation
def test_unknown_fields_are_refused_wherever_fields_are_named(operation: dict[str, Any]) -> None:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if media_type == "application/json":
            reached = {name for name in reached_from(content["schema"]) if "properties" in SCHEMAS[name]}
            assert reached
            assert [name for name in reached if SCHEMAS[name].get("additionalProperties") is not False] == []


def reached_from(schema: Any, seen: set[str] | None = None) -> set[str]:
    """The names of all schemas of which a schema makes use."""
    seen = set() if seen is None else seen
    for key, value in leaves(schema):
        if key == "$ref" and (name := value.rpartition("/")[2]) not in seen:
            seen.add(name)
            reached_from(SCHEMAS[name], seen)
    return seen


def test_two_processes_make_the_same_document() -> None:
    assert routed().openapi() == DOCUMENT
    assert list(DOCUMENT["components"]["responses"]) == sorted(DOCUMENT["components"]["responses"])
