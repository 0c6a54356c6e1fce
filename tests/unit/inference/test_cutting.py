"""Where speech that never pauses is cut, and what is taken for a loop of the decoder."""

import numpy as np
import pytest

from local.inference.stt.engine import repeats
from local.inference.stt.protocol import Word
from local.inference.stt.stream import choose_cut, quietest


def spoken(*gaps_after: float, each: float = 0.4) -> tuple[Word, ...]:
    words, at = [], 0.0
    for i, gap in enumerate(gaps_after):
        words.append(Word(f"w{i}", at, at + each, 1.0))
        at += each + gap
    return tuple(words)


def test_the_widest_gap_in_the_later_half_is_cut():
    words = spoken(*[0.0] * 10, 0.3, *[0.0] * 15)
    count, at_s = choose_cut(words, 0.4 * 26 + 0.3)
    assert count in range(11, 26), "the gap lies in the first half"
    words = spoken(*[0.0] * 17, 0.3, *[0.0] * 8)
    count, at_s = choose_cut(words, 0.4 * 26 + 0.3)
    assert count == 18
    assert words[17].end_s < at_s < words[18].start_s


def test_no_word_is_lost_or_repeated_by_a_cut():
    words = spoken(*[0.02] * 48)
    count, at_s = choose_cut(words, 20.0)
    assert all(word.end_s <= at_s for word in words[:count])
    assert all(word.start_s >= at_s for word in words[count:])
    assert at_s <= 18.5


def test_a_cut_without_words_keeps_only_the_last_moment():
    assert choose_cut((), 20.0) == (0, 18.5)


def test_the_quietest_moment_nearby_is_found():
    audio = np.ones(16000, np.float32)
    audio[7800:8500] = 0.0
    assert quietest(audio, 0.5) == pytest.approx(8150 / 16000, abs=0.02)


@pytest.mark.parametrize(
    "text",
    [
        "Try again. Try again.",
        "No matter, no matter, no matter.",
        "It was hope, it was despair, it was hope",
        "We met each day. We planned each week on Monday. We planned each week on Monday.",
    ],
)
def test_loops_are_noticed(text: str):
    assert repeats(text)


@pytest.mark.parametrize("text", ["", "Yes.", "I think so.", "It was the best of times, it was the worst of times."])
def test_speech_is_no_loop(text: str):
    assert not repeats(text)
