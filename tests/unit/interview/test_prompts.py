"""Prompts for candidates of every language."""

import pytest

from interview import prompts
from interview.catalogue import languages
from interview.errors import ConfigurationError


def test_an_english_interview_gets_the_prompt_as_it_is():
    assert prompts.load_for("answer_judgement", 1, "en") == prompts.load("answer_judgement", 1)


@pytest.mark.parametrize("language", sorted(languages() - {"en"}))
def test_another_language_is_asked_for_by_name(language: str):
    asked = prompts.load_for("answer_judgement", 1, language)
    assert asked.startswith(prompts.load("answer_judgement", 1))
    assert prompts.ENGLISH_NAMES[language] in asked
    assert "{" not in asked


def test_a_language_without_a_name_is_refused():
    with pytest.raises(ConfigurationError, match="'xx'"):
        prompts.load_for("answer_judgement", 1, "xx")
