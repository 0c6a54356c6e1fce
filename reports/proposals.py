"""What is put before the model for it to propose questions, and what of its reply is kept. Pure: `proposing` asks."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from interview import prompts
from interview.instructions import has_instruction, without_instructions
from interview.plan import Plan, QuestionSource
from interview.proposal import MAX_PASSAGE_CHARS, MAX_QUESTION_CHARS, ProposedQuestion
from interview.words import fold, is_unspaced
from reports.protected import is_protected
from reports.words import count_words

PROMPT = "question_proposals"
PROMPT_VERSION = 1
MAX_SOURCE_CHARS = 12_000
"""What of a source is put before the model, at most; about six pages."""
MIN_PASSAGE_WORDS = 2
_FENCES = str.maketrans({"<": "‹", ">": "›"})
_TWO_THINGS = re.compile(r",? and (?:how|what|why|which|who|when|where)\b", re.IGNORECASE)
_QUESTION_MARKS = re.compile(r"[?？؟]")


class Proposal(BaseModel):
    """One question of the model's reply. What it rests on comes first, so that the question follows from it."""

    model_config = ConfigDict(extra="forbid")

    source: Literal["resume", "job_description"]
    passage: str
    competency: str
    question: str


class QuestionProposals(BaseModel):
    """The model's reply."""

    model_config = ConfigDict(extra="forbid")

    questions: Annotated[list[Proposal], Field(max_length=40)]


@dataclass(frozen=True)
class Material:
    """What questions are drawn from, and what they must fit."""

    plan: Plan
    texts: Mapping[QuestionSource, str]
    limit: int


@dataclass(frozen=True)
class Accepted:
    """What is shown to the recruiter, and how much was left out, by reason."""

    questions: tuple[ProposedQuestion, ...]
    dropped: Mapping[str, int]


def system_prompt(material: Material) -> str:
    """Write the system prompt."""
    text = prompts.load(PROMPT, PROMPT_VERSION)
    return text.format(limit=material.limit, language=material.plan.language)


def user_message(material: Material) -> str:
    """Write the material, each part between tags that no text within can open or close.

    Instructions to the model are left out of what a candidate wrote, as they are of transcripts.
    """
    plan = material.plan
    parts = {
        "competencies": "\n".join(f"{one.id}: {one.name}. {one.description}".strip() for one in plan.competencies),
        "questions_there": "\n".join(question.text for question in plan.questions),
    }
    parts |= {str(source): without_instructions(_shown(text)) for source, text in material.texts.items()}
    return "\n".join(f"<{name}>\n{text.translate(_FENCES)}\n</{name}>" for name, text in parts.items())


def accept(reply: QuestionProposals, material: Material) -> Accepted:
    """Keep of the model's reply what may be shown, at most `material.limit`, numbered from 1."""
    kept: list[ProposedQuestion] = []
    dropped: Counter[str] = Counter()
    sources = {source: fold(_shown(text)).text for source, text in material.texts.items()}
    asked = {fold(question.text).text for question in material.plan.questions}
    for one in reply.questions:
        text, passage = " ".join(one.question.split()), " ".join(one.passage.split())
        source = QuestionSource(one.source)
        reason = (
            _wrong_with_words(text, asked)
            or _wrong_with_passage(passage, sources.get(source, ""))
            or ("" if one.competency in {known.id for known in material.plan.competencies} else "unknown_competency")
            or ("too_many" if len(kept) == material.limit else "")
        )
        if reason:
            dropped[reason] += 1
            continue
        asked.add(fold(text).text)
        kept.append(
            ProposedQuestion(number=len(kept) + 1, text=text, competency=one.competency, source=source, passage=passage)
        )
    return Accepted(tuple(kept), dict(dropped))


def _wrong_with_words(text: str, asked: set[str]) -> str:
    marks = _QUESTION_MARKS.findall(text)
    if not fold(text).text:
        return "empty"
    if len(text) > MAX_QUESTION_CHARS:
        return "too_long"
    if len(marks) > 1 or (marks and not _QUESTION_MARKS.match(text[-1])) or _TWO_THINGS.search(text):
        return "not_one_question"
    if is_protected(text):
        return "protected"
    if has_instruction(text):
        return "instruction"
    return "repeated" if fold(text).text in asked else ""


def _wrong_with_passage(passage: str, source: str) -> str:
    wanted = fold(passage).text
    if len(passage) > MAX_PASSAGE_CHARS:
        return "passage_too_long"
    if count_words(passage) < MIN_PASSAGE_WORDS:
        return "passage_too_short"
    # whole words, but in scripts that write no spaces between them
    spaced = not any(map(is_unspaced, wanted))
    found = f" {wanted} " in f" {source} " if spaced else wanted in source
    return "" if found else "passage_not_found"


def _shown(text: str) -> str:
    return text[:MAX_SOURCE_CHARS]
