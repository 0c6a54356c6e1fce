"""The HTML form of a report: one self-contained page that asks nothing of the network and prints well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from interview.engines import EngineKind
from reports.content import Quote, ReportContent, TranscriptTurn

_HERE = Path(__file__).parent
_NOTHING = "–"
_ENGINES = {
    EngineKind.STT: "Speech recognition",
    EngineKind.LLM: "Follow-up questions",
    EngineKind.TTS: "The interviewer's voice",
}


def to_html(content: ReportContent) -> bytes:
    """Render the page. Everything that people said or wrote is escaped; quotes link to their turn's
    anchor.
    """
    quotes = [quote for result in content.competencies for quote in result.quotes]
    page = _template().render(
        report=content,
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        turns=_shown(content.transcript, quotes),
        names={competency.id: competency.name for competency in content.competencies},
        numbers={question.question_id: n for n, question in enumerate(content.questions, start=1)},
        engine_names=_ENGINES,
        answered=sum(question.answered for question in content.questions),
    )
    return page.encode("utf-8")


@dataclass(frozen=True)
class _Piece:
    """A stretch of a turn's text, and whether the report quotes it."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class _ShownTurn:
    turn: TranscriptTurn
    pieces: tuple[_Piece, ...]
    opens: bool
    """Whether a new part of the interview begins here."""


def _shown(transcript: Sequence[TranscriptTurn], quotes: Iterable[Quote]) -> list[_ShownTurn]:
    spans: dict[int, list[tuple[int, int]]] = {}
    for quote in quotes:
        spans.setdefault(quote.seq, []).append((quote.start, quote.end))
    shown = []
    part: tuple[object, ...] | None = None
    for turn in transcript:
        own_part = (turn.stage, turn.question_id)
        shown.append(_ShownTurn(turn, _pieces(turn.text, spans.get(turn.seq, ())), own_part != part))
        part = own_part
    return shown


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> tuple[_Piece, ...]:
    """Cut a text at the borders of the quoted spans; spans may overlap."""
    pieces = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        start = max(start, done)
        pieces += [_Piece(text[done:start], False), _Piece(text[start:end], True)]
        done = end
    pieces.append(_Piece(text[done:], False))
    return tuple(piece for piece in pieces if piece.text)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(clock=_clock, seconds=_seconds, percent=_percent, moment=_moment, words=_words)
    return environment.get_template("page.html.j2")


def _clock(value_s: float | None) -> str:
    """Show a moment of the interview: 1:05, or 1:02:03 from an hour on."""
    if value_s is None:
        return _NOTHING
    whole = int(abs(value_s))
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    sign = "−" if value_s < 0 and whole else ""
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"


def _seconds(value_s: float | None) -> str:
    """Show a duration: 0.42 s, 12.3 s, 3 min 20 s, 30 min."""
    if value_s is None:
        return _NOTHING
    if value_s < 10:
        return f"{value_s:.2f} s"
    if value_s < 60:
        return f"{value_s:.1f} s"
    minutes, seconds = divmod(int(value_s), 60)
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def _percent(share: float | None) -> str:
    return _NOTHING if share is None else f"{share:.0%}"


def _moment(value: datetime | None) -> str:
    return _NOTHING if value is None else f"{value:%d %B %Y, %H:%M} UTC"


def _words(name: str) -> str:
    """Show a name of ours (`no_face`, `COMPLETED`) as words."""
    return name.replace("_", " ").lower()
