"""A noise that is taken for the candidate's voice stops no line for ever, and no interview."""

from agent.dialogue.actions import Action, Say, SayOn, WatchSilence, WatchVoice
from agent.dialogue.events import (
    Heard,
    HeardPartial,
    LineEnded,
    LineStarted,
    SilenceReached,
    SpeechPaused,
    SpeechStarted,
    VoiceReached,
)
from agent.dialogue.noise import NOISE_S
from interview.transcript import LineKind
from tests.unit.agent.player import LONG, VAGUE, Interview


def begins(interview: Interview) -> WatchVoice:
    interview.tell(SpeechStarted(at_s=interview.now))
    return interview.last(WatchVoice)


def lasts(interview: Interview, watch: WatchVoice, *, words: bool = False) -> list[Action]:
    interview.now += watch.after_s
    return interview.tell(VoiceReached(at_s=interview.now, voice=watch.voice, words=words))


def in_a_line() -> Interview:
    interview = Interview()
    interview.reach_question(1)
    interview.answers(LONG)
    interview.deadline_passes()
    interview.tell(LineStarted(at_s=interview.now, line_id=interview.said()[-1].line_id))
    interview.now += 5
    return interview


def test_a_line_that_a_noise_has_paused_goes_on_within_a_bound():
    interview = in_a_line()
    watch = begins(interview)
    assert watch.after_s == NOISE_S
    line = interview.said()[-1]
    assert lasts(interview, watch) == [SayOn(line_id=line.line_id)]
    interview.now += 3
    actions = interview.tell(LineEnded(at_s=interview.now, line_id=line.line_id, interrupted=False))
    assert [action for action in actions if isinstance(action, WatchSilence)], "the noise is not waited for either"


def test_a_candidate_who_speaks_over_a_line_is_not_spoken_over():
    interview = in_a_line()
    actions = lasts(interview, begins(interview), words=True)
    assert [type(action) for action in actions] == [WatchVoice], "the words were no noise; what follows may be"
    assert lasts(interview, interview.last(WatchVoice)) == [SayOn(line_id=interview.said()[-1].line_id)]


def test_sounds_that_come_one_after_the_other_are_one_noise():
    interview = in_a_line()
    watch = begins(interview)
    until = interview.now + watch.after_s
    while interview.now + 1.2 < until:
        interview.now += 0.6
        interview.tell(SpeechPaused(at_s=interview.now))
        interview.now += 0.5
        assert interview.tell(SpeechStarted(at_s=interview.now)) == []
    interview.now = until
    assert interview.tell(VoiceReached(at_s=interview.now, voice=watch.voice, words=False)) == [
        SayOn(line_id=interview.said()[-1].line_id)
    ]


def test_a_cough_long_ago_makes_no_line_deaf():
    interview = in_a_line()
    watch = begins(interview)
    interview.tell(SpeechPaused(at_s=interview.now + 0.4))
    assert lasts(interview, watch) == []
    assert begins(interview).voice > watch.voice


def test_a_reply_that_is_due_comes_although_a_noise_goes_on_and_pauses_for_it_no_more():
    interview = Interview()
    interview.reach_question(1)
    interview.answers(VAGUE)
    interview.now += 2
    actions = lasts(interview, begins(interview))
    silence = next(action for action in actions if isinstance(action, WatchSilence))
    interview.now += silence.after_s
    interview.tell(SilenceReached(at_s=interview.now, watch=silence.watch))
    interview.deadline_passes()
    assert (interview.said()[-1].question_id, interview.said()[-1].through) == ("q2", True)
    interview.tell(SpeechPaused(at_s=interview.now + 1))
    interview.now += 6
    interview.line_plays()
    interview.answers(LONG)
    interview.deadline_passes()
    assert not interview.said()[-1].through, "once it has been quiet, a voice counts again"


def test_nobody_is_prompted_for_ever_through_a_noise():
    interview = Interview()
    interview.reach_question(1)
    actions = lasts(interview, begins(interview))
    kinds = []
    for _ in range(4):
        silence = next(action for action in actions if isinstance(action, WatchSilence))
        interview.now += silence.after_s
        said = interview.tell(SilenceReached(at_s=interview.now, watch=silence.watch))
        kinds.append(next(action.line.kind for action in said if isinstance(action, Say)))
        interview.line_plays()
        actions = [interview.last(WatchSilence)]
    assert kinds == [LineKind.PROMPT, LineKind.PROMPT, LineKind.PROMPT, LineKind.QUESTION]


def test_words_in_a_noise_are_listened_to_as_ever():
    interview = Interview()
    interview.reach_question(1)
    lasts(interview, begins(interview))
    interview.tell(HeardPartial(at_s=interview.now, text="I built"))
    assert interview.state.candidate_speaking
    interview.now += 2
    interview.tell(SpeechPaused(at_s=interview.now))
    interview.tell(Heard(at_s=interview.now, text=LONG, started_s=interview.now - 3, ended_s=interview.now))
    interview.judged(complete=True)
    interview.ends_turn()
    assert (interview.said()[-1].question_id, interview.said()[-1].through) == ("q2", False)
