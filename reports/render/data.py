"""The JSON form of a report, and its published schema."""

import json
from typing import Any

from reports.content import SCHEMA_VERSION, ReportContent


def to_data(content: ReportContent) -> dict[str, Any]:
    """Return the report as JSON-ready values; `ReportContent.model_validate` reads them back."""
    return content.model_dump(mode="json")


def to_json(content: ReportContent) -> bytes:
    """Render the report as a JSON file."""
    return json.dumps(to_data(content), ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `to_json` writes."""
    made = ReportContent.model_json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:viva:report:{SCHEMA_VERSION}",
        "title": "Interview report",
    }
    return head | {name: value for name, value in made.items() if name not in head}
