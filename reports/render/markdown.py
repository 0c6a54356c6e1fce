"""The Markdown form of a report. What people said is text in it: no markup, no link, no HTML comes of it."""

import re
from collections.abc import Iterator

from reports.content import ReportContent
from reports.render.view import DISCLAIMER, ResultView, Said, Table, TurnView, View, view_of

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&@$^=]")
_AT_START = re.compile(r"^(\s*)([-+:!]|\d{1,9}[.)])")
_SCHEME = re.compile(r"(?i)\b(https?|ftps?|mailto|xmpp|file|data|javascript|tel):")
_WWW = re.compile(r"(?i)\bwww\.")
_BREAKS = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*")


def to_markdown(content: ReportContent) -> bytes:
    """Render the report as GitHub-flavoured Markdown, UTF-8."""
    return ("\n".join(_lines(view_of(content))) + "\n").encode("utf-8")


def escaped(text: str) -> str:
    """Return a text on one line that Markdown shows as it is.

    Every mark that could begin something is escaped, addresses are no links, and a line's first characters make no
    list, heading or rule of it.
    """
    return _AT_START.sub(lambda match: match.group(1) + _escaped_start(match.group(2)), _within(text))


def _within(text: str) -> str:
    """Do the same to what stands within a line: the point of "0.69 s" begins no list there."""
    text = _SPECIAL.sub(r"\\\g<0>", _BREAKS.sub(" ", text).strip())
    return _WWW.sub(lambda match: match.group()[:-1] + r"\.", _SCHEME.sub(r"\1\:", text))


def _escaped_start(marker: str) -> str:
    return f"\\{marker}" if len(marker) == 1 else f"{marker[:-1]}\\{marker[-1]}"


def _lines(view: View) -> Iterator[str]:
    yield f"# Interview report: {escaped(view.name)}"
    yield ""
    yield escaped(view.plan_title) + (f" · {escaped(view.job_role)}" if view.job_role else "")
    yield ""
    yield escaped(view.about)
    yield ""
    for label, value in view.tiles:
        yield f"- {escaped(label)}: {_within(value)}"
    yield ""
    if view.notices:
        yield "## Before you read on"
        yield ""
        yield from (f"- {escaped(notice)}" for notice in view.notices)
        yield ""
    if view.instructions.rows:
        yield "## Attempts to instruct"
        yield ""
        yield from _table(view.instructions)
    yield "## Competencies"
    yield ""
    if view.how:
        yield escaped(view.how)
        yield ""
    for result in view.competencies:
        yield from _result(result)
    if not view.competencies:
        yield "The plan measures no competency."
        yield ""
    yield "## Questions"
    yield ""
    yield from _table(view.questions)
    if view.answers:
        yield "What each answer shows by itself:"
        yield ""
    for result in view.answers:
        yield from _result(result)
    yield "## Talk and conditions"
    yield ""
    yield escaped(view.timeline.desc)
    yield ""
    for table in (view.stages, view.talk, view.conditions):
        yield from _table(table)
    yield "## Incidents"
    yield ""
    if view.incidents.rows:
        yield from _table(view.incidents)
    else:
        yield "None was filed."
        yield ""
    yield from _transcript(view)
    yield "---"
    yield ""
    yield DISCLAIMER
    yield ""
    yield escaped(view.made)


def _result(result: ResultView) -> Iterator[str]:
    level = f"level {result.level} of 5" if result.level else "not scorable"
    yield f"### {escaped(result.name)}: {level}"
    yield ""
    if result.level_words:
        yield f"*{escaped(result.level_words)}*"
        yield ""
    if result.reason:
        yield escaped(result.reason)
        yield ""
    for quote in result.quotes:
        yield f"> “{escaped(quote.text)}” (at {quote.at}, turn {quote.seq})"
        yield ""
    yield f"{escaped(result.tag)}"
    yield ""


def _table(table: Table) -> Iterator[str]:
    if not table.rows:
        return
    head = table.head or ("", "")
    yield f"{escaped(table.caption)}:"
    yield ""
    yield f"| {' | '.join(escaped(name) for name in head)} |"
    yield f"| {' | '.join('---:' if n in table.numbers else '---' for n in range(len(head)))} |"
    for row in table.rows:
        yield f"| {' | '.join(_within(cell) for cell in row)} |"
    yield ""


def _transcript(view: View) -> Iterator[str]:
    yield "## Transcript"
    yield ""
    if not view.parts:
        yield "Nothing was said that could be stored."
        yield ""
        return
    yield "Times count from the candidate's joining. Marked words are quoted above."
    yield ""
    for part in view.parts:
        yield f"### {part.title}" + (f": {escaped(part.question)}" if part.question else "")
        yield ""
        for turn in part.turns:
            yield _turn(turn)
            yield ""


def _turn(turn: TurnView) -> str:
    tags = "".join(f" ({tag})" for tag in turn.tags)
    shown = "".join(_piece(piece.text, piece.quoted) for piece in turn.pieces)
    heard = f" (corrected; recognised was: {escaped(turn.heard)})" if turn.heard else ""
    return f"**{turn.who}** {turn.at} (turn {turn.seq}): {shown}{tags}{heard}"


def _piece(text: Said, quoted: bool) -> str:
    """Show a piece with the space around it, outside of the mark."""
    inner = escaped(text)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if not inner:
        return " " if text else ""
    shown = f"<mark>{inner}</mark>" if quoted else inner
    return f"{' ' if before else ''}{shown}{' ' if after else ''}"
