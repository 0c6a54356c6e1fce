"""Scoring: several independent passes of the model for each competency that has evidence enough."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from interview.errors import ProviderError, ProviderReplied, ProviderUnavailable
from interview.plan import Plan
from interview.transcript import Turn
from reports.asking import Answered, Asker, Question
from reports.scores import (
    PROMPT,
    PROMPT_VERSION,
    CompetencyScore,
    Evidence,
    Score,
    evidence_of,
    in_another_order,
    system_prompt,
    too_thin,
    user_message,
)

log = logging.getLogger(__name__)

MAX_TOKENS = 160
LATER_TEMPERATURE = 0.5
"""Of all passes but the first: they have to be able to come out differently where the order can change nothing."""

OnProgress = Callable[[str], None]
T = TypeVar("T")


async def score_all(
    asker: Asker,
    plan: Plan,
    turns: Sequence[Turn],
    *,
    passes: int,
    on_progress: OnProgress,
    known: Mapping[str, CompetencyScore] = {},
) -> tuple[Score, ...]:
    """Score the plan's competencies, each by so many passes; the asker bounds how many are asked at a time.

    One that fails is not scorable and leaves the others alone. `known` are first passes that were made already, by
    competency. `on_progress` is told in words before the first and after each.
    """
    evidence = evidence_of(plan, turns)
    done = 0

    async def counted(one: Evidence) -> Score:
        nonlocal done
        score = await _score(asker, one, passes, known.get(one.competency.id))
        done += 1
        on_progress(f"scoring {done}/{len(evidence)}")
        return score

    on_progress(f"scoring 0/{len(evidence)}")
    return tuple(await together([counted(one) for one in evidence]))


async def _score(asker: Asker, evidence: Evidence, passes: int, known: CompetencyScore | None) -> Score:
    competency_id = evidence.competency.id
    thin = too_thin(evidence)
    if thin:
        return Score(competency_id, not_scorable=thin)
    first = 0 if known is None else 1
    results = await together([_pass(asker, evidence, number) for number in range(first, passes)])
    answers = [result for result in results if isinstance(result, Answered)]
    faults = [result for result in results if isinstance(result, ProviderError)]
    replies = [*([] if known is None else [known]), *(answer.reply for answer in answers)]
    away = any(_is_away(fault) for fault in faults)
    why = "The language model could not be reached." if away else "The language model gave no usable score."
    return Score(
        competency_id,
        replies=tuple(replies),
        passes=passes,
        not_scorable="" if replies else why,
        unavailable=away,
        model=", ".join(sorted({answer.model for answer in answers})),
        prompt_tokens=sum(answer.prompt_tokens for answer in answers if answer.paid),
        completion_tokens=sum(answer.completion_tokens for answer in answers if answer.paid),
        calls=sum(answer.paid for answer in answers) + len(faults),
    )


async def _pass(asker: Asker, evidence: Evidence, number: int) -> Answered[CompetencyScore] | ProviderError:
    question = Question(
        PROMPT,
        PROMPT_VERSION,
        system=system_prompt(evidence.competency),
        user=user_message(in_another_order(evidence, number)),
        max_tokens=MAX_TOKENS,
        temperature=LATER_TEMPERATURE if number else 0.0,
        number=number,
    )
    try:
        return await asker.ask(question, CompetencyScore)
    except ProviderError as error:
        log.warning("competency %s, pass %d: %s", evidence.competency.id, number + 1, error.message)
        return error


def _is_away(error: ProviderError) -> bool:
    """Tell whether another attempt may succeed: nobody was there, or what answered was no model."""
    if isinstance(error, ProviderReplied):
        return bool(error.details.get("is_no_model"))
    return isinstance(error, ProviderUnavailable)


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Await all of it at once, in order; the first failure ends the rest and is raised as it is."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
