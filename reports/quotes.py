"""Finding what was really said: quotes become exact spans of the candidate's turns, or are dropped. Pure.

A quote matches when its words stand in the transcript in the same order with nothing between them; case,
white space, punctuation and typographic variants do not matter. What is kept is the place, never the model's
spelling.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from interview.transcript import Speaker, Turn, TurnKind
from interview.words import GAP, Folded, fold, is_unspaced
from reports.words import count_words

MAX_SPANS = 4
_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|„([^„“”]+)[“”]")
_MIN_QUOTED_WORDS = 3
"""Fewer words in quotation marks are a term that somebody sets apart, not something that was said."""
_LEFT_OUT = "[…]"
_OMISSION = re.compile(r"\[?(?:\.{3,}|…)\]?")
_MIN_PART_WORDS = 2


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of the text of turn `seq`."""

    seq: int
    start: int
    end: int

    def covers(self, other: "Span") -> bool:
        """Tell whether the other's characters are all among these."""
        return self.seq == other.seq and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Said:
    """One turn of the candidate's, ready to look quotes up in."""

    seq: int
    question_id: str | None
    folded: Folded


@dataclass(frozen=True)
class Verified:
    """The quotes of one score that were said, as spans, and how many were not."""

    spans: tuple[Span, ...]
    kept: int
    dropped: int


def said_by_candidate(turns: Sequence[Turn]) -> tuple[Said, ...]:
    """Prepare the candidate's turns to look quotes up in."""
    return tuple(Said(turn.seq, turn.question_id, fold(turn.text)) for turn in turns if _by_candidate(turn))


def verify(quotes: Iterable[str], said: Sequence[Said]) -> Verified:
    """Look each quote up in what the candidate said; spans come once, in the order given, at most `MAX_SPANS`."""
    spans: list[Span] = []
    kept = dropped = 0
    for quote in quotes:
        found = _find(quote, said)
        kept += bool(found)
        dropped += not found
        spans += [span for span in found if not any(other.covers(span) for other in spans)]
    return Verified(tuple(spans[:MAX_SPANS]), kept, dropped)


def without_false_quotes(text: str, said: Sequence[Said]) -> tuple[str, int]:
    """Leave out of a text what stands in quotation marks but was not said; return how many those were."""
    dropped = 0

    def checked(match: re.Match[str]) -> str:
        nonlocal dropped
        words = next(group for group in match.groups() if group is not None)
        if count_words(words) < _MIN_QUOTED_WORDS or verify([words], said).kept:
            return match.group()
        dropped += 1
        return _LEFT_OUT

    return _QUOTED.sub(checked, text), dropped


def said_at(turn: Turn, start: int) -> datetime:
    """Return when the character at `start` was said: its word's time, or else its share of the turn's
    length.
    """
    if turn.kind is TurnKind.TYPED:
        return turn.started_at
    best: datetime | None = None
    cursor = 0
    for word in turn.words:
        pattern = re.compile(rf"(?<!\w){re.escape(word.text)}(?!\w)", re.IGNORECASE)
        match = pattern.search(turn.text, cursor)
        if match is None:
            continue
        if match.start() > start:
            break
        best, cursor = word.started_at, match.end()
    if best is not None:
        return best
    return turn.started_at + (turn.ended_at - turn.started_at) * (start / max(len(turn.text), 1))


def _by_candidate(turn: Turn) -> bool:
    return turn.speaker is Speaker.CANDIDATE


def _find(quote: str, said: Sequence[Said]) -> tuple[Span, ...]:
    """Find a quote whole, or, where it marks omissions, every one of its parts; nothing when a part is
    missing.
    """
    whole = _find_words(quote, said)
    if whole:
        return whole
    parts = [part for part in _OMISSION.split(quote) if fold(part).text]
    if len(parts) < 2 or min(map(count_words, parts)) < _MIN_PART_WORDS:
        return ()
    found = [_find_words(part, said) for part in parts]
    return tuple(span for spans in found for span in spans) if all(found) else ()


def _find_words(quote: str, said: Sequence[Said]) -> tuple[Span, ...]:
    wanted = fold(quote).text
    if not wanted:
        return ()
    for one in said:
        at = _position(wanted, one.folded)
        if at is not None:
            return (_span(one, at, at + len(wanted)),)
    for run in _runs(said):
        spans = _find_across(wanted, run)
        if spans:
            return spans
    return ()


def _find_across(wanted: str, run: Sequence[Said]) -> tuple[Span, ...]:
    """Find a quote that goes over the border of turns that belong together: one span for each turn it
    touches.
    """
    text, origin, begins = "", [], []
    for one in run:
        if text:
            text += GAP
            origin.append(-1)
        begins.append(len(text))
        text += one.folded.text
        origin.extend(one.folded.origin)
    at = _position(wanted, Folded(text, tuple(origin)))
    if at is None:
        return ()
    end = at + len(wanted)
    spans = []
    for one, begin in zip(run, begins, strict=True):
        first = max(at, begin) - begin
        last = min(end, begin + len(one.folded.text)) - begin
        if first < last:
            spans.append(_span(one, first, last))
    return tuple(spans)


def _runs(said: Sequence[Said]) -> list[list[Said]]:
    """Group turns, that follow one another under the same question, in runs of two and more."""
    runs: list[list[Said]] = [[one] for one in said[:1]]
    for before, one in pairwise(said):
        if one.question_id == before.question_id:
            runs[-1].append(one)
        else:
            runs.append([one])
    return [run for run in runs if len(run) > 1]


def _span(one: Said, first: int, last: int) -> Span:
    """Turn folded positions into characters of the stored text, leaving out a gap at either end."""
    while one.folded.text[first] == GAP:
        first += 1
    while one.folded.text[last - 1] == GAP:
        last -= 1
    return Span(one.seq, one.folded.origin[first], one.folded.origin[last - 1] + 1)


def _position(wanted: str, folded: Folded) -> int | None:
    """Return where `wanted` stands as whole words, or None."""
    at = folded.text.find(wanted)
    while at >= 0:
        if _parts_words(folded, at) and _parts_words(folded, at + len(wanted)):
            return at
        at = folded.text.find(wanted, at + 1)
    return None


def _parts_words(folded: Folded, at: int) -> bool:
    """Tell whether a quote may begin or end at `at`: between words, or between characters of an unspaced
    script.
    """
    text = folded.text
    if at in (0, len(text)) or GAP in text[at - 1 : at + 1]:
        return True
    if folded.origin[at - 1] == folded.origin[at] or unicodedata.category(text[at])[0] == "M":
        return False
    return is_unspaced(text[at - 1]) or is_unspaced(text[at])
