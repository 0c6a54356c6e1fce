"""Adaptive difficulty: which wording follows which answers."""

from itertools import product

import pytest

from agent.dialogue.difficulty import Wording, choose
from interview.plan import Competency, Difficulty, PlanContent, Question, Variants

PLAIN = Question(id="plain", text="What did you build?", competency="depth")
BANK = Question(
    id="bank",
    text="How did you test it?",
    competency="depth",
    variants=Variants(easier="What did you test?", harder="How did you test what could not be repeated?"),
)
ADAPTIVE = PlanContent(
    title="Backend engineer",
    competencies=(Competency(id="depth", name="Depth"),),
    questions=(PLAIN, PLAIN.model_copy(update={"id": "second"}), BANK),
    adaptive=True,
)
EASIER = Wording(difficulty=Difficulty.EASIER, text="What did you test?")
PLANNED = Wording(difficulty=Difficulty.PLANNED, text="How did you test it?")
HARDER = Wording(difficulty=Difficulty.HARDER, text="How did you test what could not be repeated?")


@pytest.mark.parametrize(
    ("judged", "wanted"),
    [
        ((), PLANNED),
        ((True,), PLANNED),
        ((False,), PLANNED),
        ((True, True), HARDER),
        ((False, False), EASIER),
        ((True, False), PLANNED),
        ((False, True), PLANNED),
        ((True, None), PLANNED),
        ((None, False), PLANNED),
        ((None, None), PLANNED),
        ((False, False, True, True), HARDER),
        ((True, True, False, False), EASIER),
    ],
)
def test_two_answers_in_a_row_decide_and_doubt_leaves_the_question_as_planned(
    judged: tuple[bool | None, ...], wanted: Wording
) -> None:
    assert choose(ADAPTIVE, BANK, judged) == wanted


@pytest.mark.parametrize("judged", list(product((True, False, None), repeat=3)))
def test_a_plan_that_is_not_adaptive_asks_everybody_in_the_same_words(judged: tuple[bool | None, ...]) -> None:
    assert choose(ADAPTIVE.model_copy(update={"adaptive": False}), BANK, judged) == PLANNED


@pytest.mark.parametrize("judged", list(product((True, False, None), repeat=3)))
def test_a_question_without_variants_is_asked_as_planned(judged: tuple[bool | None, ...]) -> None:
    assert choose(ADAPTIVE, PLAIN, judged) == Wording(difficulty=Difficulty.PLANNED, text=PLAIN.text)


def test_a_variant_that_is_missing_is_no_reason_to_take_the_other() -> None:
    only_easier = BANK.model_copy(update={"variants": Variants(easier="What did you test?")})
    assert choose(ADAPTIVE, only_easier, (True, True)) == PLANNED
    assert choose(ADAPTIVE, only_easier, (False, False)) == EASIER
