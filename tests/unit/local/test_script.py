"""What the simulated candidate says next."""

from interview.session import Stage
from interview.transcript import LineKind
from local.persona import Phrase, load
from local.script import Cue, ReplyKind, Script

PERSONA = load("backend_engineer")


def question(number: int, line: LineKind = LineKind.QUESTION) -> Cue:
    return Cue(Stage.QUESTIONS, f"q{number}", line)


def play(*cues: Cue) -> list[ReplyKind | None]:
    script, kinds = Script(PERSONA), []
    for cue in cues:
        script = script.seeing(cue)
        reply = script.reply_to(cue)
        kinds.append(reply.kind if reply else None)
        script = script.having_said(reply) if reply else script
    return kinds


def test_a_greeting_and_the_close_need_no_answer():
    assert play(Cue(Stage.GREETING), Cue(Stage.CLOSE)) == [None, None]


def test_questions_are_answered_in_the_order_in_which_they_come():
    script = Script(PERSONA)
    for number in (1, 2, 3):
        script = script.seeing(question(number))
        reply = script.reply_to(question(number))
        assert reply is not None
        assert reply.question_number == number
        assert reply.speech == PERSONA.questions[number - 1].answer
        script = script.having_said(reply)


def test_a_follow_up_gets_its_own_answer_and_a_second_one_nothing_to_add():
    assert play(question(1), question(2), question(3), *[question(3, LineKind.FOLLOW_UP)] * 2) == [
        ReplyKind.ANSWER,
        ReplyKind.ANSWER,
        ReplyKind.ANSWER,
        ReplyKind.FOLLOW_UP_ANSWER,
        ReplyKind.NOTHING_TO_ADD,
    ]


def test_a_follow_up_where_none_was_foreseen_gets_nothing_to_add():
    assert play(question(1), question(1, LineKind.FOLLOW_UP)) == [ReplyKind.ANSWER, ReplyKind.NOTHING_TO_ADD]


def test_a_repeated_question_is_answered_again():
    assert play(question(1), question(1, LineKind.REPEAT)) == [ReplyKind.ANSWER, ReplyKind.ANSWER]


def test_the_warm_up_and_the_candidates_own_questions_are_answered_once():
    cue = Cue(Stage.WARM_UP, None, LineKind.WARM_UP)
    assert play(cue, cue) == [ReplyKind.WARM_UP, ReplyKind.NOTHING_TO_ADD]
    assert play(Cue(Stage.CANDIDATE_QUESTIONS)) == [ReplyKind.CANDIDATE_QUESTIONS]


def test_only_the_chosen_question_is_interrupted_and_only_before_it_was_answered():
    script = Script(PERSONA).seeing(question(1)).seeing(question(2))
    assert script.interruption_s(question(1)) is None
    assert script.interruption_s(question(2)) == PERSONA.questions[1].interrupts_after_s
    assert script.interruption_s(question(2, LineKind.FOLLOW_UP)) is None
    reply = script.reply_to(question(2))
    assert reply is not None
    assert script.having_said(reply).interruption_s(question(2)) is None


def test_a_backchannel_is_said_once_while_the_question_is_asked_and_the_question_is_answered_all_the_same():
    listening = (Phrase(say="Yeah."),)
    first = PERSONA.questions[0].model_copy(update={"backchannel": listening, "backchannel_after_s": 2.5})
    script = Script(PERSONA.model_copy(update={"questions": (first, *PERSONA.questions[1:])})).seeing(question(1))
    due = script.backchannel(question(1))
    assert due is not None
    assert (due[0].speech, due[1]) == (listening, 2.5)
    after = script.having_said(due[0])
    assert after.backchannel(question(1)) is None
    reply = after.reply_to(question(1))
    assert reply is not None
    assert reply.kind is ReplyKind.ANSWER
