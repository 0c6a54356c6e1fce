"""Every form of a report, by its name."""

from pathlib import Path

from interview.rendering import ReportFormat
from reports.content import ReportContent
from reports.render.data import to_json
from reports.render.markdown import to_markdown
from reports.render.page import to_html
from reports.render.pdf import to_pdf
from reports.render.table import to_csv


def render(content: ReportContent, format: ReportFormat, fonts: Path | None) -> bytes:
    """Render a report; `fonts` is the folder of the fonts that a PDF is set in. Takes up to seconds: give it a thread.

    Raises `CannotSet` and `ConfigurationError`, as `to_pdf` does.
    """
    match format:
        case ReportFormat.HTML:
            return to_html(content)
        case ReportFormat.PDF:
            return to_pdf(content, fonts)
        case ReportFormat.JSON:
            return to_json(content)
        case ReportFormat.CSV:
            return to_csv(content)
        case ReportFormat.MARKDOWN:
            return to_markdown(content)
