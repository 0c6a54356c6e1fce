"""The PDF form of a report, set by typst: tagged, with bookmarks, page numbers and embedded fonts.

What anybody said reaches the typesetter as data (JSON in an input), never as source, so that no word of it can be
markup or code there.
"""

import json
import logging
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typst

from interview.errors import ConfigurationError, VivaError
from reports.content import ReportContent
from reports.render.charts import Chart
from reports.render.formats import is_rtl, shortened
from reports.render.view import DISCLAIMER, Part, ResultView, Said, Table, TurnView, View, view_of

log = logging.getLogger(__name__)

_TEMPLATE = Path(__file__).parent / "report.typ"
_ACCESSIBLE = "ua-1"
"""PDF/UA-1. It demands that every character can be read out, so a text that no font has takes plain tagged PDF."""
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\s\u200b-]{31,}")
_BREAK_EVERY = 30
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0"
_TOWER = re.compile(f"([{_MARKS}]{{6}})[{_MARKS}]+")
"""More marks upon one letter than any language has: they would be stacked beyond the page."""
_RUNNING_COLUMNS = 48
"""Of the name at the head of each page, which has one line."""


class CannotSet(VivaError):
    """The typesetter refused; the message says where, and quotes nothing that was said."""

    code = "cannot_set"


def to_pdf(content: ReportContent, fonts: Path | None = None) -> bytes:
    """Render the PDF in the fonts of that folder, or, without one, in those of the machine.

    The same content and fonts give the same bytes. Raises `CannotSet`.
    """
    data = json.dumps(pdf_data(view_of(content)), ensure_ascii=False)
    compiler = typst.Compiler(str(_TEMPLATE), font_paths=_fonts(fonts), sys_inputs={"data": data})
    built_at = int(content.built_at.timestamp())
    try:
        return _bytes(compiler.compile(format="pdf", pdf_standards=_ACCESSIBLE, timestamp=built_at))
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            log.warning("a report is set without PDF/UA: %s", _reason(error))
    try:
        return _bytes(compiler.compile(format="pdf", timestamp=built_at))
    except typst.TypstError as error:
        raise CannotSet(f"the report could not be set: {_reason(error)}") from None


@cache
def _fonts(folder: Path | None) -> typst.Fonts:
    """Look through the fonts, once a process: it takes longer than a report."""
    if folder is not None and not folder.is_dir():
        raise ConfigurationError(f"REPORT_FONTS_DIR names {folder}, which is no folder")
    return typst.Fonts(include_system_fonts=folder is None, font_paths=[str(folder)] if folder else [])


def pdf_data(view: View) -> dict[str, Any]:
    """Return what the template lays out: texts of ours as strings, what was said as `{t, rtl}`."""
    language = _LANGUAGE.fullmatch(view.language)
    return {
        "lang": language.group(1).lower() if language else "en",
        "name": _cell(view.name),
        "running": _cell(Said(shortened(" ".join(view.name.split()), _RUNNING_COLUMNS))),
        "plan": _cell(view.plan_title),
        "role": _cell(view.job_role) if view.job_role else None,
        "about": view.about,
        "tiles": [[label, value] for label, value in view.tiles],
        "notices": [_cell(notice) for notice in view.notices],
        "timeline": _chart(view.timeline),
        "competencies": [_result(result) for result in view.competencies],
        "how": view.how,
        "questions": _table(view.questions),
        "answers": [_result(result) for result in view.answers],
        "instructions": _table(view.instructions),
        "stages": _table(view.stages),
        "talk": _table(view.talk),
        "conditions": _table(view.conditions),
        "incidents": _table(view.incidents),
        "parts": [_part(part) for part in view.parts],
        "disclaimer": DISCLAIMER,
        "made": breakable(view.made),
    }


def breakable(text: str) -> str:
    """Let endless words break, which would run out of the page, and pile up no more than six marks on a letter."""
    return _LONG_WORD.sub(
        lambda match: "\u200b".join(
            match.group()[at : at + _BREAK_EVERY] for at in range(0, len(match.group()), _BREAK_EVERY)
        ),
        _TOWER.sub(r"\1", text),
    )


def _cell(text: str) -> Any:
    return {"t": breakable(text), "rtl": is_rtl(text)} if isinstance(text, Said) else text


def _chart(chart: Chart) -> dict[str, str]:
    return {"svg": chart.svg, "alt": f"{chart.title}. {chart.desc}"}


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "head": list(table.head),
        "numbers": sorted(table.numbers),
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
    }


def _result(result: ResultView) -> dict[str, Any]:
    return {
        "name": _cell(result.name),
        "level": result.level,
        "level_words": _cell(result.level_words),
        "reason": _cell(result.reason),
        "quotes": [{"text": _cell(quote.text), "at": quote.at, "seq": quote.seq} for quote in result.quotes],
        "tag": result.tag,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": part.title,
        "question": _cell(part.question) if part.question else None,
        "turns": [_turn(turn) for turn in part.turns],
    }


def _turn(turn: TurnView) -> dict[str, Any]:
    return {
        "seq": turn.seq,
        "at": turn.at,
        "who": turn.who,
        "candidate": turn.by_candidate,
        "rtl": is_rtl(turn.text),
        "pieces": [[breakable(piece.text), piece.quoted] for piece in turn.pieces],
        "tags": "".join(f" ({tag})" for tag in turn.tags),
        "heard": _cell(turn.heard) if turn.heard else None,
    }


def _bytes(made: Any) -> bytes:
    return bytes(made if not isinstance(made, Sequence) or isinstance(made, bytes | bytearray) else made[0])


def _reason(error: Exception) -> str:
    """Return the first line of what the typesetter says, without what it quotes."""
    return re.sub(r'[`"“].*[`"”]', "…", str(error).partition("\n")[0])[:200]
