"""What people make of interviews, as values: the candidate's version of a report, and turns as they were corrected."""

from datetime import timedelta

import pytest

from interview.appraisal import ReportRelease
from interview.candidate_report import candidate_version
from interview.corrections import ReadAs, corrected
from interview.report import Report, ReportStatus, newest_to_read
from tests.unit.reports.records import SESSION_ID, ZERO, usual_talk


def report(version: int, status: ReportStatus, content: dict[str, object] | None) -> Report:
    return Report(
        session_id=SESSION_ID, version=version, status=status, queued_at=ZERO, not_before=ZERO, content=content
    )


def test_the_candidates_version_is_made_by_leaving_out():
    content = {
        "session": {"plan_title": "Engineer", "candidate_name": "Ada", "end_reason": "x"},
        "competencies": [{"id": "c", "name": "C", "level": 2, "level_words": "w", "reason": "r", "dropped_quotes": 3}],
        "questions": [{"question_id": "q", "text": "Q?", "evaluation": {"level": 2, "feedback": "f"}}],
        "notices": [{"code": "false_quotes"}],
    }
    shown = candidate_version(content, with_levels=False)
    assert shown["competencies"] == [{"id": "c", "name": "C", "reason": "r", "quotes": []}]
    assert shown["questions"] == [{"question_id": "q", "text": "Q?", "feedback": "f"}]
    assert set(shown) == {"session", "how_it_came_about", "models", "competencies", "questions", "transcript"}
    levels = candidate_version(content, with_levels=True)
    assert (levels["competencies"][0]["level"], levels["questions"][0]["level"]) == (2, 2)


def test_of_an_empty_report_there_is_an_empty_version():
    assert candidate_version({}, with_levels=True)["competencies"] == []


def test_what_is_taken_back_shows_nothing():
    with pytest.raises(ValueError, match="shows nothing"):
        ReportRelease(session_id=SESSION_ID, version=None, note="words", by="u", at=ZERO)


def test_the_latest_correction_of_a_turn_holds_and_the_others_stay_as_they_were_heard():
    heard = usual_talk()
    said = heard[2].turn_id
    read = [ReadAs(said, "first", ZERO), ReadAs(said, "second", ZERO + timedelta(seconds=1))]
    turns = corrected(heard, read)
    assert (turns[2].text, turns[2].words, turns[2].confidence) == ("second", (), 1.0)
    assert [turn for n, turn in enumerate(turns) if n != 2] == [turn for n, turn in enumerate(heard) if n != 2]


def test_what_is_read_is_the_newest_that_is_ready_or_else_the_newest_that_says_something():
    ready, partial = report(1, ReportStatus.READY, {"a": 1}), report(2, ReportStatus.PARTIAL, {"a": 2})
    waiting = report(3, ReportStatus.QUEUED, None)
    assert newest_to_read([ready, partial, waiting]) == ready
    assert newest_to_read([partial, waiting]) == partial
    assert newest_to_read([waiting]) is None
    assert newest_to_read([]) is None


@pytest.mark.parametrize(
    ("status", "progress", "failure", "stands"),
    [
        (ReportStatus.QUEUED, "", "", "queued"),
        (ReportStatus.BUILDING, "scoring 3/6", "", "building: scoring 3/6"),
        (ReportStatus.READY, "", "", "ready"),
        (ReportStatus.FAILED, "", "no plan", "failed: no plan"),
    ],
)
def test_where_a_report_stands_is_said_in_words(status: ReportStatus, progress: str, failure: str, stands: str):
    made = report(1, status, None).model_copy(update={"progress": progress, "failure": failure})
    assert made.stands == stands
