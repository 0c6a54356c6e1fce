"""What the interviewer says: the same in every language, varied, and never a judgement."""

import re
from itertools import product
from string import Formatter

import pytest

from interview.catalogue import catalogue, languages
from interview.errors import ConfigurationError

BOTH = pytest.mark.parametrize("language", sorted(languages()))
ACKNOWLEDGING = ("lead_in", "next_question", "skipped", "dont_know", "postponed", "come_back")
"""Keys that lead over to a question."""
JUDGING = re.compile(
    r"\b(good|great|excellent|perfect|wonderful|fantastic|nice|interesting|impressive|well done|correct|wrong|bad|poor"
    r"|right answer|unfortunately|pity|gut|gute|guter|toll|super|prima|klasse|perfekt|ausgezeichnet|interessant|richtig"
    r"|falsch|schlecht|schade|leider|beeindruckend)\b",
    re.IGNORECASE,
)


def fields(line: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(line) if name is not None}


def test_there_are_two_languages():
    assert languages() == {"en", "de"}


@BOTH
def test_every_language_has_every_line_with_the_same_values(language: str):
    lines, english = catalogue(language).variants(), catalogue("en").variants()
    assert lines.keys() == english.keys()
    for key, variants in lines.items():
        assert len(variants) == len(english[key]), key
        for variant in variants:
            assert fields(variant) == fields(english[key][0]), key


@BOTH
def test_no_line_is_long_or_said_twice(language: str):
    for key, variants in catalogue(language).variants().items():
        assert len(set(variants)) == len(variants), key
        for variant in variants:
            assert len(variant.split()) <= (45 if key == "greeting" else 30), variant
            assert variant == variant.strip()
            assert "  " not in variant


@BOTH
def test_nobody_is_told_that_an_answer_was_good_or_bad(language: str):
    lines = catalogue(language).variants()
    for key in (*ACKNOWLEDGING, "follow_up", "repeat", "thinking", "prompt", "noted", "invite_questions"):
        for variant in lines[key]:
            assert JUDGING.search(variant) is None, variant


@BOTH
def test_whatever_becomes_of_two_questions_the_same_words_do_not_lead_to_both(language: str):
    said = catalogue(language)
    for index in range(1, 50):
        for before, after in product(ACKNOWLEDGING, repeat=2):
            if "lead_in" in (before, after):
                continue  # there is one first question
            assert said.line(before, index, question="") != said.line(after, index + 1, question="")


def test_a_language_that_nobody_speaks_is_refused_by_name():
    with pytest.raises(ConfigurationError, match="'xx'"):
        catalogue("xx")
