"""The HTML form of a report: one self-contained page that asks nothing of the network and prints well."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from reports.content import ReportContent
from reports.render.charts import NAMESPACE, Chart
from reports.render.view import DISCLAIMER, Said, view_of

_HERE = Path(__file__).parent
RECORDING = "recording.wav"
"""Where the page looks for the recording: beside itself, in the API as in an export or the folder of the demo."""

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:s|min|h|USD)\b)|(?:(?<=min)|(?<= h)) (?=\d)")


def to_html(content: ReportContent) -> bytes:
    """Render the page. Everything that people said or wrote is escaped; quotes link to their turn's anchor, and to
    their moment in the recording, which is expected beside the page.
    """
    style = _style()
    page = _template().render(
        view=view_of(content), style=Markup(style), style_hash=_hash(style), disclaimer=DISCLAIMER
    )
    return page.encode("utf-8")


@cache
def _style() -> str:
    return (_HERE / "page.css").read_text(encoding="utf-8")


@cache
def _hash(style: str) -> str:
    """Return the source expression by which a content security policy allows exactly this style."""
    # what stands between <style> and </style>: the template puts the text on lines of its own
    digest = hashlib.sha256(f"\n{style}\n".encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["said"] = lambda value: isinstance(value, Said)
    environment.filters["drawing"] = _drawing
    environment.filters["recording"] = _recording
    environment.filters["unbroken"] = _unbroken
    return environment.get_template("page.html.j2")


def _drawing(chart: Chart) -> Markup:
    """Put a chart into the page: its texts are escaped where it is made. Within HTML it needs no namespace."""
    return Markup(chart.svg.replace(f' xmlns="{NAMESPACE}"', "", 1))


def _recording(audio_s: float) -> str:
    return f"{RECORDING}#t={audio_s:g}"


def _unbroken(figure: str) -> str:
    """Keep a figure and its unit on one line."""
    return _BEFORE_UNIT.sub("\u00a0", figure)
