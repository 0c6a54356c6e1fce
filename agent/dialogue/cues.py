"""Requests that are understood without a model, from the words alone (English)."""

import re
from enum import StrEnum


class Cue(StrEnum):
    """What a short utterance asks for."""

    REPEAT = "repeat"
    THINKING = "thinking"
    SKIP = "skip"
    DONT_KNOW = "dont_know"
    NOTHING_TO_ADD = "nothing_to_add"
    REPHRASE = "rephrase"
    MEANING = "meaning"
    COME_BACK_LATER = "come_back_later"
    SLOWER = "slower"
    CANT_HEAR = "cant_hear"
    HELLO = "hello"
    END_INTERVIEW = "end_interview"
    LISTENING = "listening"
    """A sound of listening or of making ready to speak; by itself it answers nothing."""


LONGEST_REQUEST_WORDS = 14
"""A request is short; the same words inside a long answer are part of the answer."""

_PATTERNS: tuple[tuple[Cue, re.Pattern[str]], ...] = tuple(
    (cue, re.compile(pattern))
    for cue, pattern in (
        (
            Cue.REPEAT,
            r"\b(repeat|say) (that|it|the question|your question)( again| once more)?\b|\bcome again\b"
            r"|\b(didn t|did not) (catch|hear|get) (that|you|the question)\b|\bpardon\b"
            r"|\bwhat (was|is) the question\b|\bone more time\b",
        ),
        (
            Cue.THINKING,
            r"\blet me think\b|\b(give me|need|take) (a|one|another) (moment|second|minute)\b"
            r"|\b(just )?(a|one) (moment|second)( please)?$|\bthinking about\b.*\bmoment\b",
        ),
        (
            Cue.SKIP,
            r"\b(skip|pass on) (this|that|it|the question|this question|this one|that one)\b"
            r"|\b(next|another) question please\b|\bcan we (skip|move on)\b",
        ),
        (Cue.COME_BACK_LATER, r"\bcome back to (that|this|it)( one| question)? later\b"),
        (Cue.DONT_KNOW, r"\bi (really )?(don t|do not) know\b|\bno idea\b|\bi can t (think of|answer)\b"),
        (
            Cue.NOTHING_TO_ADD,
            r"^(no|nope|no thank you|no thanks|nothing|not really|that is all|that s all|i m good|i m fine)\b",
        ),
        # each word ends in a space or the end, so that no text takes long to be found different
        (
            Cue.LISTENING,
            r"^(?:(?:[mh]{1,8}|u[hm]{1,4}|huh|erm?|ah|oh|ok|okay|i see|well|so)(?: |$))+$",
        ),
    )
)


def fold(text: str) -> str:
    """Fold to lower-case words with single spaces: `Don't!` → `don t`."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def words(text: str) -> int:
    """Count words."""
    return len(re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text))


def read(text: str, language: str = "en") -> Cue | None:
    """Return what a short utterance asks for, or None when it is an answer."""
    folded = fold(text)
    if not folded or words(text) > LONGEST_REQUEST_WORDS:
        return None
    return next((cue for cue, pattern in _PATTERNS if pattern.search(folded)), None)


def agrees(text: str, language: str = "en") -> bool:
    """Tell whether a short utterance says yes."""
    return bool(re.match(r"(?:yes|yeah|yep|sure|please do|correct|ja|genau)\b", fold(text)))


def is_backchannel(text: str, language: str = "en") -> bool:
    """Tell whether words only show that somebody listens."""
    return bool(re.fullmatch(r"(?:(?:[mh]{1,8}|u[hm]{1,4}|huh|okay|ok|yeah|right|i see)(?: |$))+", fold(text)))
