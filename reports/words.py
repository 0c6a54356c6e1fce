"""Counting words, and making a model's storable. Pure."""

from collections.abc import Iterable

from interview.once import once_a_text
from interview.words import GAP, UNSPACED, fold


@once_a_text(4096)
def count_words(text: str) -> int:
    """Count words; in scripts without spaces two characters count as one word, about their average."""
    spaced, unspaced = UNSPACED.subn(GAP, fold(text).text)
    return len(spaced.split()) + (unspaced + 1) // 2


def total_words(texts: Iterable[str]) -> int:
    """Count the words of several texts."""
    return sum(count_words(text) for text in texts)


def storable(text: str) -> str:
    """Make a model's words storable: no NUL, no half of a pair, no space around them."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
