"""What a simulated candidate says next, from what the screen shows and what it has said before. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum

from interview.session import Stage
from interview.transcript import LineKind
from local.persona import Persona, Phrase


class ReplyKind(StrEnum):
    """Why the candidate speaks."""

    WARM_UP = "warm_up"
    ANSWER = "answer"
    FOLLOW_UP_ANSWER = "follow_up_answer"
    NOTHING_TO_ADD = "nothing_to_add"
    CANDIDATE_QUESTIONS = "candidate_questions"
    BACKCHANNEL = "backchannel"


@dataclass(frozen=True)
class Cue:
    """What the page shows: the stage, the question, and what the interviewer's present line is for."""

    stage: Stage
    question_id: str | None = None
    line: LineKind | None = None


@dataclass(frozen=True)
class Reply:
    """One thing to say. `question_number` counts the plan's questions from 1; None outside of them."""

    kind: ReplyKind
    speech: tuple[Phrase, ...]
    question_number: int | None = None
    question_id: str | None = None
    typed: bool = False


@dataclass(frozen=True)
class Script:
    """What has been asked and said so far.

    `asked` are the question ids in the order in which they first came, which is the plan's order.
    """

    persona: Persona
    asked: tuple[str, ...] = ()
    said: tuple[Reply, ...] = ()

    def seeing(self, cue: Cue) -> "Script":
        """Return the script after the screen has shown `cue`."""
        if cue.stage is not Stage.QUESTIONS or cue.question_id is None or cue.question_id in self.asked:
            return self
        return replace(self, asked=(*self.asked, cue.question_id))

    def having_said(self, reply: Reply) -> "Script":
        """Return the script after `reply`."""
        return replace(self, said=(*self.said, reply))

    def interruption_s(self, cue: Cue) -> float | None:
        """Return how long after the interviewer began this question the candidate interrupts, if it does."""
        number = self._number(cue)
        if number is None or self._said(number, ReplyKind.ANSWER) or cue.line is not LineKind.QUESTION:
            return None
        return self.persona.questions[number - 1].interrupts_after_s

    def backchannel(self, cue: Cue) -> tuple[Reply, float] | None:
        """Return what to say while the interviewer asks this question, and how long after it began; None: nothing."""
        number = self._number(cue)
        if number is None or cue.line is not LineKind.QUESTION:
            return None
        question = self.persona.questions[number - 1]
        if not question.backchannel or self._said(number, ReplyKind.BACKCHANNEL):
            return None
        reply = Reply(ReplyKind.BACKCHANNEL, question.backchannel, number, cue.question_id)
        return reply, question.backchannel_after_s

    def reply_to(self, cue: Cue) -> Reply | None:
        """Return what to say now that the interviewer has finished, or None where nothing is expected."""
        if cue.stage is Stage.WARM_UP:
            return self._once(ReplyKind.WARM_UP, self.persona.warm_up)
        if cue.stage is Stage.CANDIDATE_QUESTIONS:
            return self._once(ReplyKind.CANDIDATE_QUESTIONS, self.persona.candidate_questions)
        number = self._number(cue)
        return None if number is None else self._answer(number, cue)

    def _answer(self, number: int, cue: Cue) -> Reply:
        question = self.persona.questions[number - 1]
        kind, speech, typed = ReplyKind.ANSWER, question.answer, question.typed
        if self._said(number, ReplyKind.ANSWER) and cue.line is not LineKind.REPEAT:
            kind, speech, typed = ReplyKind.FOLLOW_UP_ANSWER, question.follow_up_answer, False
            if not speech or self._said(number, ReplyKind.FOLLOW_UP_ANSWER):
                kind, speech = ReplyKind.NOTHING_TO_ADD, self.persona.nothing_to_add
        return Reply(kind, speech, number, cue.question_id, typed)

    def _once(self, kind: ReplyKind, speech: tuple[Phrase, ...]) -> Reply:
        if any(reply.kind is kind for reply in self.said):
            return Reply(ReplyKind.NOTHING_TO_ADD, self.persona.nothing_to_add)
        return Reply(kind, speech)

    def _number(self, cue: Cue) -> int | None:
        if cue.stage is not Stage.QUESTIONS or cue.question_id not in self.asked:
            return None
        number = self.asked.index(cue.question_id) + 1
        return number if number <= len(self.persona.questions) else None

    def _said(self, number: int, kind: ReplyKind) -> bool:
        return any(reply.question_number == number and reply.kind is kind for reply in self.said)
