"""Charts: well-formed, named, of nothing but what is in the report."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from interview.engines import EngineChange, EngineKind, EngineState
from interview.session import HistoryEntry, Status
from interview.transcript import DialogueEvent
from reports.content import ReportContent
from reports.render.charts import Chart, profile, timeline
from tests.unit.reports.records import PLAN, SESSION_ID, Talk, at, incident, score, segment, session
from tests.unit.reports.render.samples import EVIL, empty_report, full_report, long_report, report, report_of_words

SVG = "{http://www.w3.org/2000/svg}"


def texts(chart: Chart) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(chart.svg).iter(f"{SVG}text")]


def lane(chart: Chart, style: str) -> list[str]:
    return [
        element.get("d", "")
        for element in ElementTree.fromstring(chart.svg).iter(f"{SVG}path")
        if element.get("class") == style
    ]


def disturbed() -> ReportContent:
    talk = Talk().asks("Why?", 1, 2).says("Well.", 3, 5).asks("Please go on.", 60, 62, attempt=2)
    history = (
        HistoryEntry(at=at(70), source=Status.IN_PROGRESS, target=Status.PAUSED, by="user:1"),
        HistoryEntry(at=at(90), source=Status.PAUSED, target=Status.IN_PROGRESS, by="user:1"),
    )
    changes = (
        EngineChange(kind=EngineKind.STT, state=EngineState.DEGRADED, at=at(100)),
        EngineChange(kind=EngineKind.STT, state=EngineState.DOWN, at=at(110)),
    )
    told = [("left", 10.0), ("resumed", 40.0)]
    events = [
        DialogueEvent(session_id=SESSION_ID, seq=n, attempt=1, at=at(s), event={"type": kind, "at_s": s})
        for n, (kind, s) in enumerate(told)
    ]
    return report(
        session=session(history=history, engine_changes=changes),
        turns=talk.turns,
        events=events,
        recordings=[segment(0, 0)],
        incidents=[incident(12, 15)],
    )


@pytest.mark.parametrize(
    "content",
    [full_report(), empty_report(), long_report(), report_of_words(EVIL), disturbed()],
    ids=str.__len__ and None,
)
def test_every_chart_is_named_stands_alone_and_has_no_script(content: ReportContent) -> None:
    for chart in (timeline(content), profile(content)):
        root = ElementTree.fromstring(chart.svg)
        ids = {element.get("id") for element in root.iter()} - {None}
        assert root.get("role") == "img"
        assert set((root.get("aria-labelledby") or "").split()) == ids
        assert [element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")] == [
            chart.title,
            chart.desc,
        ]
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert tags <= {"svg", "title", "desc", "text", "path", "rect"}
        names = {name for element in root.iter() for name in element.attrib}
        assert not {name for name in names if "href" in name or name.startswith("on") or name == "style"}


def test_each_disturbance_has_a_lane_and_is_told_in_words() -> None:
    chart = timeline(disturbed())
    for name in ("Paused", "Candidate away", "Not recorded", "Fallback served", "Engine away", "New interviewer"):
        assert name in texts(chart)
    assert "Incidents, medium" in texts(chart)
    assert "Candidate away: 0:10 to 0:40." in chart.desc
    assert "Paused: 1:10 to 1:30." in chart.desc
    assert "Engine away: 1:50 to 3:20." in chart.desc, "it lasted to the end"
    assert "Candidate away" not in texts(timeline(full_report())), "nobody was away"


def test_turns_lie_where_they_were_spoken() -> None:
    (path,) = lane(timeline(report(turns=Talk().says("Half of it.", 50, 150).turns)), "c-candidate")
    ((x, width),) = [tuple(map(float, box)) for box in re.findall(r"M([\d.]+) \d+h([\d.]+)", path)]
    scale = (720 - 132 - 14) / 200
    assert x == pytest.approx(132 + 50 * scale, abs=0.1)
    assert width == pytest.approx(100 * scale, abs=0.1)


@pytest.mark.parametrize("content", [full_report(), empty_report(), long_report(), disturbed()])
def test_nothing_is_drawn_outside_and_no_two_times_overlap(content: ReportContent) -> None:
    root = ElementTree.fromstring(timeline(content).svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for box in re.findall(r"M(-?[\d.]+) (\d+)h([\d.]+)v(\d+)", timeline(content).svg):
        x, y, w, h = map(float, box)
        assert 131 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    ticks = [
        float(one.get("x", 0))
        for one in root.iter(f"{SVG}text")
        if one.get("text-anchor") == "middle" and not one.get("font-size")
    ]
    assert all(after - before > 38 for before, after in pairwise(ticks))
    assert 1 <= len(ticks) <= 13


def test_the_profile_shows_levels_and_what_is_not_scorable() -> None:
    chart = profile(report(scores=[score("ownership", ["we lost no invoice"], level=4)]))
    assert chart.desc == "Ownership: level 4 of 5; Debugging: not scorable"
    assert texts(chart) == ["Ownership", "4 of 5", "Debugging", "not scorable"]
    filled = re.findall(r'class="c-candidate"', chart.svg)
    assert len(filled) == 4


def test_long_names_are_cut_by_their_width() -> None:
    for name in ("A competency with a name that is much too long for it", "很长的能力名称" * 6):
        competency = PLAN.competencies[0].model_copy(update={"name": name})
        plan = PLAN.model_copy(update={"competencies": (competency, *PLAN.competencies[1:])})
        chart = profile(report(session=session(plan=plan)))
        shown = texts(chart)[0]
        assert shown.endswith("…")
        assert name.startswith(shown[:-1])
        assert name in chart.desc
    assert len(shown) <= 19, "a wide character takes two columns"
