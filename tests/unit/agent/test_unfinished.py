"""Whether words look like the middle of a sentence."""

import time

import pytest

from agent.dialogue.cues import UNFINISHED, looks_unfinished

MORE_TO_COME = {
    "en": (
        "I built a service and",
        "I built a service and.",
        "We had to wait because",
        "We had to wait because.",
        "and then we deployed the",
        "The main problem was that our",
        "I talked to my",
        "um",
        "So we measured it for a week, um",
        "I would say, uh...",
        "First of all,",
        "We looked at the logs, the metrics,",
        "I think...",
        "so we",
        "So we.",
        "And then.",
        "and then I",
        "For example.",
        "We used tools such as",
        "The reason for that was",
        "I was responsible for",
        "It depends on whether",
        "My team and I—",
        "There were three reasons:",
        "I decided to go with",
        "I'm not sure if",
        "We had a lot of",
        "The first thing we did was to",
        "because we",
        "and it was really",
        "so I actually",
        "what we would probably",
    ),
    "de": (
        "Ich habe einen Dienst gebaut und",
        "Ich habe einen Dienst gebaut und.",
        "Wir mussten warten, weil",
        "und dann",
        "Und dann.",
        "Ich habe mit meinem",
        "Das Problem war, dass die",
        "ähm",
        "Also wir haben, ähm",
        "Zuerst,",
        "Zum Beispiel.",
        "Wir haben uns die Protokolle angesehen, die Zahlen,",
        "Ich glaube...",
        "Es gab drei Gründe:",
        "weil ich",
        "Ich war verantwortlich für",
        "Wir hatten ein",
        "Das liegt daran, dass wir",
        "Wir haben uns darauf geeinigt, dass wir den",
    ),
}
FINISHED = {
    "en": (
        "I built a small payment service for a shop.",
        "Yes.",
        "No, thank you.",
        "That was the end of it.",
        "We kept the old program.",
        "I tested every part of it before we opened.",
        "That is what I would do.",
        "That's all I can think of.",
        "It took us about three weeks",
        "I really enjoyed working with them.",
        "nobody expected it to work, really",
        "I check the results twice usually",
        "and after a week it happened again",
        "Nobody knew who it was.",
        "I asked my colleague for help",
        "Does that answer your question?",
        "It was the best thing I have done, you know?",
        "We measured it and it was fast enough.",
        "I don't know.",
        "I wrote it in Python",
        "That is the team I worked with.",
        "It worked.",
        "So I did.",
        "We fixed it in two days",
        "The customer was happy again!",
        "Nobody had found the root cause.",
        "",
    ),
    "de": (
        "Ich habe einen kleinen Bezahldienst gebaut.",
        "Ja.",
        "Nein, danke.",
        "Das würde ich so machen.",
        "Ich höre immer zu.",
        "Danach rief ich ihn an.",
        "Das haben wir.",
        "Wir haben drei Wochen gebraucht",
        "Am Ende war der Kunde zufrieden.",
        "Beantwortet das Ihre Frage?",
        "Das war alles.",
        "So mache ich das.",
        "Ich habe den Kollegen gefragt",
        "Da mache ich mit.",
        "Mir fällt dazu nichts ein.",
        "Das muss so sein.",
    ),
}


@pytest.mark.parametrize(("language", "text"), [(of, text) for of, texts in MORE_TO_COME.items() for text in texts])
def test_more_is_to_come(language: str, text: str):
    assert looks_unfinished(text, language) >= UNFINISHED


@pytest.mark.parametrize(("language", "text"), [(of, text) for of, texts in FINISHED.items() for text in texts])
def test_the_sentence_has_ended(language: str, text: str):
    assert looks_unfinished(text, language) < UNFINISHED


def test_a_full_stop_counts_for_something():
    assert looks_unfinished("That is the team I worked with.") < looks_unfinished("That is the team I worked with")
    assert looks_unfinished("We fixed it in two days.") < looks_unfinished("We fixed it in two days")


def test_in_a_language_that_is_not_known_the_punctuation_speaks():
    assert looks_unfinished("Voilà, et puis,", "fr") >= UNFINISHED
    assert looks_unfinished("and", "fr") < UNFINISHED


def test_it_takes_microseconds_whatever_the_text():
    texts = ["word " * 20_000, "a" * 100_000, "..., " * 20_000, "and " * 20_000, "‘’'" * 30_000]
    began = time.process_time()
    for _ in range(20):
        for text in texts:
            assert 0 <= looks_unfinished(text) <= 1
    assert (time.process_time() - began) / 100 < 0.001
