"""The JSON form and its schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from interview import report as stored
from local.client import report_schema
from reports.content import ReportContent
from reports.render.data import schema, to_json
from tests.unit.reports.render.samples import EVIL, empty_report, full_report, long_report, report_of_words

PUBLISHED = Path(stored.__file__).parent / "report.schema.json"


@pytest.mark.parametrize("content", [full_report(), empty_report(), long_report(), report_of_words(EVIL)])
def test_a_report_fits_its_schema_and_reads_back(content: ReportContent) -> None:
    made = json.loads(to_json(content))
    jsonschema_rs.Draft202012Validator(schema()).validate(made)
    assert ReportContent.model_validate(made) == content


@pytest.mark.parametrize(
    "wrong", [{"schema_version": 2}, {"surprise": 1}, {"dropped_quotes": "many"}, {"transcript": [{"seq": 1}]}]
)
def test_what_is_no_report_does_not_fit(wrong: dict[str, Any]) -> None:
    made = json.loads(to_json(full_report())) | wrong
    assert not jsonschema_rs.Draft202012Validator(schema()).is_valid(made)


def test_the_published_schema_is_that_of_the_code() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == report_schema(), "run `make client`"
    jsonschema_rs.meta.validate(schema())


def test_a_report_of_before_still_reads() -> None:
    """Fields that came later have defaults: what is stored stays readable."""
    made = json.loads(to_json(full_report()))
    for later in ("pauses", "absences", "absent_s", "replaced_at_s", "recording_start_s"):
        del made["conditions"][later]
    for later in ("by_stage", "overlap_s", "silences_s", "words_per_min"):
        del made["figures"][later]
    for question in made["figures"]["by_question"]:
        del question["total_s"], question["candidate_delay_s"]
    assert ReportContent.model_validate(made).figures.by_stage == ()
