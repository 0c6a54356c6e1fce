"""What is heard while the interviewer speaks."""

import pytest

from agent.overhearing import HALF_DUPLEX_AFTER, Overheard, Overhearing

LINE = "Thank you. Tell me about a time when a system that you were responsible for failed in production."


def during(started_s: float = 2.0, ended_s: float = 3.0) -> dict[str, float]:
    return {"started_at": 1000 + started_s, "ended_at": 1000 + ended_s}


@pytest.fixture
def overhearing() -> Overhearing:
    listening = Overhearing("en")
    listening.line_started(LINE, 1000.0, 6.0)
    return listening


@pytest.mark.parametrize("words", ["Mm-hm.", "uh huh", "Okay.", "yeah", "Right, right."])
def test_a_sound_of_listening_is_no_interruption(overhearing: Overhearing, words: str):
    assert overhearing.judge(words, **during()) is Overheard.BACKCHANNEL


def test_the_same_word_at_the_end_of_the_question_answers_it(overhearing: Overhearing):
    assert overhearing.judge("Yeah.", **during(5.4, 5.8)) is Overheard.SPEECH
    overhearing.line_ended(1006.0)
    assert overhearing.judge("Yeah.", **during(6.4, 6.8)) is Overheard.SPEECH


def test_somebody_who_speaks_interrupts(overhearing: Overhearing):
    assert overhearing.judge("Sorry, can I ask something first?", **during()) is Overheard.SPEECH
    assert overhearing.judge("Yeah but which system do you mean", **during()) is Overheard.SPEECH


def test_its_own_words_are_its_echo_even_when_they_are_heard_badly(overhearing: Overhearing):
    assert overhearing.judge("when a system that you were responsible fort", **during(2, 5)) is Overheard.ECHO
    assert overhearing.judge("failed in production", **during(5.5, 6.9)) is Overheard.ECHO


def test_an_answer_in_the_words_of_the_question_is_an_answer(overhearing: Overhearing):
    overhearing.line_ended(1006.0)
    assert overhearing.judge("A system that I was responsible for failed", **during(8, 11)) is Overheard.SPEECH


def test_after_a_few_echoes_it_no_longer_listens_while_it_speaks(overhearing: Overhearing):
    for _ in range(HALF_DUPLEX_AFTER):
        assert not overhearing.half_duplex
        overhearing.judge("tell me about a time when a system", **during())
    assert overhearing.half_duplex


def test_a_request_in_the_words_of_the_line_is_a_request():
    listening = Overhearing("en")
    listening.line_started("If you would like me to repeat the question, just say so.", 1000.0, 4.0)
    assert listening.judge("Please repeat the question.", **during(3.0, 3.9)) is Overheard.SPEECH
