"""Personas are read whole, and a wrong one says what is wrong."""

from pathlib import Path

import pytest

from interview.errors import ConfigurationError
from local.persona import PERSONAS, Phrase, load, text_of

QUICK = PERSONAS / "quick.yaml"


@pytest.mark.parametrize("path", sorted(PERSONAS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_persona_in_the_repository_is_valid(path: Path):
    assert load(path).questions


def test_the_demo_persona_interrupts_once_is_vague_once_and_leaves_once_during_a_long_answer():
    persona = load("backend_engineer")
    assert len(persona.questions) == 3
    assert sum(question.interrupts_after_s is not None for question in persona.questions) == 1
    assert persona.follow_ups_expected == 1
    assert persona.absence is not None
    assert 5 <= persona.absence.for_s <= 7
    during = persona.questions[persona.absence.during_question - 1]
    assert len(text_of(during.answer).split()) >= 30
    pauses = [phrase.pause_s for question in persona.questions for phrase in question.answer]
    assert all(0.4 <= pause <= 0.9 for pause in pauses)


def test_an_unknown_persona_names_the_known_ones():
    with pytest.raises(ConfigurationError, match="backend_engineer"):
        load("nobody")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("warm_up:", "warm_upp:", "warm_up"),
        ("email: ", "email: not-an-address #", "email"),
        ("questions:", "questions: [", "cannot be read"),
        ("answer:", "incomplete: true\n    answer:", "follow_up_answer"),
    ],
)
def test_a_wrong_persona_says_what_is_wrong(tmp_path: Path, old: str, new: str, complaint: str):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(QUICK.read_text().replace(old, new, 1))
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        load(wrong)
    assert "wrong.yaml" in str(caught.value)


def test_an_absence_must_be_during_a_question_that_exists(tmp_path: Path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(QUICK.read_text() + "\nabsence: {during_question: 9, after_s: 1, for_s: 6}\n")
    with pytest.raises(ConfigurationError, match="during question 9"):
        load(wrong)


def test_the_text_of_a_speech_is_its_phrases_in_order():
    assert text_of((Phrase(say="One."), Phrase(say="Two."))) == "One. Two."
