"""The documentation page: the OpenAPI document as plain HTML, without scripts."""

import json
from html import escape
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")


def render_reference(document: dict[str, Any]) -> str:
    """Render an OpenAPI 3.1 document as one page."""
    sections: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if operation := item.get(method):
                tag = next(iter(operation.get("tags", [])), "other")
                sections.setdefault(tag, []).append(_operation(method, path, operation, document))
    body = "".join(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(entries)}' for tag, entries in sections.items())
    contents = " · ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in sections)
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(info["title"])}</title>'
        '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/assets/reference.css"></head><body><main>'
        f"<h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>"
        '<p>Machine-readable: <a href="/openapi.json">openapi.json</a>. Sign in with '
        "<code>POST /api/auth/login</code> and send <code>Authorization: Bearer TOKEN</code>; a candidate's browser "
        f"carries the seat cookie of its invite link instead.</p><p>{contents}</p>{body}</main></body></html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any], document: dict[str, Any]) -> str:
    components = document.get("components", {})
    schemas = components.get("schemas", {})
    who = {name for requirement in operation.get("security", []) for name in requirement}
    if {} in operation.get("security", []):
        who.add("anyone")
    lines = [
        f'<section><h3><code class="{method}">{method.upper()}</code> <code>{escape(path)}</code></h3>',
        *(f"<p>{escape(part)}</p>" for part in operation.get("description", "").split("\n\n")),
        f"<p>By: {escape(' or '.join(sorted(who)) or 'anyone')}</p>",
    ]
    for parameter in operation.get("parameters", []):
        if parameter["in"] != "path":
            where = parameter["in"].capitalize()
            lines.append(f"<p>{where} <code>{escape(parameter['name'])}</code>: {_kind(parameter['schema'])}</p>")
    if body := operation.get("requestBody"):
        lines.append("<h4>Request</h4>" + _content(body, schemas))
    for status, answer in operation.get("responses", {}).items():
        if status.startswith("2"):
            lines.append(f"<h4>Answer {escape(status)}</h4>" + _content(answer, schemas))
    lines.append(_problems(operation, components.get("responses", {})))
    return "".join(lines) + "</section>"


def _problems(operation: dict[str, Any], shared: dict[str, Any]) -> str:
    """List the codes of an operation's problems by status."""
    rows = []
    for status, answer in operation.get("responses", {}).items():
        codes = shared.get(answer.get("$ref", "").rpartition("/")[2], {}).get("x-problem-codes", ())
        if codes:
            said = ", ".join(f"<code>{escape(code)}</code>" for code in codes)
            rows.append(f"<tr><td>{escape(status)}</td><td>{said}</td></tr>")
    return f"<details><summary>Problems</summary><table>{''.join(rows)}</table></details>" if rows else ""


def _content(holder: dict[str, Any], schemas: dict[str, Any]) -> str:
    parts: list[str] = []
    for media_type, content in holder.get("content", {}).items():
        if media_type != "application/json":
            parts.append(f"<p><code>{escape(media_type)}</code></p>")
            continue
        schema = content.get("schema", {})
        for option in schema.get("anyOf", [schema]):
            parts.append(_fields(option, schemas))
    return "".join(parts) or "<p>No body.</p>"


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    name = schema.get("$ref", "").rpartition("/")[2]
    known = schemas.get(name, schema)
    required = set(known.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code>{'' if field in required else ' (optional)'}</td>"
        f"<td>{_kind(what)}</td></tr>"
        for field, what in known.get("properties", {}).items()
    )
    shown = f"<p>{escape(name)}: {escape(known.get('description', ''))}</p><table>{rows}</table>"
    for example in known.get("examples", ())[:1]:
        text = json.dumps(example, indent=2, ensure_ascii=False)
        shown += f"<details><summary>Example</summary><pre>{escape(text)}</pre></details>"
    return shown


def _kind(schema: dict[str, Any]) -> str:
    """Say in a few words what a value looks like."""
    if "$ref" in schema:
        return escape(schema["$ref"].rpartition("/")[2])
    if options := schema.get("anyOf"):
        return " or ".join(_kind(option) for option in options)
    if "enum" in schema:
        return " | ".join(escape(str(value)) for value in schema["enum"])
    if "const" in schema:
        return escape(str(schema["const"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    named = {"minimum": "≥", "maximum": "≤", "minLength": "length ≥", "maxLength": "length ≤"}
    bounds = [f"{sign} {schema[key]}" for key, sign in named.items() if key in schema]
    words = [str(schema.get("type", "any")), str(schema.get("format", ""))]
    return escape(" ".join(word for word in [*words, ", ".join(bounds)] if word))
