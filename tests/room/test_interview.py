"""One whole interview on real parts, in which everything happens that the demo shows."""

import io

import pytest
import pytest_asyncio
from rich.console import Console

from interview.session import Stage
from interview.transcript import LineKind, Speaker, Turn
from local import findings
from local.demo import hold_interview
from local.outcome import Outcome, checks_of
from local.persona import load
from local.script import ReplyKind
from tests.room.conftest import RunningHouse

SILENT_WITHIN_S = 1.0
"""After an interruption; the budget of 0.3 s is measured on a quiet machine, by the benchmarks."""


@pytest_asyncio.fixture(scope="module")
async def outcome(running: RunningHouse, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("interview")
    return await hold_interview(Console(file=io.StringIO()), running.house, load("eventful"), folder)


def spoken_by(outcome: Outcome, speaker: Speaker) -> list[Turn]:
    return [turn for turn in outcome.material.turns if turn.speaker is speaker]


@pytest.mark.timeout(400)
def test_everything_holds_that_the_demo_checks_but_for_the_speed_of_this_machine(outcome: Outcome):
    failed = [check for check in checks_of(outcome) if not check.ok and "within" not in check.name]
    assert failed == []


def test_the_transcript_points_into_the_recording(outcome: Outcome):
    check = findings.check_times(outcome.material.recording, outcome.material.turns)
    assert check.ok, check.found


def test_the_vague_answer_gets_its_follow_up_and_the_others_none(outcome: Outcome):
    asked = [turn.question_id for turn in spoken_by(outcome, Speaker.INTERVIEWER) if turn.line is LineKind.FOLLOW_UP]
    assert asked == [outcome.created.question_ids[1]]
    kinds = [spoken.kind for spoken in outcome.attendance.spoken]
    assert kinds.count(ReplyKind.FOLLOW_UP_ANSWER) == 1


def test_the_stages_follow_one_another(outcome: Outcome):
    stages = list(dict.fromkeys(seen.stage for seen in outcome.attendance.seen))
    wanted = [Stage.WARM_UP, Stage.QUESTIONS, Stage.CANDIDATE_QUESTIONS, Stage.CLOSE]
    assert [stage for stage in stages if stage in wanted] == wanted


def test_the_interviewer_falls_silent_when_interrupted(outcome: Outcome):
    interruption = next(spoken for spoken in outcome.attendance.spoken if spoken.interrupting)
    began_s = interruption.start_s - outcome.attendance.recording_start_s
    before = [
        interval for interval in outcome.talk.heard if began_s - 1.5 < interval.end_s and interval.start_s < began_s
    ]
    assert before, "the interviewer was not speaking"
    quiet = began_s + SILENT_WITHIN_S, began_s + SILENT_WITHIN_S + 1
    assert [i for i in outcome.talk.heard if i.start_s < quiet[1] and quiet[0] < i.end_s] == []
    assert any(turn.interrupted for turn in spoken_by(outcome, Speaker.INTERVIEWER))


def test_captions_of_both_sides_reach_the_page(outcome: Outcome):
    speakers = {caption.speaker for caption in outcome.attendance.captions}
    assert speakers == {Speaker.CANDIDATE, Speaker.INTERVIEWER}
