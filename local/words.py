"""Compares what was said with what was written down. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True)
class WordsFound:
    """How many of the words that were spoken were found, in order, in what was written."""

    found: int
    spoken: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 when nothing was spoken."""
        return self.found / self.spoken if self.spoken else 1.0


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation ("I've" and "I’ve" are the same word)."""
    return _WORD.findall(text.lower().replace("\u2019", "'"))


def words_found(spoken: str, written: str) -> WordsFound:
    """Count the words of `spoken` that occur in `written` in the same order (longest common subsequence)."""
    said = words(spoken)
    return WordsFound(_longest_common(said, words(written)), len(said))


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for index, candidate in enumerate(other, start=1):
            above = row[index]
            row[index] = diagonal + 1 if word == candidate else max(above, row[index - 1])
            diagonal = above
    return row[-1]
