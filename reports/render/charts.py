"""Small charts as SVG: the session's timeline, and the competency profile. Pure functions of the content.

Each names itself and says in words what it shows (`title`, `desc`), needs no colour to be told apart (every kind of
thing has a lane of its own), and asks for nothing from outside. Colours are attributes, which a page's style may
change by class. The timeline has no word of a person in it, so it serves the PDF too, whose engine sets the texts of a
drawing in one font.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from interview.engines import EngineState
from interview.gaps import GapReason
from interview.incident import Severity
from interview.transcript import Speaker
from reports.content import ReportContent
from reports.render.formats import clock, counted, duration, shortened, visible

NAMESPACE = "http://www.w3.org/2000/svg"
INK, SOFT, LINE = "#1c2024", "#5a6470", "#dfe1dc"
CANDIDATE, INTERVIEWER, CONDITION, INCIDENT, GROUND = "#1f5f8b", "#8a97a3", "#8a4b00", "#a3261f", "#eef1f3"
_WIDTH = 720
_LEFT = 132
_RIGHT = 14
_LANE = 22
_BAR = 12
_STEPS_S = (30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_MOST_TICKS = 12
_LEAST_PX = 1.2
"""A moment is drawn so wide at least."""

Span = tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """A drawing, and what it says in words."""

    svg: str
    title: str
    desc: str


@dataclass(frozen=True)
class _Lane:
    name: str
    style: str
    colour: str
    spans: tuple[Span, ...]


def timeline(content: ReportContent) -> Chart:
    """Draw who spoke when, which question was on, and what disturbed it, over the whole session."""
    start_s, end_s = _bounds(content)
    lanes = _lanes(content, end_s)
    scale = (_WIDTH - _LEFT - _RIGHT) / max(end_s - start_s, 1.0)
    height = _LANE * (len(lanes) + 1) + 26
    parts: list[str] = []
    ticks = _ticks(start_s, end_s)
    foot = height - 22
    for tick in ticks:
        x = _LEFT + (tick - start_s) * scale
        parts.append(f'<path class="c-line" d="M{x:.1f} 6V{foot}" stroke="{LINE}" stroke-width="1"/>')
        parts.append(_text(x, height - 6, clock(tick), SOFT, "middle", "c-soft"))
    y = 6
    parts += _questions(content, y, start_s, end_s, scale)
    for lane in lanes:
        y += _LANE
        parts.append(_text(0, y + _BAR - 1, lane.name, INK, "start", "c-ink"))
        parts.append(f'<path class="c-ground" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}V{y + _BAR}H{_LEFT}Z" fill="{GROUND}"/>')
        parts.append(f'<path class="{lane.style}" d="{_boxes(lane.spans, y, start_s, scale)}" fill="{lane.colour}"/>')
    title = "Timeline of the session"
    return Chart(
        _svg("timeline", height, title, _timeline_words(content, lanes, end_s), parts),
        title,
        _timeline_words(content, lanes, end_s),
    )


def profile(content: ReportContent) -> Chart:
    """Draw each competency's level of five, or that there is none."""
    parts: list[str] = []
    step, left = 26, 300
    for number, result in enumerate(content.competencies):
        y = 6 + number * step
        parts.append(_text(0, y + 13, shortened(visible(result.name), 36), INK, "start", "c-ink"))
        for place in range(1, 6):
            x = left + (place - 1) * 54
            on = result.level is not None and place <= result.level
            fill = f'class="c-candidate" fill="{CANDIDATE}"' if on else f'class="c-ground" fill="{GROUND}"'
            parts.append(f'<rect {fill} x="{x}" y="{y + 2}" width="50" height="13" rx="3"/>')
        said = f"{result.level} of 5" if result.level else "not scorable"
        parts.append(_text(left + 282, y + 13, said, INK if result.level else SOFT, "start", "c-ink"))
    title = "Competency profile"
    desc = "; ".join(
        f"{visible(result.name)}: {f'level {result.level} of 5' if result.level else 'not scorable'}"
        for result in content.competencies
    )
    desc = desc or "The plan measures no competency."
    return Chart(_svg("profile", 12 + step * max(len(content.competencies), 1), title, desc, parts), title, desc)


