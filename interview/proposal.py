"""Questions that are proposed for one candidate: where a run of proposing stands, and what came of each question.

Nothing here is asked by itself: an approved question becomes part of its session's plan (`Session.plan`), which is the
only place from which questions are asked.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.plan import Id, QuestionSource
from interview.record import Line, Moment, Record, Text

MAX_PROPOSED = 10
"""Questions of one run."""
MAX_RUNS = 20
"""Of one session."""
MAX_APPROVED = 10
"""Questions of a candidate's own in one interview."""
MAX_QUESTION_CHARS = 300
MAX_PASSAGE_CHARS = 500

ProposedText = Annotated[Line, Field(max_length=MAX_QUESTION_CHARS)]


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class ProposedQuestion(Record):
    """One question that code has looked over; `passage` occurs in the source, word for word but for typography."""

    number: Annotated[int, Field(ge=1, le=MAX_PROPOSED)]
    text: ProposedText
    competency: Id
    source: QuestionSource
    passage: Annotated[Line, Field(max_length=MAX_PASSAGE_CHARS)]


class Decision(Record):
    """What the session's owner, or an admin, said to one question. `by` is a user id."""

    approved: bool
    at: Moment
    by: str


class ProposalRun(Record):
    """One run of proposing. The key is `session_id:version`; `questions` are encrypted at rest.

    `decisions` says who decided and when, by the question's number; whether a question is to be asked, and in which
    words, is in the session's plan alone.
    """

    session_id: str
    version: Annotated[int, Field(ge=1, le=MAX_RUNS)] = 1
    sources: tuple[QuestionSource, ...]
    """What it may draw from."""
    limit: Annotated[int, Field(ge=1, le=MAX_PROPOSED)]
    asked_at: Moment
    asked_by: str
    """A user id."""
    status: RunStatus = RunStatus.QUEUED
    owner: str | None = None
    """The worker that holds the lease."""
    lease_until: Moment | None = None
    attempts: Annotated[int, Field(ge=0)] = 0
    not_before: Moment
    """When it may be claimed: later than `asked_at` after a failure (backoff)."""
    ready_at: Moment | None = None
    failure: Annotated[Text, Field(max_length=500)] = ""
    questions: tuple[ProposedQuestion, ...] | None = None
    dropped: dict[str, int] = {}
    """How many proposals of the model were left out, by the reason."""
    model: str = ""
    prompt: str = ""
    decisions: dict[str, Decision] = {}
    schema_version: int = 1

    @property
    def run_id(self) -> str:
        """The derived id."""
        return f"{self.session_id}:{self.version}"

    def question(self, number: int) -> ProposedQuestion | None:
        """Return the question of that number, or None."""
        return next((one for one in self.questions or () if one.number == number), None)

    def question_id(self, number: int) -> str:
        """Return the id that the question has in the plan. Of no other session: a redo takes its plan along."""
        return f"own-{self.session_id[:8]}-{self.version}-{number}"
