"""What several passes come to, and when they come to nothing."""

import pytest

from reports.scores import CompetencyScore, Evidence, Score, evidence_of, in_another_order, user_message
from reports.verdicts import NO_EVIDENCE, verdict
from tests.unit.reports.records import PLAN, said, scored, usual_talk

TRUE = "we lost no invoice"
FALSE = "I personally flew to the moon"


def ownership() -> Evidence:
    return evidence_of(PLAN, usual_talk())[0]


@pytest.mark.parametrize(
    ("levels", "level", "agreement"),
    [((4, 4, 4), 4, 1.0), ((3, 4, 4), 4, 0.6667), ((4, 3, 3), 3, 0.6667), ((3, 4), 3, 0.5), ((2,), 2, 1.0)],
)
def test_the_level_is_the_median_and_of_two_the_lower(levels: tuple[int, ...], level: int, agreement: float):
    found = verdict(ownership(), scored("ownership", *((one, [TRUE]) for one in levels)))
    assert (found.level, found.agreement, found.levels) == (level, agreement, levels)


def test_passes_that_are_two_levels_apart_give_no_level_and_say_so():
    found = verdict(ownership(), scored("ownership", (2, [TRUE]), (3, [TRUE]), (4, [TRUE])))
    assert found.level is None
    assert found.not_scorable.startswith("Repeated scoring disagrees by two levels (2, 3, 4)")
    assert found.spans, "what they found stays to be read"


def test_the_reason_and_the_quotes_are_those_of_the_level():
    passes = scored("ownership", (3, ["I ran the rehearsals myself"]), (4, [TRUE]), (4, [TRUE, "It took four months"]))
    reasons = ("Three.", "Four.", "Four too.")
    replies = tuple(
        reply.model_copy(update={"reason": why}) for reply, why in zip(passes.replies, reasons, strict=True)
    )
    found = verdict(ownership(), Score("ownership", replies, passes=3))
    assert found.reason == "Four."
    turns = {turn.seq: turn.text for turn in usual_talk()}
    assert [turns[span.seq][span.start : span.end] for span in found.spans] == [TRUE, "It took four months"]


def test_a_pass_whose_evidence_nobody_said_does_not_count_but_its_quotes_are_counted():
    found = verdict(ownership(), scored("ownership", (5, [FALSE]), (3, [TRUE]), (3, [TRUE, FALSE])))
    assert (found.level, found.levels, found.agreement) == (3, (3, 3), 0.6667)
    assert (found.kept, found.dropped) == (2, 2)


def test_without_a_majority_that_stands_there_is_no_level():
    all_false = verdict(ownership(), scored("ownership", (5, [FALSE]), (4, [FALSE]), (4, [])))
    assert (all_false.level, all_false.not_scorable) == (None, NO_EVIDENCE)
    one_true = verdict(ownership(), scored("ownership", (4, [TRUE]), (4, [FALSE]), (4, [FALSE])))
    assert "in 1 of 3 passes only" in one_true.not_scorable
    few = verdict(ownership(), scored("ownership", (4, [TRUE]), asked=3))
    assert few.not_scorable == "The language model gave a usable score in 1 of 3 passes only."


def test_level_one_needs_no_quote():
    assert verdict(ownership(), scored("ownership", (1, []), (1, []), (1, []))).level == 1


def test_words_in_quotation_marks_that_nobody_said_are_left_out_of_the_reason():
    reply = CompetencyScore(quotes=[TRUE], reason=f"Says “{TRUE}” and “I flew to the moon alone”.", level=4)
    found = verdict(ownership(), Score("ownership", (reply,)))
    assert found.reason == f"Says “{TRUE}” and […]."
    assert found.dropped == 1


def test_each_pass_reads_the_same_words_in_another_order():
    evidence = ownership()
    messages = [user_message(in_another_order(evidence, seed)) for seed in range(3)]
    assert messages[0] == user_message(evidence)
    assert len({tuple(sorted(message.splitlines())) for message in messages}) == 1
    assert len(set(messages)) > 1
    assert messages[1] == user_message(in_another_order(evidence, 1)), "the same seed, the same order"


def test_a_question_keeps_its_answers_behind_it_in_any_order():
    for seed in range(1, 6):
        lines = user_message(in_another_order(ownership(), seed)).splitlines()
        asked = lines.index("Interviewer: What would you do differently?")
        assert lines[asked + 1].startswith("Candidate: I would rehearse the roll-back")


def test_one_single_answer_has_one_order():
    evidence = evidence_of(PLAN, said("I led the move of our billing service to a new database."))[0]
    assert user_message(in_another_order(evidence, 2)) == user_message(evidence)
