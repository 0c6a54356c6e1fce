"""Time that runs out, candidates who leave and return, and the close."""

from agent.dialogue.actions import (
    Close,
    RecordAnswer,
    WatchSilence,
)
from agent.dialogue.events import (
    Heard,
    Left,
    LineEnded,
    LineStarted,
    Resumed,
    SilenceReached,
    SpeechPaused,
    SpeechStarted,
    TimeShort,
    TimeUp,
    TurnEnded,
)
from interview.session import Stage
from interview.transcript import LineKind
from tests.unit.agent.player import LONG, Interview


def test_when_time_is_short_the_rest_is_left_out_and_recorded_as_such():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(TimeShort(at_s=interview.now))
    interview.answers(LONG)
    assert interview.said()[-1].kind is LineKind.INVITE_QUESTIONS
    assert interview.state.unasked == ("q2", "q3")
    assert interview.state.answered == ("q1",)


def test_when_time_is_up_it_closes_at_once_and_keeps_the_answer():
    interview = Interview()
    interview.reach_question(2)
    interview.speaks(LONG)
    interview.tell(TimeUp(at_s=interview.now))
    assert interview.said()[-1].kind is LineKind.CLOSE
    interview.line_plays()
    assert interview.state.stage is Stage.DONE
    assert interview.state.answered == ("q1", "q2")
    assert interview.state.unasked == ("q3",)


def test_somebody_who_comes_back_is_asked_the_same_question_unless_its_answer_began():
    silent = Interview()
    silent.reach_question(2)
    silent.tell(Resumed(at_s=silent.now))
    assert "Question number 2?" in silent.said()[-1].text

    talking = Interview()
    talking.reach_question(2)
    talking.speaks("I began to say something")
    talking.tell(Resumed(at_s=talking.now))
    assert "Question number 2?" not in talking.said()[-1].text
    assert "please go on" in talking.said()[-1].text.lower()


def test_time_that_is_up_while_the_candidate_speaks_waits_for_the_end_of_their_turn():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now))
    assert interview.said()[-1].kind is LineKind.QUESTION
    interview.tell(Heard(at_s=interview.now, text=LONG, started_s=interview.now - 5, ended_s=interview.now))
    interview.ends_turn()
    line = interview.said()[-1]
    assert line.kind is LineKind.CLOSE
    assert "time is up" in line.text
    assert interview.state.answered == ("q1",)
    assert interview.state.unasked == ("q2", "q3")


def test_a_sound_without_words_when_time_is_up_does_not_hold_the_close_back():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now))
    interview.tell(SpeechPaused(at_s=interview.now))
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.said()[-1].kind is LineKind.CLOSE


def test_somebody_who_never_stops_is_closed_upon_when_time_is_told_again():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now + 30))
    close = interview.said()[-1]
    assert close.kind is LineKind.CLOSE
    interview.tell(LineEnded(at_s=interview.now + 31, line_id=close.line_id, interrupted=True))
    assert interview.state.stage is Stage.CLOSE
    interview.tell(TimeUp(at_s=interview.now + 60))
    assert interview.state.stage is Stage.DONE


def test_a_close_that_cut_the_candidate_off_is_said_again_once_they_have_finished():
    interview = Interview(questions=1)
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    interview.line_plays()
    interview.answers("Yes, I would like to know")
    interview.line_plays(1.0, interrupted=True)
    assert interview.state.stage is Stage.CLOSE
    actions = interview.speaks("how large the team is")
    assert any(isinstance(action, RecordAnswer) for action in actions)
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.said()[-1].kind is LineKind.CLOSE
    interview.line_plays(1.0, interrupted=True)
    assert interview.state.stage is Stage.DONE


def test_words_of_the_last_answer_that_are_recognised_during_the_close_are_that_answers():
    interview = Interview(questions=1)
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.tell(TimeUp(at_s=interview.now))
    interview.ends_turn()
    close, spoken_until = interview.said()[-1], interview.now - 0.2
    assert close.kind is LineKind.CLOSE

    def recorded(started_s: float, *, typed: bool = False) -> list[str | None]:
        said = Heard(at_s=interview.now, text="by myself", started_s=started_s, ended_s=started_s + 1, typed=typed)
        return [one.question_id for one in interview.tell(said) if isinstance(one, RecordAnswer)]

    assert recorded(spoken_until - 1) == ["q1"], "nothing of the close was heard yet"
    interview.now += 0.4
    interview.tell(LineStarted(at_s=interview.now, line_id=close.line_id))
    assert recorded(spoken_until - 1) == ["q1"]
    assert recorded(interview.now + 3) == [None], "that answers the goodbye"
    assert recorded(interview.now, typed=True) == [None]


def test_whoever_says_one_thing_more_over_the_close_may_finish_and_is_not_told_goodbye_again():
    interview = Interview()
    interview.tell(TimeUp(at_s=1))
    interview.line_plays(4.0, interrupted=True)
    said = len(interview.said())
    assert interview.state.stage is Stage.CLOSE
    assert any(isinstance(action, RecordAnswer) for action in interview.speaks("Oh, one thing more,"))
    assert any(isinstance(action, RecordAnswer) for action in interview.speaks("thank you for your time"))
    assert interview.state.stage is Stage.CLOSE
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.state.stage is Stage.DONE
    assert len(interview.said()) == said


