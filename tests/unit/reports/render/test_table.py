"""CSV: complete, and safe to open in a spreadsheet."""

import csv
import io

import pytest

from interview.csv_text import csv_file, safe_cell
from reports.content import ReportContent
from reports.render.table import HEAD, to_csv
from tests.unit.reports.render.samples import EVIL, SCRIPTS, empty_report, full_report, long_report, report_of_words


def rows(content: ReportContent) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(content).decode("utf-8-sig"), newline="")))


def test_every_thing_of_a_report_has_its_row() -> None:
    content = full_report()
    found = rows(content)
    assert tuple(found[0]) == HEAD
    turns = [row for row in found if row["section"] == "turn"]
    assert [row["text"] for row in turns] == [turn.text for turn in content.transcript]
    assert [float(row["start_s"]) for row in turns] == [turn.start_s for turn in content.transcript]
    level = {row["id"]: row["value"] for row in found if row["section"] == "competency"}
    assert level == {"ownership": "3", "debugging": ""}
    assert [row["text"] for row in found if row["section"] == "quote"] == ["we lost no invoice", "ran the rehearsals"]
    sections = {row["section"] for row in found}
    assert sections >= {"session", "notice", "question", "figure", "stage", "condition", "incident", "cost", "version"}
    share = next(row for row in found if row["id"] == "candidate_share")
    assert float(share["value"]) == content.figures.candidate_share


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "=cmd|' /C calc'!A0", "%0A"]
)
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert safe_cell(text).startswith("'")
    said = [row["text"] for row in rows(report_of_words(text)) if row["section"] == "turn"]
    assert said[-1] == f"'{text}"


def test_figures_of_ours_stay_figures_also_below_zero() -> None:
    (row,) = list(csv.reader(io.StringIO(csv_file(["a", "b", "c"], [[-1.5, None, "no-1"]]).decode("utf-8-sig"))))[1:]
    assert row == ["-1.5", "", "no-1"]


@pytest.mark.parametrize("text", [*SCRIPTS.values(), EVIL, 'a "quoted", cell;\nwith\r\nlines'])
def test_any_text_comes_back_as_it_was(text: str) -> None:
    found = rows(report_of_words(text))
    assert text in [row["text"] for row in found if row["section"] == "turn"]


def test_it_says_that_it_is_utf_8_and_parts_lines_as_the_standard_does() -> None:
    made = to_csv(full_report())
    assert made.startswith(b"\xef\xbb\xbf")
    assert made.count(b"\r\n") == made.count(b"\n")


def test_nothing_and_three_hours() -> None:
    assert not [row for row in rows(empty_report()) if row["section"] == "turn"]
    assert len([row for row in rows(long_report()) if row["section"] == "turn"]) == 2400
