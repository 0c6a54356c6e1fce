"""What the words of a candidate can ask for, and the shape in which a language says how."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Cue(StrEnum):
    """What a short utterance asks for. Where several are asked for at once, the one that stands first here counts."""

    END_INTERVIEW = "end_interview"
    COME_BACK_LATER = "come_back_later"
    """This question later, perhaps."""
    SKIP = "skip"
    CANT_HEAR = "cant_hear"
    """The candidate does not hear the interviewer."""
    LOUDER = "louder"
    SLOWER = "slower"
    REPHRASE = "rephrase"
    MEANING = "meaning"
    """The question, or a word in it, was not understood."""
    REPEAT = "repeat"
    THINKING = "thinking"
    DONT_KNOW = "dont_know"
    NOTHING_TO_ADD = "nothing_to_add"
    HELLO = "hello"
    """A greeting, or whether anybody is there."""
    LISTENING = "listening"
    """A sound of listening or of making ready to speak; by itself it answers nothing."""


Requests = Mapping[Cue, tuple[str, ...]]
"""For each cue the regular expressions of the phrases that ask for it, over folded text."""


class Language(NamedTuple):
    """How one language asks. Phrases are folded: lower case, no punctuation, `don't` is `don t`."""

    requests: Requests
    around: tuple[str, ...]
    """What may stand around a request and means nothing by itself: politeness, hesitation, `could you`."""
    reasons: tuple[str, ...]
    """After one of these words the rest of the sentence says why."""
    asks_back: frozenset[str]
    """What asks for the question again where it is the whole of a question."""
    reports: frozenset[str]
    """Words after which somebody else's words follow: what they asked, this candidate does not."""
    denies: frozenset[str]
    """Words that make a `don't know` at the end of a sentence what the whole of it says."""
    backchannels: tuple[str, ...]
    """What a listener says to show that they listen."""
    agrees: tuple[str, ...]
    """How a yes begins."""
    disagrees: frozenset[str]
    """Words that make a yes none."""


def listed(text: str) -> tuple[str, ...]:
    """Return the phrases of a list: they are parted by ` / `, and a line may be broken there or after a `|`."""
    joined = re.sub(r"\|\s*\n\s*", "|", text.strip())
    return tuple(" ".join(phrase.split()) for phrase in re.split(r"\s/\s", joined))


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Fold to lower-case words with single spaces: `Don't!` → `don t`."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def words(text: str) -> int:
    """Count words."""
    return len(re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text))