def _svg(name: str, height: int, title: str, desc: str, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="{NAMESPACE}" class="chart" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" role="img" aria-labelledby={quoteattr(f"{name}-title {name}-desc")} '
        f'font-family="Noto Sans, system-ui, sans-serif" font-size="12">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(desc)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, colour: str, anchor: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _boxes(spans: Iterable[Span], y: float, start_s: float, scale: float) -> str:
    """Return one path for many stretches: a long interview has thousands."""
    boxes = []
    for begin_s, end_s in spans:
        x = _LEFT + (begin_s - start_s) * scale
        width = max((end_s - begin_s) * scale, _LEAST_PX)
        boxes.append(f"M{x:.1f} {y}h{width:.1f}v{_BAR}h-{width:.1f}z")
    return "".join(boxes)


def _bounds(content: ReportContent) -> Span:
    starts = [turn.start_s for turn in content.transcript]
    ends = [turn.end_s for turn in content.transcript]
    ends += [one.end_s or one.start_s for one in content.incidents]
    ends += [one.end_s or one.start_s for one in (*content.conditions.pauses, *content.conditions.absences)]
    ends += [gap.end_s for gap in content.conditions.recording_gaps]
    return min([0.0, *starts]), max([content.session.duration_s, 1.0, *ends])


def _ticks(start_s: float, end_s: float) -> list[float]:
    step = next((step for step in _STEPS_S if (end_s - start_s) / step <= _MOST_TICKS), 4 * _STEPS_S[-1])
    first = int(start_s // step) * step
    ticks = [float(first + n * step) for n in range(int((end_s - first) // step) + 1)]
    return [tick for tick in ticks if start_s <= tick <= end_s]


def _lanes(content: ReportContent, end_s: float) -> list[_Lane]:
    """Return the lanes from above: both sides always, the others where there is something in them."""
    conditions = content.conditions

    def of(name: str, style: str, colour: str, spans: Iterable[tuple[float, float | None]]) -> _Lane:
        return _Lane(name, style, colour, tuple((start, end_s if end is None else end) for start, end in spans))

    def engines(name: str, state: EngineState) -> _Lane:
        spans = [(one.start_s, one.end_s) for one in conditions.engines if one.state is state]
        return of(name, "c-condition", CONDITION, spans)

    def incidents(severity: Severity) -> _Lane:
        spans = [(one.start_s, one.end_s or one.start_s) for one in content.incidents if one.severity is severity]
        return of(f"Incidents, {severity}", "c-incident", INCIDENT, spans)

    def turns(speaker: Speaker) -> list[tuple[float, float | None]]:
        return [(turn.start_s, turn.end_s) for turn in content.transcript if turn.speaker is speaker]

    lost = [(gap.start_s, gap.end_s) for gap in conditions.recording_gaps if gap.kind is not GapReason.PAUSED]
    optional = [
        of("Paused", "c-condition", CONDITION, [(one.start_s, one.end_s) for one in conditions.pauses]),
        of("Candidate away", "c-condition", CONDITION, [(one.start_s, one.end_s) for one in conditions.absences]),
        of("Not recorded", "c-condition", CONDITION, lost),
        engines("Fallback served", EngineState.DEGRADED),
        engines("Engine away", EngineState.DOWN),
        of("New interviewer", "c-condition", CONDITION, [(at_s, at_s) for at_s in conditions.replaced_at_s]),
        *(incidents(severity) for severity in (Severity.HIGH, Severity.MEDIUM, Severity.LOW)),
    ]
    return [
        of("Interviewer", "c-interviewer", INTERVIEWER, turns(Speaker.INTERVIEWER)),
        of("Candidate", "c-candidate", CANDIDATE, turns(Speaker.CANDIDATE)),
        *(lane for lane in optional if lane.spans),
    ]


def _questions(content: ReportContent, y: float, start_s: float, end_s: float, scale: float) -> list[str]:
    """Number the stretches of the questions; one that is too narrow has no number."""
    asked = [(n, one.asked_at_s) for n, one in enumerate(content.questions, start=1) if one.asked_at_s is not None]
    asked.sort(key=lambda pair: pair[1])
    total = {one.question_id: one.total_s for one in content.figures.by_question}
    parts = [_text(0, y + _BAR - 1, "Question", INK, "start", "c-ink")]
    for place, (number, at_s) in enumerate(asked):
        until_s = (
            asked[place + 1][1] if place + 1 < len(asked) else at_s + total[content.questions[number - 1].question_id]
        )
        x, width = _LEFT + (at_s - start_s) * scale, max((min(until_s, end_s) - at_s) * scale - 1, _LEAST_PX)
        parts.append(
            f'<rect class="c-question" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" rx="2" fill="none" '
            f'stroke="{SOFT}" stroke-width="0.8"/>'
        )
        if width >= 16:
            parts.append(
                f'<text class="c-soft" x="{x + width / 2:.1f}" y="{y + 10}" fill="{SOFT}" text-anchor="middle" '
                f'font-size="10">{number}</text>'
            )
    return parts


def _timeline_words(content: ReportContent, lanes: Sequence[_Lane], end_s: float) -> str:
    asked = sum(question.asked for question in content.questions)
    said = [
        f"{duration(end_s)} in all, {counted(len(content.transcript), 'turn')}, "
        f"{asked} of {counted(len(content.questions), 'question')} asked."
    ]
    for lane in lanes:
        shown = ", ".join(f"{clock(begin)} to {clock(end)}" for begin, end in lane.spans[:5])
        more = f" and {len(lane.spans) - 5} more" if len(lane.spans) > 5 else ""
        if lane.colour in (CONDITION, INCIDENT):
            said.append(f"{lane.name}: {shown}{more}.")
        else:
            said.append(f"{lane.name}: {counted(len(lane.spans), 'turn')}.")
    return " ".join(said)
