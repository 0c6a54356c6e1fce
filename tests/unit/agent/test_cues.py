"""Requests that are understood from the words alone."""

import time
from itertools import chain
from pathlib import Path

import pytest
import yaml

from agent.dialogue.cues import Cue, agrees, fold, is_backchannel, read, words

UTTERANCES: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "utterances.yaml").read_text(encoding="utf-8")
)
TABLE = [
    (language, text, None if cue == "none" else Cue(cue))
    for language, by_cue in UTTERANCES.items()
    for cue, texts in by_cue.items()
    for text in texts
]


def bare(text: str) -> str:
    """As a recogniser without punctuation writes it."""
    return "".join(c for c in text if c not in ",.?!:…").lower()


@pytest.mark.parametrize(("language", "text", "cue"), TABLE)
def test_what_is_asked_for_is_understood_and_an_answer_is_an_answer(language: str, text: str, cue: Cue | None):
    assert read(text, language) is cue


TOLD_BY_PUNCTUATION = {
    # two sentences, of which only one asks: without a mark between them nothing tells where it begins
    "Sorry, could you repeat the question? My dog was barking.",
    "I have never worked in a hospital. Can we skip this one?",
    "I've never done that, so could we skip that question?",
    "I've never used it, so I don't know.",
    "Stop the interview. I don't feel well.",
    "Would you mind repeating... sorry, can you repeat that?",
    "Das habe ich noch nie gemacht. Können wir die Frage überspringen?",
    "Das habe ich nie gemacht, das weiß ich nicht.",
    "Sorry?",
}


@pytest.mark.parametrize(("language", "text", "cue"), TABLE)
def test_it_does_not_take_punctuation(language: str, text: str, cue: Cue | None):
    assert read(bare(text), language) is (None if text in TOLD_BY_PUNCTUATION else cue)


def test_the_table_is_large_and_covers_every_cue_in_every_language():
    assert len(TABLE) >= 150
    for language in ("en", "de"):
        assert {cue for spoken, _, cue in TABLE if spoken == language} == {None, *Cue}


def test_nothing_is_understood_in_a_language_that_is_not_known():
    assert read("Can you repeat that?", "xx") is None
    assert not is_backchannel("okay", "xx")


BACKCHANNELS = {
    "en": "Mm-hm. | mhm | Uh-huh. | Yeah. | Okay. | Right. | Yeah, yeah. | Okay, right. | I see. | Got it. | Sure.",
    "de": "Mhm. | Ja. | Genau. | Ja, genau. | Okay. | Ach so. | Alles klar. | hm hm | Verstehe. | Gut. | Stimmt.",
}
NO_BACKCHANNELS = {
    "en": "No. | Wait. | Stop. | Okay, but I have a question. | Yeah, we built it in Go. | Sorry? | Hello? | I | ",
    "de": "Nein. | Moment. | Warten Sie. | Ja, aber das stimmt nicht. | Genau das meine ich nicht. | Wie bitte? | ",
}


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_backchannel_is_told_from_words_that_want_the_floor(language: str):
    for text in BACKCHANNELS[language].split("|"):
        assert is_backchannel(text, language), text
    for text in NO_BACKCHANNELS[language].split("|"):
        assert not is_backchannel(text, language), text


@pytest.mark.parametrize(
    ("language", "text", "yes"),
    [
        ("en", "Yes.", True),
        ("en", "Yeah, please.", True),
        ("en", "Um, yes, I do.", True),
        ("en", "Yes, please stop.", True),
        ("en", "I want to stop the interview.", True),
        ("en", "No.", False),
        ("en", "No, sorry, let us go on.", False),
        ("en", "Yes, but not now.", False),
        ("en", "I built a service.", False),
        ("en", "", False),
        ("de", "Ja.", True),
        ("de", "Ja, bitte.", True),
        ("de", "Ähm, ja, genau.", True),
        ("de", "Ich möchte das Interview beenden.", True),
        ("de", "Nein.", False),
        ("de", "Ja, aber noch nicht jetzt.", False),
        ("de", "Nein, machen wir weiter.", False),
        ("xx", "Yes.", False),
    ],
)
def test_a_yes_is_told_from_what_is_none(language: str, text: str, yes: bool):
    assert agrees(text, language) is yes


def test_words_are_counted_in_any_script():
    assert words("I didn't build it") == 4
    assert words("построил сервис сам") == 3
    assert fold("Don't!") == "don t"


HOSTILE = (
    "m" * 4000 + "x",
    "mm-hm " * 12 + "x",
    "so" * 2000,
    "what does " + "a" * 4000 + " " + "b" * 4000,
    "can you " * 11 + "x",
    "what do you mean by a b c d e f g h i, " * 100,
    "um, " * 24,
    "ich habe " * 12 + "x",
    "das " * 23 + "x",
    "äh" + "m" * 4000 + "x",
    "no " * 5000,
)


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_text_takes_long_to_read(language: str):
    for text in HOSTILE:
        began = time.process_time()
        read(text, language)
        is_backchannel(text, language)
        assert time.process_time() - began < 0.25, text[:40]


def test_an_ordinary_utterance_takes_a_millisecond_or_two():
    texts = [text for _, text, _ in TABLE]
    read("the patterns are compiled with the first one")
    began = time.process_time()
    for text in chain(texts, texts):
        read(text)
    assert (time.process_time() - began) / len(texts) / 2 < 0.01
