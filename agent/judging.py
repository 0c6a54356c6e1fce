"""Asks the model whether an answer is complete, and for one probing question. It decides nothing else."""

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from agent.dialogue.actions import Judge
from agent.dialogue.events import Judged, JudgingFailed
from agent.dialogue.follow_ups import fair
from interview import prompts
from interview.errors import ProviderError
from interview.record import Record, Text
from providers.chat import Chat

log = logging.getLogger(__name__)

PROMPT_VERSION = 2
_MAX_TOKENS = 90
_MAX_ANSWER_CHARS = 4000


class AnswerJudgement(Record):
    """What the model returns."""

    complete: bool
    missing: Annotated[Text, Field(max_length=200)]
    follow_up: Annotated[Text, Field(max_length=300)]


class Judging:
    """One judgement at a time; a new one replaces the old. Results go to `tell` as events.

    `since` returns the present time in the dialogue's seconds; `language` is the one that is spoken.
    """

    def __init__(
        self,
        chat: Chat,
        tell: Callable[[Judged | JudgingFailed], None],
        since: Callable[[], float],
        language: str = "en",
    ) -> None:
        self._chat = chat
        self._tell = tell
        self._since = since
        self._language = language
        self._task: asyncio.Task[None] | None = None
        self.asked = 0
        self.late = 0
        self.failed = 0
        self.unfair = 0
        """Questions of the model's that were not asked, for being two in one, leading, or asked before."""

    def start(self, judge: Judge) -> None:
        """Begin a judgement; one that is under way is cancelled, which frees the model at once."""
        self.cancel()
        self.asked += 1
        self._task = asyncio.create_task(self._run(judge), name=f"judge-{judge.judge_id}")

    def cancel(self) -> None:
        """Drop the judgement that is under way."""
        if self._task and not self._task.done():
            self.late += 1
            self._task.cancel()

    async def aclose(self) -> None:
        """Cancel and wait."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, judge: Judge) -> None:
        asked = "".join(f"\nAlready asked: {text}" for text in judge.asked)
        wanted = f"\nA full answer: {judge.wanted}" if judge.wanted else ""
        # what grows stands last, so that a server which keeps the beginning of a prompt reads only what is new
        user = f"Question: {judge.question}{wanted}{asked}\nAnswer: {judge.answer[-_MAX_ANSWER_CHARS:]}"
        try:
            reply, _ = await self._chat.structured(
                name="answer_judgement",
                system=prompts.load_for("answer_judgement", PROMPT_VERSION, self._language),
                user=user,
                schema=AnswerJudgement,
                max_tokens=_MAX_TOKENS,
            )
        except ProviderError as error:
            self.failed += 1
            log.warning("judgement %d failed: %s", judge.judge_id, error.code)
            self._tell(JudgingFailed(at_s=self._since(), judge_id=judge.judge_id))
            return
        follow_up = "" if reply.complete else fair(reply.follow_up, (judge.question, *judge.asked))
        if not reply.complete and not follow_up:
            self.unfair += 1
            log.info("judgement %d: the question that the model proposed is not asked", judge.judge_id)
        self._tell(
            Judged(
                at_s=self._since(),
                judge_id=judge.judge_id,
                complete=reply.complete or not follow_up,
                follow_up=follow_up,
                words=judge.words,
            )
        )
