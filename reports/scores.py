"""What is put before the model to be scored, and what comes back. Pure: `scoring` makes the calls."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from interview import prompts
from interview.instructions import WITHHELD, without_instructions
from interview.plan import Competency, Plan
from interview.transcript import LineKind, Speaker, Turn
from reports.words import count_words, total_words

PROMPT = "competency_score"
PROMPT_VERSION = 1
MIN_WORDS = 8
"""Less than this is no evidence: the model is not asked."""
MIN_CONFIDENCE = 0.4
"""Below this the transcript cannot be relied on."""
MAX_WORDS = 2000
"""What of a competency's answers is put before the model, at most."""
_MAX_WORD_CHARS = 12
"""Bounds the cut in scripts without spaces, and against endless words."""
_SHOWN_LINES = frozenset({LineKind.QUESTION, LineKind.FOLLOW_UP})
_NOTHING_ELSE = re.compile(rf"(?:^|(?<=[.?!…\n。！？]))\s{{0,3}}{re.escape(WITHHELD)}[.?!…。！？]*(?=\s|$)")
"""A sentence of which nothing is left. Bounded: a text of nothing but line breaks must not take long."""
_FENCES = str.maketrans({"<": "‹", ">": "›"})


class CompetencyScore(BaseModel):
    """The model's reply. Evidence comes before the level, so that the level follows from it."""

    model_config = ConfigDict(extra="forbid")

    quotes: Annotated[list[str], Field(max_length=4)]
    reason: str
    level: Annotated[int, Field(ge=1, le=5)]


@dataclass(frozen=True)
class Evidence:
    """One competency with all turns that were spoken under its questions."""

    competency: Competency
    question_ids: tuple[str, ...]
    turns: tuple[Turn, ...]

    @cached_property
    def answers(self) -> list[Turn]:
        """The candidate's turns."""
        return [turn for turn in self.turns if turn.speaker is Speaker.CANDIDATE]

    @cached_property
    def words(self) -> int:
        """How many words the candidate said."""
        return total_words(turn.text for turn in self.answers)

    @cached_property
    def told_words(self) -> int:
        """How many of them are no instructions to the model."""
        return total_words(told(turn.text).replace(WITHHELD, "") for turn in self.answers)


@dataclass(frozen=True)
class Score:
    """What became of one competency: what the model replied in each pass, or why there is nothing."""

    competency_id: str
    replies: tuple[CompetencyScore, ...] = ()
    """Of the passes that gave a usable one, in their order."""
    passes: int = 1
    """How many were asked for."""
    not_scorable: str = ""
    unavailable: bool = False
    """The model could not be reached: another attempt may succeed."""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    """How often the model was asked now; what was known from an earlier attempt does not count."""


def under_way(plan: Plan) -> tuple[Score, ...]:
    """Return what stands in the place of scores while they are made."""
    return tuple(Score(one.id, not_scorable="Its scoring is under way.") for one in plan.competencies)


def evidence_of(plan: Plan, turns: Sequence[Turn]) -> tuple[Evidence, ...]:
    """Sort the turns by competency, in the plan's order."""
    gathered = []
    for competency in plan.competencies:
        ids = tuple(question.id for question in plan.questions if question.competency == competency.id)
        gathered.append(Evidence(competency, ids, tuple(turn for turn in turns if turn.question_id in ids)))
    return tuple(gathered)


def too_thin(evidence: Evidence) -> str:
    """Say why this evidence cannot be scored at all; empty where it can."""
    if not evidence.question_ids:
        return "No question of the plan is about it."
    if not evidence.answers:
        return "Nothing was said about it."
    if evidence.told_words < MIN_WORDS:
        return f"Too little was said: {evidence.told_words} of at least {MIN_WORDS} words."
    sure = confidence(evidence.answers)
    if sure is not None and sure < MIN_CONFIDENCE:
        return f"The transcription is too unsure (confidence {sure:.2f} of at least {MIN_CONFIDENCE:.2f})."
    return ""


def told(text: str) -> str:
    """Return what was said without instructions to the model.

    A sentence that was nothing else leaves no mark: even that moves the level that a small model gives
    (docs/decisions/0015-scoring.md).
    """
    return _NOTHING_ELSE.sub("", without_instructions(text)).strip()


def confidence(turns: Sequence[Turn]) -> float | None:
    """Return the transcription confidence of turns, weighted by their words; None where none is known."""
    known = [
        (turn.confidence, count_words(turn.text))
        for turn in turns
        if turn.speaker is Speaker.CANDIDATE and turn.confidence is not None
    ]
    words = sum(weight for _, weight in known)
    return round(sum(value * weight for value, weight in known) / words, 4) if words else None


def system_prompt(competency: Competency) -> str:
    """Write the system prompt of one competency."""
    rubric = "\n".join(f"{level} {words}" for level, words in enumerate(competency.rubric, start=1))
    return prompts.load(PROMPT, PROMPT_VERSION).format(competency=competency.name, rubric=rubric)


def in_another_order(evidence: Evidence, seed: int) -> Evidence:
    """Return the evidence with its questions in an order that follows from `seed`; 0 is as it was said.

    A question stays with its follow-ups and answers. Of a single question the exchanges change places instead: each
    begins with what the interviewer asked. How a level depends on the order is a part of how uncertain it is.
    """
    if not seed:
        return evidence
    blocks: list[list[Turn]] = []
    single = len({turn.question_id for turn in evidence.turns}) == 1
    for turn in evidence.turns:
        same = bool(blocks) and blocks[-1][-1].question_id == turn.question_id
        if not same or (single and turn.line in _SHOWN_LINES):
            blocks.append([])
        blocks[-1].append(turn)
    order = random.Random(f"{evidence.competency.id} {len(blocks)} {seed}")
    order.shuffle(blocks)
    return replace(evidence, turns=tuple(turn for block in blocks for turn in block))


def user_message(evidence: Evidence) -> str:
    """Write the questions and answers, one line a turn, the answers cut at `MAX_WORDS` in all.

    A turn cannot open a line of its own, nor close the fence: its line breaks become spaces and its angle
    brackets look-alikes. Instructions to the model are left out.
    """
    lines = ["<transcript>"]
    left = MAX_WORDS
    for turn in evidence.turns:
        words = told(turn.text).translate(_FENCES).split()
        if turn.speaker is Speaker.CANDIDATE and words and left > 0:
            said = " ".join(words[:left])[: left * _MAX_WORD_CHARS]
            left -= count_words(said)
            lines.append(f"Candidate: {said}")
        elif turn.line in _SHOWN_LINES:
            lines.append(f"Interviewer: {' '.join(words)}")
    return "\n".join([*lines, "</transcript>"])


def is_cut(evidence: Evidence) -> bool:
    """Tell whether the model sees only the first part of the answers."""
    return evidence.words > MAX_WORDS
