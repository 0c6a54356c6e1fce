"""An example for every body and answer, put together from its schema and from `values`."""

from collections.abc import Iterable, Iterator
from typing import Any

from control_api.document.values import MOMENT, TEXTS, VALUES


class Composer:
    """Makes examples from schemas; `whole` ones have everything optional, as answers do.

    `missing` names the fields for which nothing better was known than a filler.
    """

    def __init__(self, schemas: dict[str, Any], *, whole: bool) -> None:
        self._schemas = schemas
        self._whole = whole
        self.missing: set[str] = set()

    def example_of(self, name: str) -> Any:
        """Return an example of a named schema."""
        schema = self._schemas[name]
        if "examples" in schema:
            return schema["examples"][0]
        if schema.get("type") != "object":
            return self._value(schema, name, name)
        required = schema.get("required", ())
        return {
            field: self._field(name, field, what)
            for field, what in schema.get("properties", {}).items()
            if self._whole or field in required or f"{name}.{field}" in VALUES
        }

    def _field(self, owner: str, field: str, schema: dict[str, Any]) -> Any:
        for key in (f"{owner}.{field}", field):
            if key in VALUES and _may_be(schema, VALUES[key], self._schemas):
                return VALUES[key]
        return self._value(schema, owner, field)

    def _value(self, schema: dict[str, Any], owner: str, field: str) -> Any:
        if "$ref" in schema:
            return self.example_of(schema["$ref"].rpartition("/")[2])
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self._value(schema[key][0], owner, field)
        if "examples" in schema:
            return schema["examples"][0]
        if schema.get("default") is not None:
            return schema["default"]
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        match schema.get("type"):
            case "array" if "prefixItems" in schema:
                return [self._value(item, owner, field) for item in schema["prefixItems"]]
            case "array":
                return [self._value(schema["items"], owner, field)]
            case "boolean":
                return False
            case "null":
                return None
            case "string" if schema.get("format") == "date-time":
                return MOMENT
        self.missing.add(f"{owner}.{field}")
        return {"string": "text", "integer": 1, "number": 1.0}.get(schema.get("type", ""), {})


def add_examples(document: dict[str, Any]) -> set[str]:
    """Give every body and answer in the document an example; return the fields that none is known for."""
    schemas = document["components"]["schemas"]
    asking, answering = Composer(schemas, whole=False), Composer(schemas, whole=True)
    made = {"Problem": answering.example_of("Problem")}
    for item in document["paths"].values():
        for operation in item.values():
            for composer, holders in (
                (answering, operation["responses"].values()),
                (asking, [operation.get("requestBody", {})]),
            ):
                for media_type, content in _contents(holders):
                    if media_type in TEXTS:
                        content.setdefault("example", TEXTS[media_type])
                    made |= {name: composer.example_of(name) for name in named_in(content.get("schema", {}))}
    for name, example in made.items():
        schemas[name].setdefault("examples", [example])
    return asking.missing | answering.missing


def _contents(holders: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for holder in holders:
        yield from holder.get("content", {}).items()


def named_in(schema: dict[str, Any]) -> list[str]:
    """Return the names of the schemas of which a body may be."""
    options = schema.get("anyOf", [schema])
    return [option["$ref"].rpartition("/")[2] for option in options if "$ref" in option]


def _may_be(schema: dict[str, Any], value: Any, schemas: dict[str, Any]) -> bool:
    """Tell whether a value has the type that a schema wants: names are shared, types not always."""
    if "$ref" in schema:
        return _may_be(schemas[schema["$ref"].rpartition("/")[2]], value, schemas)
    if "anyOf" in schema:
        return any(_may_be(option, value, schemas) for option in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    kinds = {"string": str, "integer": int, "number": int | float, "boolean": bool, "array": list, "object": dict}
    kind = schema.get("type", "null")
    if kind == "null":
        return value is None
    return isinstance(value, kinds[kind]) and (kind == "boolean") == isinstance(value, bool)
