"""Scoring: one call of the model for each competency that has evidence enough."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from interview.errors import ProviderError, ProviderUnavailable
from interview.plan import Plan
from interview.transcript import Turn
from providers.chat import Chat
from reports.scores import (
    PROMPT,
    CompetencyScore,
    Evidence,
    Score,
    evidence_of,
    system_prompt,
    too_thin,
    user_message,
)

log = logging.getLogger(__name__)

MAX_TOKENS = 160

OnProgress = Callable[[str], Awaitable[None]]


async def score_all(
    chat: Chat, plan: Plan, turns: Sequence[Turn], *, deadline_s: float, on_progress: OnProgress
) -> tuple[Score, ...]:
    """Score the plan's competencies one after the other; `deadline_s` bounds each.

    One that fails is not scorable and leaves the others alone. `on_progress` is awaited with words before
    each.
    """
    scores: list[Score] = []
    evidence = evidence_of(plan, turns)
    for number, one in enumerate(evidence, start=1):
        await on_progress(f"scoring {number} of {len(evidence)}")
        scores.append(await _score(chat, one, deadline_s))
    return tuple(scores)


async def _score(chat: Chat, evidence: Evidence, deadline_s: float) -> Score:
    competency_id = evidence.competency.id
    thin = too_thin(evidence)
    if thin:
        return Score(competency_id, not_scorable=thin)
    try:
        reply, usage = await chat.structured(
            name=PROMPT,
            system=system_prompt(evidence.competency),
            user=user_message(evidence),
            schema=CompetencyScore,
            max_tokens=MAX_TOKENS,
            priority="background",
            deadline_s=deadline_s,
        )
    except ProviderError as error:
        log.warning("competency %s was not scored: %s", competency_id, error.message)
        unavailable = isinstance(error, ProviderUnavailable)
        why = "The language model could not be reached." if unavailable else "The language model gave no usable score."
        return Score(competency_id, not_scorable=why, unavailable=unavailable, called=True)
    return Score(
        competency_id,
        reply=reply,
        model=usage.model,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        called=True,
    )
