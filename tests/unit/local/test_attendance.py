"""What the page showed of the interviewer's lines."""

from interview.session import Stage
from interview.transcript import LineKind
from local.attendance import Seen, line_over_since, lines_shown


def shown(at_s: float, state: str, line: LineKind = LineKind.QUESTION, question_id: str | None = "q1") -> Seen:
    return Seen(at_s=at_s, stage=Stage.QUESTIONS, question_id=question_id, line=line, state=state)


def test_a_line_lasts_from_speaking_until_anything_else_is_shown():
    lines = lines_shown([shown(0, "listening"), shown(1, "speaking"), shown(4, "listening"), shown(9, "thinking")])
    assert [(line.start_s, line.end_s) for line in lines] == [(1, 4)]


def test_a_line_that_is_replaced_ends_where_the_next_begins_and_a_change_of_figures_begins_none():
    lines = lines_shown([shown(1, "speaking"), shown(2, "speaking"), shown(3, "speaking", question_id="q2")])
    assert [(line.start_s, line.end_s) for line in lines] == [(1, 3), (3, None)]
    assert lines[1].cue.question_id == "q2"


def test_while_the_page_says_that_the_interviewer_listens_no_line_is_said():
    assert lines_shown([shown(1, "listening"), shown(5, "listening", LineKind.PROMPT)]) == []


def test_only_a_line_that_was_over_after_one_has_spoken_wants_an_answer():
    asked = [shown(1, "speaking"), shown(4, "listening")]
    assert line_over_since(asked, 3.0)
    assert not line_over_since(asked, 9.0)  # answered at 9 s: a "Mm-hm." shows no line
    assert not line_over_since([*asked, shown(10, "speaking")], 9.0)  # not over yet
    assert line_over_since([*asked, shown(10, "speaking"), shown(12, "listening")], 9.0)
    assert not line_over_since([], 0.0)
