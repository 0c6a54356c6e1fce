"""What a report shows: the one place from which every way of reading one takes its content."""

from typing import Any

from interview.report import Report, as_reviewed
from interview.storage.store import Storage


async def content_shown(storage: Storage, report: Report) -> dict[str, Any] | None:
    """Return a report's content as it is to be shown now, or None while there is none.

    The API gives it out, the renderer lays it out, and a rendering is kept under its digest, so what changes here
    reaches all forms. Its incidents are shown as people see them by now.
    """
    if report.content is None:
        return None
    return as_reviewed(report.content, await storage.incidents.of(report.session_id))
