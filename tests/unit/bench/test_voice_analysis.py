"""What one recording says of an interview, on made material whose figures are known."""

from datetime import UTC, datetime, timedelta

import pytest

from bench.voice import analysis
from bench.voice.analysis import Asked, Interviewer, Line, Uttered
from interview.session import Stage
from interview.transcript import LineKind, Speaker, Turn, TurnKind
from local.listening import Interval
from local.script import ReplyKind

AT = datetime(2026, 1, 1, tzinfo=UTC)


def heard(*sounds: tuple[float, float], lines: tuple[float, ...] | None = None) -> Interviewer:
    spans = tuple(Interval(*sound) for sound in sounds)
    began = [span.start_s for span in spans] if lines is None else lines
    return Interviewer(spans, spans, tuple(Line(one, "question") for one in began))


def said(*phrases: tuple[float, float], kind: ReplyKind = ReplyKind.ANSWER, **known: object) -> Uttered:
    return Uttered(kind, tuple(Interval(*phrase) for phrase in phrases), **known)  # pyright: ignore[reportArgumentType]


def test_a_reply_is_measured_to_its_first_sound_and_to_its_line():
    (reply,) = analysis.replies([said((1, 2), person="A")], heard((2.45, 2.8), (4.5, 6), lines=(4.5,)))
    assert (reply.first_s, reply.line_s, reply.person) == (0.45, 2.5, "A")


def test_whoever_stopped_in_mid_turn_or_only_listened_gets_no_reply():
    answers = [said((1, 2), ends=False), said((5, 5.4), kind=ReplyKind.BACKCHANNEL)]
    assert analysis.replies(answers, heard((3, 4), (6, 7))) == []


def test_an_answer_that_is_taken_up_again_before_the_line_gets_no_reply():
    assert analysis.replies([said((1, 2)), said((3, 4))], heard((2.4, 2.8), (4.5, 6), lines=(4.5,)))[0].line_s == 0.5


@pytest.mark.parametrize(("began_s", "cut"), [(1.9, False), (2.1, True), (3.9, True), (4.2, True), (4.4, False)])
def test_a_pause_is_cut_by_a_line_that_begins_in_it_or_too_soon_after_to_be_decided_on_later(began_s: float, cut: bool):
    (pause,) = analysis.pauses([said((1, 2), (4, 5))], heard((began_s, began_s + 0.4)))
    assert (pause.length_s, pause.cut) == (2.0, cut)


def test_a_listening_sound_in_a_pause_cuts_nobody_off_and_is_counted():
    (pause,) = analysis.pauses([said((1, 2), (4, 5))], heard((2.5, 2.9), lines=()))
    assert (pause.cut, pause.sound) == (False, True)


def test_what_was_sent_with_holes_is_in_no_figure_and_still_takes_the_turn():
    torn = said((3, 4), (5, 6), torn=True)
    assert analysis.pauses([torn], heard((4.5, 4.8))) == []
    assert analysis.replies([said((1, 2)), torn], heard((6.5, 7))) == []


def test_a_line_that_begins_under_speech_is_no_cut_off_and_is_counted_apart():
    answer = [said((1, 2), (4, 6))]
    over = heard((5, 5.5))
    assert not analysis.pauses(answer, over)[0].cut
    assert analysis.spoken_over(answer, over) == 1
    assert analysis.spoken_over(answer, heard((3, 5.5))) == 0


def test_an_interruption_is_measured_from_its_first_sound_to_the_interviewers_last():
    interrupting = said((3, 5), interrupting=True)
    assert analysis.barge_ins([interrupting, said((8, 9))], heard((1, 3.25), (7, 9))) == [0.25]
    assert analysis.barge_ins([interrupting], heard((1, 2.9))) == []  # it had just ended


def turn(question_id: str, line: LineKind) -> Turn:
    return Turn(
        turn_id="s:1",
        session_id="s",
        seq=1,
        attempt=1,
        speaker=Speaker.INTERVIEWER,
        kind=TurnKind.SPOKEN,
        text="Why?",
        started_at=AT,
        ended_at=AT + timedelta(seconds=1),
        stage=Stage.QUESTIONS,
        question_id=question_id,
        line=line,
    )


def test_a_backchannel_is_kept_when_the_question_under_it_goes_on_to_its_end():
    listens = said((2, 2.4), kind=ReplyKind.BACKCHANNEL, question=1)
    goes_on, stops = heard((1, 2.3), (3, 5)), heard((1, 2.3), (9, 12))
    whole, broken, again = Asked(1, 1, False), Asked(1, 1, True), Asked(3, 1, False)
    both = [listens, said((6, 8))]
    assert analysis.backchannels(both, goes_on, [whole, Asked(8.5, 2, False)]) == [True]
    assert analysis.backchannels(both, goes_on, [Asked(0, 1, True), whole]) == [True]  # it had been taken back before
    assert analysis.backchannels(both, goes_on, [broken]) == [False]
    assert analysis.backchannels(both, goes_on, [whole, again]) == [False]
    assert analysis.backchannels(both, stops, [whole]) == [False]


def test_a_follow_up_counts_for_the_answer_to_its_question():
    turns = [turn("q1", LineKind.QUESTION), turn("q1", LineKind.FOLLOW_UP), turn("q2", LineKind.QUESTION)]
    found = analysis.follow_ups([False, True], turns, ["q1", "q2"])
    assert [(one.complete, one.followed) for one in found] == [(False, True), (True, False)]
