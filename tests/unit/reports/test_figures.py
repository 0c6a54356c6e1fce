"""Measurements of the talk are what a person with a stopwatch would have written down."""

import pytest

from interview.session import Stage
from interview.transcript import Latency, LineKind, TurnKind
from reports.figures import figures, replaced_at, speaking_s, spread
from reports.words import count_words
from tests.unit.reports.records import PLAN, Talk, at, said, usual_talk


def test_the_usual_talk_is_measured():
    measured = figures(PLAN, usual_talk(), duration_s=60)
    assert measured.candidate_s == 6 + 6 + 6 + 2 + 6
    assert measured.interviewer_s == 2 + 3 + 2 + 3 + 3
    assert measured.candidate_share == round(26 / 39, 4)
    assert measured.silence_s == 60 - 39
    assert measured.follow_ups == 1
    first, second, third = measured.by_question
    assert (first.candidate_s, first.interviewer_s, first.follow_ups) == (18, 5, 1)
    assert second.answer_words == 3
    assert third.candidate_s == 6
    assert measured.answer_s.n == 3
    assert measured.answer_s.longest == 18
    # after an answer: 23-22, 33-32, 43-42; before an answer: 8-7, 26-25, 40-36, 47-46
    assert (measured.interviewer_delay_s.n, measured.interviewer_delay_s.p50) == (3, 1.0)
    assert (measured.candidate_delay_s.n, measured.candidate_delay_s.longest) == (4, 4.0)


def test_speech_at_the_same_time_counts_once_for_silence_and_fully_for_each_side():
    turns = Talk().asks("So tell me", 0, 4).says("Sure", 3, 6).turns
    measured = figures(PLAN, turns, duration_s=10)
    assert (measured.interviewer_s, measured.candidate_s, measured.silence_s) == (4, 3, 4)
    assert speaking_s(turns) == 6


def test_typed_messages_are_words_but_not_speaking_time():
    measured = figures(PLAN, Talk().says("I typed this", 0, 5, kind=TurnKind.TYPED).turns, duration_s=5)
    assert (measured.candidate_s, measured.candidate_words) == (0, 3)
    assert measured.candidate_share is None


def test_the_delay_that_the_interviewer_measured_is_preferred():
    turns = Talk().says("Done.", 0, 2).asks("Next?", 3, 4, "q2", latency=Latency(reply_s=0.4)).turns
    assert figures(PLAN, turns, 5).interviewer_delay_s.p50 == 0.4


def test_a_prompt_after_silence_is_no_late_reply_and_a_barge_in_has_no_delay():
    talk = Talk().says("Hm.", 0, 1).asks("Take your time.", 13, 14, line=LineKind.PROMPT)
    talk.says("Well, I", 13.5, 15).asks("Yes?", 14.5, 16, interrupted=True)
    measured = figures(PLAN, talk.turns, 20)
    assert measured.interviewer_delay_s.n == 0
    assert measured.candidate_delay_s.n == 0
    assert (measured.prompts, measured.interviewer_interrupted, measured.candidate_interrupted) == (1, 1, 0)


def test_nothing_said_is_measured_as_nothing():
    measured = figures(PLAN, [], 0)
    assert measured.candidate_share is None
    assert measured.answer_s.n == 0
    assert measured.silence_s == 0
    assert len(measured.by_question) == 3


def test_percentiles_are_by_the_nearest_rank():
    assert spread([3, 1, 2, 10]).p50 == 2
    assert spread(range(1, 101)).p95 == 95
    assert spread([7]).model_dump() == {"n": 1, "p50": 7, "p95": 7, "longest": 7}


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("I don't know.", 3), ("well-known", 2), ("…", 0), ("我负责了整个迁移", 4), ("план 3.5", 2)],
)
def test_words_are_counted_in_any_script(text: str, words: int):
    assert count_words(text) == words


def test_the_order_of_storage_does_not_matter():
    turns = usual_talk()
    assert figures(PLAN, turns, 60) == figures(PLAN, list(reversed(turns)), 60)


def test_time_is_shared_out_among_stages_in_the_order_in_which_they_began():
    talk = Talk().asks("Hello.", 1, 3, None, stage=Stage.GREETING).says("Hi.", 3, 4, None, stage=Stage.GREETING)
    talk.asks("How are you?", 5, 7, None, stage=Stage.WARM_UP).asks("Why?", 10, 12).says("Because.", 13, 20)
    greeting, warm_up, questions = figures(PLAN, talk.turns, 20, at(0)).by_stage
    assert (greeting.stage, greeting.start_s, greeting.total_s, greeting.candidate_s) == (Stage.GREETING, 1, 4, 1)
    assert (warm_up.stage, warm_up.total_s, warm_up.interviewer_s) == (Stage.WARM_UP, 5, 2)
    assert (questions.stage, questions.start_s, questions.total_s) == (Stage.QUESTIONS, 10, 10)


def test_a_silence_is_quiet_of_three_seconds_and_a_pause_is_none():
    talk = Talk().asks("Why?", 0, 2).says("Hm.", 4, 5).says("Because.", 9, 10).asks("And?", 30, 31)
    assert figures(PLAN, talk.turns, 31).silences_s.model_dump() == {"n": 2, "p50": 4, "p95": 20, "longest": 20}
    paused = figures(PLAN, talk.turns, 31, at(0), [(at(11), at(29))]).silences_s
    assert (paused.n, paused.longest) == (1, 4)


def test_a_question_takes_from_its_first_word_to_its_last_and_has_a_pause_before_the_answer():
    first, second, third = figures(PLAN, usual_talk(), duration_s=60).by_question
    assert (first.total_s, first.candidate_delay_s) == (28, 1)
    assert (second.total_s, second.candidate_delay_s) == (9, 4)
    assert figures(PLAN, [], 0).by_question[0].model_dump() | {"question_id": ""} == {
        "question_id": "",
        "total_s": 0,
        "candidate_delay_s": None,
        "candidate_s": 0,
        "interviewer_s": 0,
        "answer_words": 0,
        "follow_ups": 0,
        "repeats": 0,
    }
    assert third.total_s == 10


def test_pace_and_overlap():
    turns = Talk().asks("So tell me", 0, 4).says("one two three four", 3, 6).turns
    measured = figures(PLAN, turns, 10)
    assert (measured.words_per_min, measured.overlap_s) == (80, 1)
    assert figures(PLAN, [], 0).words_per_min is None


def test_another_interviewers_first_words_are_told_once():
    talk = Talk().asks("Why?", 0, 2).says("Hm.", 4, 5).asks("Please go on.", 20, 22, attempt=2)
    talk.asks("Late words of the first.", 21, 22).asks("And?", 30, 31, attempt=2)
    assert replaced_at(talk.turns) == [at(20)]


def test_answers_of_another_question_do_not_mix():
    measured = figures(PLAN, said("one two three", question_id="q2"), 10)
    assert [question.answer_words for question in measured.by_question] == [0, 3, 0]