def test_nothing_goes_on_while_the_candidate_is_away():
    interview = Interview()
    interview.reach_question(2)
    watch = interview.last(WatchSilence).watch
    said = len(interview.said())
    interview.tell(Left(at_s=interview.now))
    interview.tell(SilenceReached(at_s=interview.now + 12, watch=watch))
    interview.tell(Heard(at_s=interview.now, text=LONG, started_s=interview.now - 5, ended_s=interview.now))
    interview.tell(TurnEnded(at_s=interview.now))
    assert len(interview.said()) == said
    interview.tell(Resumed(at_s=interview.now + 100))
    line = interview.said()[-1]
    assert (line.kind, line.question_id) == (LineKind.NOTICE, "q2")
    interview.line_plays()
    assert interview.last(WatchSilence).watch == interview.state.watch


def test_a_turn_that_was_cut_off_by_a_loss_is_gone_on_with_and_not_answered():
    interview = Interview()
    interview.reach_question(2)
    interview.speaks("I read the log first")
    interview.tell(Left(at_s=interview.now))
    cut_off_s = interview.now
    interview.now += 2
    interview.tell(Heard(at_s=interview.now, text="And after that", started_s=cut_off_s, ended_s=cut_off_s))
    interview.tell(Resumed(at_s=interview.now))
    interview.tell(LineStarted(at_s=interview.now, line_id=interview.said()[-1].line_id))
    said = len(interview.said())
    interview.ends_turn()
    assert len(interview.said()) == said
    interview.tell(LineEnded(at_s=interview.now, line_id=interview.said()[-1].line_id, interrupted=False))
    interview.speaks("I write a test")
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q3"
    assert interview.state.answered[-1] == "q2"


def back_after_a_loss() -> Interview:
    """Who was cut off by the loss of their connection is back, and is just being told to go on."""
    interview = Interview()
    interview.reach_question(2)
    interview.speaks("I read the log first")
    interview.tell(Left(at_s=interview.now))
    interview.now += 2
    interview.tell(Resumed(at_s=interview.now))
    interview.tell(LineStarted(at_s=interview.now, line_id=interview.said()[-1].line_id))
    return interview


def stopped(interview: Interview) -> None:
    """The framework stops the line, as it does when it holds that a turn has ended."""
    interview.tell(LineEnded(at_s=interview.now, line_id=interview.said()[-1].line_id, interrupted=True))


def test_what_who_comes_back_is_told_is_said_once_more_when_the_end_of_the_turn_before_stops_it():
    interview = back_after_a_loss()
    told, said = interview.said()[-1], len(interview.said())
    stopped(interview)
    interview.ends_turn()
    assert len(interview.said()) == said + 1
    again = interview.said()[-1]
    assert (again.text, again.kind, again.question_id) == (told.text, told.kind, told.question_id)
    assert again.line_id != told.line_id
    interview.tell(LineStarted(at_s=interview.now, line_id=again.line_id))
    stopped(interview)
    assert len(interview.said()) == said + 1, "not again and again"
    interview.speaks("I write a test")
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q3"


def test_who_comes_back_and_speaks_into_what_they_are_told_is_not_told_again():
    speaking = back_after_a_loss()
    said = len(speaking.said())
    speaking.tell(SpeechStarted(at_s=speaking.now))
    stopped(speaking)
    assert len(speaking.said()) == said

    heard = back_after_a_loss()
    heard.now += 1
    heard.tell(Heard(at_s=heard.now, text="Then I write", started_s=heard.now - 0.5, ended_s=heard.now))
    stopped(heard)
    assert len(heard.said()) == said


def test_who_has_left_again_is_told_nothing_until_they_are_back():
    gone = back_after_a_loss()
    told = gone.said()[-1].text
    gone.tell(Left(at_s=gone.now))
    said = len(gone.said())
    stopped(gone)
    assert len(gone.said()) == said
    gone.tell(Resumed(at_s=gone.now + 5))
    assert [line.text for line in gone.said()[said:]] == [told]


def test_who_comes_back_with_nothing_to_add_is_answered_after_a_silence():
    interview = Interview()
    interview.reach_question(2)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.tell(Left(at_s=interview.now))
    interview.tell(Resumed(at_s=interview.now))
    interview.line_plays()
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.said()[-1].question_id == "q3"


def test_a_line_that_ends_while_the_candidate_is_away_waits_for_them():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    watches = sum(isinstance(action, WatchSilence) for action in interview.actions)
    interview.tell(Left(at_s=interview.now))
    interview.line_plays()
    assert sum(isinstance(action, WatchSilence) for action in interview.actions) == watches
    interview.tell(Resumed(at_s=interview.now))
    assert "Question number 2?" in interview.said()[-1].text


def test_whoever_leaves_after_the_last_words_were_cut_off_has_finished():
    interview = Interview()
    interview.tell(TimeUp(at_s=1))
    interview.line_plays(1.0, interrupted=True)
    interview.tell(Left(at_s=interview.now))
    assert interview.last(Close).reason == "completed"
