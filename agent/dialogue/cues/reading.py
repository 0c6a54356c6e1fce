"""Requests that are understood without a model, from the words alone.

An utterance is a request when all of it is: phrases that ask for something, with politeness and hesitation around
them. So the same words inside an answer remain an answer ("we had to repeat the test"). Each place of the text is
looked at once, and no more than `_LONGEST_READ_WORDS` words are read, which bounds the time.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from agent.dialogue.cues.cue import Cue, Language, fold, words
from agent.dialogue.cues.english import ENGLISH
from agent.dialogue.cues.german import GERMAN

LANGUAGES: dict[str, Language] = {"en": ENGLISH, "de": GERMAN}
"""Whose requests are understood, by two-letter code."""

LONGEST_REQUEST_WORDS = 14
"""A request is short; what is longer says something beside it, whatever it ends with."""

_LONGEST_READ_WORDS = 24
"""A request with what was said about it, such as why: the same words inside a longer answer are part of the answer."""

_SENTENCE = re.compile(r"(?<=[.?!…])\s+|\n+")
_CLAUSE = re.compile(r"[.?!…,;:–—\n]+")

_EXPLAINED = frozenset(
    {
        Cue.END_INTERVIEW,
        Cue.COME_BACK_LATER,
        Cue.SKIP,
        Cue.CANT_HEAR,
        Cue.LOUDER,
        Cue.SLOWER,
        Cue.REPHRASE,
        Cue.MEANING,
        Cue.REPEAT,
    }
)
"""What is asked of the interviewer, and may be explained in another sentence, before or after."""

_ORDER = {cue: place for place, cue in enumerate(Cue)}


class _Grammar(NamedTuple):
    """A language's phrases, compiled; every one ends at the end of a word."""

    requests: tuple[tuple[Cue, re.Pattern[str]], ...]
    around: re.Pattern[str]
    reasons: re.Pattern[str]
    backchannels: re.Pattern[str]
    agrees: re.Pattern[str]


def _phrases(alternatives: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(alternatives)})(?: |$)")


@cache
def _grammar(language: str) -> _Grammar | None:
    found = LANGUAGES.get(language)
    if found is None:
        return None
    return _Grammar(
        requests=tuple((cue, _phrases((phrase,))) for cue, phrases in found.requests.items() for phrase in phrases),
        around=_phrases(found.around),
        reasons=_phrases(found.reasons),
        backchannels=_phrases(found.backchannels),
        agrees=_phrases(found.agrees),
    )


def read(text: str, language: str = "en") -> Cue | None:
    """Return what a short utterance asks for, or None when it is an answer (or the language is not known here)."""
    grammar = _grammar(language)
    folded = fold(text)
    if grammar is None or not folded or words(text) > _LONGEST_READ_WORDS:
        return None
    known = LANGUAGES[language]
    if folded in known.asks_back and text.rstrip().endswith("?"):
        return Cue.REPEAT
    whole = _read_whole(folded, grammar)
    cue = whole or _read_beside_explanation(text, grammar, known)
    if cue is Cue.DONT_KNOW and words(text) > LONGEST_REQUEST_WORDS:
        return None
    return cue


def is_backchannel(text: str, language: str = "en") -> bool:
    """Tell whether these words only show that somebody listens ("mm-hm", "okay, right")."""
    grammar = _grammar(language)
    folded = fold(text)
    if grammar is None or not folded:
        return False
    at = 0
    while at < len(folded):
        match = grammar.backchannels.match(folded, at)
        if match is None:
            return False
        at = match.end()
    return True


def agrees(text: str, language: str = "en") -> bool:
    """Tell whether a short answer to "do you want to stop here?" says yes."""
    grammar = _grammar(language)
    folded = fold(text)
    if grammar is None or not folded or words(text) > LONGEST_REQUEST_WORDS:
        return False
    if LANGUAGES[language].disagrees & set(folded.split()):
        return False
    return grammar.agrees.match(folded) is not None or read(text, language) is Cue.END_INTERVIEW


class _Parse(NamedTuple):
    """One way to read the text up to some place: the fewer pieces it takes, the better."""

    pieces: int
    cues: tuple[Cue, ...]
    beside: bool
    """Whether something beside requests was in it."""


def _read_whole(folded: str, grammar: _Grammar) -> Cue | None:
    """Return the weightiest cue of a text of which every part is understood, in the reading of fewest pieces."""
    end = len(folded)
    reached: dict[int, _Parse] = {0: _Parse(0, (), False)}
    for at in range(end):
        so_far = reached.get(at)
        if so_far is None:
            continue
        for place, cue in _pieces_at(folded, at, grammar, after_a_cue=bool(so_far.cues)):
            cues = (*so_far.cues, cue) if cue else so_far.cues
            parse = _Parse(so_far.pieces + 1, cues, so_far.beside or cue is None)
            known = reached.get(place)
            if known is None or parse.pieces < known.pieces:
                reached[place] = parse
    whole = reached.get(end)
    if whole is None or not whole.cues:
        return None
    cue = min(whole.cues, key=_ORDER.__getitem__)
    return None if cue is Cue.LISTENING and whole.beside else cue  # "yes, okay" is an answer


def _pieces_at(folded: str, at: int, grammar: _Grammar, *, after_a_cue: bool) -> Iterator[tuple[int, Cue | None]]:
    """Yield where each phrase that begins at `at` ends, and what it asks for."""
    for cue, pattern in grammar.requests:
        if match := pattern.match(folded, at):
            yield match.end(), cue
    if match := grammar.around.match(folded, at):
        yield match.end(), None
    if after_a_cue and grammar.reasons.match(folded, at):
        yield len(folded), None


def _read_beside_explanation(text: str, grammar: _Grammar, known: Language) -> Cue | None:
    """Read "I never did that. Can we skip it?": one sentence that asks, and one beside it that says why."""
    sentences = [fold(sentence) for sentence in _SENTENCE.split(text)]
    first = _read_whole(sentences[0], grammar) if len(sentences) > 1 else None
    if first in _EXPLAINED:
        return first
    clauses = [fold(clause) for clause in _CLAUSE.split(text)]
    for place in range(1, len(clauses)):
        said = " ".join(filter(None, clauses[:place])).split()
        asked = " ".join(filter(None, clauses[place:]))
        if not said or said[-1] in known.reports or (len(said) > 1 and said[-2] in known.reports):
            continue
        cue = _read_whole(asked, grammar) if asked else None
        if cue in _EXPLAINED:
            return cue
        if cue is Cue.DONT_KNOW and known.denies & set(said):
            return cue
    return None
