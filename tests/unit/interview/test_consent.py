"""What candidates are told and asked: about what the plan does, in their language, and nothing else."""

from typing import Any

import pytest

from interview import consent
from interview.catalogue import languages as spoken
from interview.consent import ConsentText, Keeping, asked, current_text, introduction_for, missing, questions_for
from interview.errors import ConfigurationError
from interview.plan import ConsentItem, IncidentKind, Plan

KEEPING = Keeping(who="Ada & Co", house_days=90, declined_days=30)
BOTH = pytest.mark.parametrize("language", ["en", "de"])


def plan(**changes: Any) -> Plan:
    values = {
        "plan_id": "p",
        "title": "Nurse",
        "competencies": [{"id": "c", "name": "Care"}],
        "questions": [{"id": "q", "text": "Why?", "competency": "c"}],
    }
    return Plan.model_validate(values | changes)


QUIET = {"recording": {"audio": False}, "proctoring": {"enabled": False}}
ALL = {
    "proctoring": {"kinds": list(IncidentKind)},
    "retention_days": 400,
    "consent": {"required": ["recording"]},
}


def test_only_what_the_plan_does_is_asked() -> None:
    assert asked(plan()) == (ConsentItem.INTERVIEW, ConsentItem.RECORDING, ConsentItem.CAMERA)
    assert asked(plan(**QUIET)) == (ConsentItem.INTERVIEW,)
    assert asked(plan(**ALL)) == tuple(ConsentItem)
    off = {"proctoring": {"enabled": False, "kinds": ["different_person"]}}
    assert ConsentItem.FACE_COMPARISON not in asked(plan(**off))


def test_what_is_required_and_not_agreed_to_is_missing() -> None:
    strict = plan(**ALL)
    assert missing(strict, {}) == [ConsentItem.INTERVIEW, ConsentItem.RECORDING]
    assert missing(strict, {ConsentItem.INTERVIEW: True, ConsentItem.RECORDING: False}) == [ConsentItem.RECORDING]
    assert missing(strict, {ConsentItem.INTERVIEW: True, ConsentItem.RECORDING: True}) == []


@BOTH
def test_the_questions_are_in_the_candidates_words(language: str) -> None:
    text = current_text(language)
    questions = questions_for(text, plan(**ALL), KEEPING)
    assert [question.item for question in questions] == list(ConsentItem)
    assert [question.item for question in questions if question.required] == ["interview", "recording"]
    retention = questions[-1].text
    assert "400" in retention
    assert "30" in retention
    assert "{" not in "".join(question.text for question in questions)


@BOTH
def test_the_introduction_says_who_what_how_long_and_which_rights(language: str) -> None:
    text = current_text(language)
    told = introduction_for(text, plan(**ALL), KEEPING)
    assert "Ada & Co" in told
    assert "Nurse" in told
    for kind in IncidentKind:
        assert text.kinds[kind] in told
    assert text.introduction.people_decide in told
    assert text.introduction.rights in told
    assert "{" not in told
    assert "90" in introduction_for(text, plan(), KEEPING)
    assert "Ada" not in introduction_for(text, plan(), KEEPING.model_copy(update={"who": ""}))


@BOTH
def test_nothing_is_told_about_what_is_not_done(language: str) -> None:
    text = current_text(language)
    told = introduction_for(text, plan(**QUIET), KEEPING)
    assert text.introduction.recorded not in told
    for kind in IncidentKind:
        assert text.kinds[kind] not in told
    forever = introduction_for(text, plan(**QUIET), KEEPING.model_copy(update={"house_days": 0}))
    assert text.introduction.kept_without_limit in forever


@BOTH
def test_a_language_has_every_word(language: str) -> None:
    text = current_text(language)
    assert set(text.items) == set(ConsentItem)
    assert set(text.kinds) == set(IncidentKind)
    assert text.declined
    assert text.language == language
    assert all(value for value in text.introduction.model_dump().values())


def test_every_version_names_its_language_and_can_be_read_for_ever() -> None:
    texts: list[ConsentText] = [consent.text_of_version(version) for version in consent.versions()]
    assert "2026-11-en-1" in consent.versions()
    for text in texts:
        assert f"-{text.language}-" in text.version
        assert len(text.version) <= 32
        assert text.items[ConsentItem.INTERVIEW]


def test_whoever_is_interviewed_in_a_language_is_asked_in_it() -> None:
    assert spoken() <= consent.languages()
    with pytest.raises(ConfigurationError):
        current_text("xx")
