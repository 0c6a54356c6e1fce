"""What several independent passes of the model come to: one level with its evidence, or why there is none. Pure.

Each pass reads the same evidence in another order. How far they agree is how far a level can be relied on; where they
are two levels apart there is no level at all, since then the reading says more about the model than about the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from reports.quotes import MAX_SPANS, Said, Span, said_by_candidate, verify, without_false_quotes
from reports.scores import CompetencyScore, Evidence, Score
from reports.words import storable

MAX_SPREAD = 1
"""Passes may differ by so many levels."""
NO_EVIDENCE = "None of the model's evidence occurs in the transcript."
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True)
class Verdict:
    """What stands of the passes of one competency."""

    level: int | None = None
    not_scorable: str = ""
    reason: str = ""
    spans: tuple[Span, ...] = ()
    kept: int = 0
    """Quotes of all passes that were said."""
    dropped: int = 0
    """Those that nobody said, in the reasons too."""
    levels: tuple[int, ...] = ()
    """Of each pass whose evidence stands."""
    agreement: float = 0.0
    """What share of the passes that were asked for gave this level."""


@dataclass(frozen=True)
class _Pass:
    level: int
    reason: str
    spans: tuple[Span, ...]
    kept: int
    dropped: int

    @property
    def stands(self) -> bool:
        """A level above 1 claims evidence, so it does not stand without a quote; level 1 says that there is none."""
        return self.level == 1 or bool(self.spans)


def verdict(evidence: Evidence, score: Score) -> Verdict:
    """Put the evidence of every pass to the proof, and see on what those that stand agree.

    The level is the median, of two the lower one: what is not fully met in one reading is not fully met. Its reason and
    quotes are those of the passes that gave it.
    """
    said = said_by_candidate(evidence.turns)
    passes = [_proved(reply, said) for reply in score.replies]
    kept, dropped = sum(one.kept for one in passes), sum(one.dropped for one in passes)
    standing = [one for one in passes if one.stands]
    levels = tuple(one.level for one in standing)
    why = score.not_scorable or _why_not(score, passes, levels)
    if why:
        spans = _spans(passes)
        return Verdict(not_scorable=why, spans=spans, kept=kept, dropped=dropped, levels=levels)
    level = median_low(levels)
    own = [one for one in standing if one.level == level]
    return Verdict(
        level=level,
        reason=own[0].reason,
        spans=_spans(own),
        kept=kept,
        dropped=dropped,
        levels=levels,
        agreement=round(len(own) / score.passes, 4),
    )


def _proved(reply: CompetencyScore, said: Sequence[Said]) -> _Pass:
    proof = verify(reply.quotes, said)
    reason, invented = without_false_quotes(storable(reply.reason), said)
    return _Pass(reply.level, reason, proof.spans, proof.kept, proof.dropped + invented)


def _why_not(score: Score, passes: Sequence[_Pass], levels: tuple[int, ...]) -> str:
    asked = score.passes
    enough = asked // 2 + 1
    if not passes:
        return "It was not scored."
    if not levels:
        return NO_EVIDENCE
    if len(passes) < enough:
        return f"The language model gave a usable score in {len(passes)} of {asked} passes only."
    if len(levels) < enough:
        return f"The model's evidence occurs in the transcript in {len(levels)} of {asked} passes only."
    if max(levels) - min(levels) > MAX_SPREAD:
        apart = _NUMBERS[max(levels) - min(levels)]
        shown = ", ".join(map(str, levels))
        return f"Repeated scoring disagrees by {apart} levels ({shown}): a person has to read the answers."
    return ""


def _spans(passes: Sequence[_Pass]) -> tuple[Span, ...]:
    """Return the places that the passes quote, each once and none within another, at most `MAX_SPANS`."""
    found: list[Span] = []
    for span in (span for one in passes for span in one.spans):
        if not any(other.covers(span) for other in found):
            found.append(span)
    return tuple(found[:MAX_SPANS])
