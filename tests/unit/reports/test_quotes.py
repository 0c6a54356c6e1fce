"""Quotes are places in what was said, or they are dropped."""

import random
import unicodedata

import pytest

from interview.transcript import Speaker, Turn, TurnKind
from reports.quotes import Span, Verified, said_at, said_by_candidate, verify
from tests.unit.reports.records import Talk, at, said, words_of


def looked_up(quotes: list[str], turns: list[Turn]) -> Verified:
    return verify(quotes, said_by_candidate(turns))


def texts_of(quote: str, *turns: str) -> list[str]:
    stored = said(*turns)
    return [stored[span.seq].text[span.start : span.end] for span in looked_up([quote], stored).spans]


@pytest.mark.parametrize(
    ("quote", "text", "kept"),
    [
        ("we lost no invoice", "Well, we lost no invoice at all.", "we lost no invoice"),
        ("WE LOST, no invoice!", "Well, we lost no invoice at all.", "we lost no invoice"),
        ("we  lost\nno invoice", "Well, we lost no\tinvoice at all.", "we lost no\tinvoice"),
        ('"I\'m proud of it."', "And I’m proud of it — truly.", "I’m proud of it"),
        ("a well known trick", "It is a well-known trick.", "a well-known trick"),
        ("a well—known trick", "It is a well–known trick.", "a well–known trick"),
        ("dont do it", "Please don't do it.", "don't do it"),
        ("up by 3.5 percent", "It went up by 3.5 percent.", "up by 3.5 percent"),
        ("die Straße war voll", "Die STRASSE war voll.", "Die STRASSE war voll"),
        ("the ﬁrst ﬁle", "It was the first file.", "the first file"),
        ("cafe\u0301 au lait", "Un caf\u00e9 au lait.", "caf\u00e9 au lait"),
        ("我负责了整个迁移", "去年,我负责了整个迁移项目。", "我负责了整个迁移"),
        ("ฉันเขียนแผน", "ตอนนั้นฉันเขียนแผนเอง", "ฉันเขียนแผน"),
        ("كتبت الخطة", "أنا كتبت الخطة بنفسي", "كتبت الخطة"),
    ],
)
def test_a_quote_is_kept_as_it_stands_in_the_transcript(quote: str, text: str, kept: str):
    assert texts_of(quote, text) == [kept]


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("I designed the guidance system", "I designed the billing system."),
        ("we lost invoice", "We lost no invoice."),
        ("art of it", "The start of it."),
        ("I have don", "I have don't-care flags."),
        ("version 3", "It was version 3.5 of it."),
        ("", "Anything at all."),
        ("…", "Anything at all."),
        ('"."', "Anything at all. "),
        ("ก", "กี่"),
    ],
)
def test_what_nobody_said_is_dropped_and_counted(quote: str, text: str):
    verified = looked_up([quote], said(text))
    assert verified.spans == ()
    assert (verified.kept, verified.dropped) == (0, 1)


def test_the_interviewers_words_are_no_evidence():
    turns = Talk().asks("Tell me about a project that you led.", 0, 2).says("It was a migration.", 3, 5).turns
    assert looked_up(["a project that you led"], turns).dropped == 1


def test_a_quote_over_two_turns_of_one_answer_becomes_two_spans():
    assert texts_of("the plan. And the checks", "I wrote the plan", "and the checks too") == [
        "the plan",
        "and the checks",
    ]


def test_a_quote_does_not_reach_over_into_the_answer_to_another_question():
    turns = Talk().says("I wrote the plan", 0, 2, "q1").says("and the checks", 3, 5, "q2").turns
    assert looked_up(["the plan and the checks"], turns).dropped == 1


def test_marked_omissions_are_kept_as_the_parts_that_were_said():
    text = "I wrote the plan, then I slept, and then I ran the rehearsals."
    assert texts_of("I wrote the plan ... I ran the rehearsals", text) == ["I wrote the plan", "I ran the rehearsals"]
    assert texts_of("I wrote the plan ... I stole the money", text) == []
    assert texts_of("I ... stole", text) == []


def test_the_same_words_are_quoted_once():
    assert texts_of("no invoice", "We lost no invoice.") == ["no invoice"]
    assert len(looked_up(["We lost no invoice", "no invoice"], said("We lost no invoice.")).spans) == 1


def test_every_span_of_generated_talks_is_the_quote_it_stands_for():
    """Whatever is cut out of a turn and respelt is found again, and what is found reads the same when
    folded.
    """
    draw = random.Random(20260302)
    words_of_talks = "I we built the café naïve parser’s well-known C++ 3.5 don't STRASSE 数据库 迁移 план ومن über"
    vocabulary = words_of_talks.split(" ")
    for _ in range(300):
        turns = said(*(" ".join(draw.choices(vocabulary, k=draw.randint(1, 12))) for _ in range(draw.randint(1, 5))))
        turn = draw.choice(turns)
        words = turn.text.split()
        first = draw.randrange(len(words))
        cut = words[first : draw.randint(first, len(words) - 1) + 1]
        quote = draw.choice([", ", "  ", " — "]).join(cut)
        quote = draw.choice([str, str.upper, str.lower])(quote)
        quote = unicodedata.normalize(draw.choice(["NFC", "NFD"]), quote).replace("’", draw.choice("'’"))
        verified = looked_up([quote], turns)
        assert verified.dropped == 0, (quote, [turn.text for turn in turns])
        for span in verified.spans:
            assert turns[span.seq].speaker is Speaker.CANDIDATE
            kept = turns[span.seq].text[span.start : span.end]
            assert looked_up([kept], turns).dropped == 0
            assert kept == kept.strip()
        if len(verified.spans) == 1:
            [span] = verified.spans
            assert same(turns[span.seq].text[span.start : span.end], quote)


def same(one: str, other: str) -> bool:
    def letters(text: str) -> str:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        return "".join(char for char in folded if char.isalnum())

    return letters(one) == letters(other)


def test_a_quote_is_dated_by_its_first_word():
    text = "Well I rehearsed the roll-back I did"
    [turn] = Talk().says(text, 10, 20, words=words_of("well i rehearsed the roll-back i did", 10)).turns
    [span] = looked_up(["the roll back"], [turn]).spans
    assert said_at(turn, span.start) == at(11.5)


def test_without_word_times_a_quote_is_dated_by_its_place():
    [turn] = Talk().says("0123456789", 10, 20).turns
    assert said_at(turn, 5) == at(15)


def test_a_typed_quote_is_dated_by_its_message():
    [turn] = Talk().says("I typed this message", 10, 20, kind=TurnKind.TYPED).turns
    assert said_at(turn, 10) == at(10)


def test_spans_name_the_turn_by_its_seq():
    turns = said("Nothing here.", "The parser was mine.")
    assert looked_up(["parser was mine"], turns).spans == (Span(1, 4, 19),)
