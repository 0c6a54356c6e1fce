"""The JSON form of a report."""

from typing import Any

from reports.content import ReportContent


def to_data(content: ReportContent) -> dict[str, Any]:
    """Return the report as JSON-ready values; `ReportContent.model_validate` reads them back."""
    return content.model_dump(mode="json")
