"""One interview session: its record, and the table of legal moves between statuses."""

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, cast

from pydantic import EmailStr, Field, model_validator

from interview.accommodation import Accommodations
from interview.engines import MAX_ENGINE_CHANGES, Condition, EngineChange, conditions
from interview.outgoing import Announce
from interview.plan import ConsentItem, Plan
from interview.record import Line, Moment, Record, Text
from interview.usage import Usage


class Status(StrEnum):
    """Where a session stands (SPEC 1)."""

    INITIALIZED = "INITIALIZED"
    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    ABANDONED = "ABANDONED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    DELETED = "DELETED"


LEGAL: dict[Status, frozenset[Status]] = {
    Status.INITIALIZED: frozenset({Status.QUEUED, Status.IN_PROGRESS, Status.EXPIRED, Status.DELETED}),
    Status.QUEUED: frozenset(
        {Status.IN_PROGRESS, Status.PAUSED, Status.ABANDONED, Status.EXPIRED, Status.FAILED, Status.DELETED}
    ),
    Status.IN_PROGRESS: frozenset(
        {
            Status.PAUSED,
            Status.COMPLETED,
            Status.ABANDONED,
            Status.EXPIRED,
            Status.FAILED,
            Status.DELETED,
        }
    ),
    Status.PAUSED: frozenset(
        {
            Status.IN_PROGRESS,
            Status.QUEUED,
            Status.COMPLETED,
            Status.ABANDONED,
            Status.EXPIRED,
            Status.FAILED,
            Status.DELETED,
        }
    ),
    Status.COMPLETED: frozenset({Status.DELETED}),
    Status.ABANDONED: frozenset({Status.DELETED}),
    Status.EXPIRED: frozenset({Status.DELETED}),
    Status.FAILED: frozenset({Status.QUEUED, Status.IN_PROGRESS, Status.EXPIRED, Status.DELETED}),
    Status.DELETED: frozenset(),
}
"""The one table of legal moves: from → to."""

ENDED = frozenset({Status.COMPLETED, Status.ABANDONED, Status.EXPIRED, Status.FAILED, Status.DELETED})
STARTED = frozenset({Status.IN_PROGRESS, Status.PAUSED})


def sources_of(target: Status) -> frozenset[Status]:
    """Return the statuses from which `target` may be reached."""
    return frozenset(source for source, targets in LEGAL.items() if target in targets)


class Stage(StrEnum):
    """The part of the interview that is going on."""

    NOT_STARTED = "not_started"
    GREETING = "greeting"
    WARM_UP = "warm_up"
    QUESTIONS = "questions"
    CANDIDATE_QUESTIONS = "candidate_questions"
    CLOSE = "close"
    DONE = "done"


BY_CANDIDATE = "candidate"
"""Who answered, where it was the candidate themselves."""


class ConsentEntry(Record):
    """One answer to one item, as proof: what was said, to which words, when, and by whom."""

    item: ConsentItem
    agreed: bool
    text_version: Annotated[Line, Field(max_length=32)]
    at: Moment
    by: str
    """ "candidate", or the user id of an owner who vouches."""


class Consent(Record):
    """What is agreed to now, to which text, when it was given, and by whom, as in `ConsentEntry.by`.

    `entries` holds each answer, in order: first those given before the start, then what was withdrawn since.
    """

    items: dict[ConsentItem, bool]
    text_version: Annotated[Line, Field(max_length=32)]
    given_at: Moment
    given_by: str
    entries: tuple[ConsentEntry, ...] = ()

    @property
    def is_the_candidates(self) -> bool:
        """Tell whether the candidate answered any of it themselves: then nobody vouches for something else."""
        return BY_CANDIDATE in {self.given_by, *(entry.by for entry in self.entries)}


def searchable_email(email: str) -> str:
    """Return the form in which an email is looked for: in lower case, composed (NFC), without space around it."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def searchable(text: str) -> str:
    """Return the form in which a part of a name or email is looked for: without case or ways of writing it (NFKC)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


class Candidate(Record):
    """Whom the session is for."""

    name: Annotated[Line, Field(max_length=200)]
    email: EmailStr


class HistoryEntry(Record):
    """One move between statuses. `by` is a role and an id, never a name or an email."""

    at: Moment
    source: Status | None
    target: Status
    by: str
    reason: Annotated[Text, Field(max_length=200)] = ""


class Progress(Record):
    """How far the interview has come."""

    answered: Annotated[int, Field(ge=0)] = 0
    total: Annotated[int, Field(ge=0)]
    stage: Stage = Stage.NOT_STARTED
    question_id: str | None = None

    @property
    def percent(self) -> int:
        """Whole per cent of the core questions that were answered."""
        return 100 * self.answered // self.total if self.total else 0


class Presence(Record):
    """When the candidate was last seen to come and to go, by LiveKit's webhooks or by the agent."""

    joined_at: Moment | None = None
    first_joined_at: Moment | None = None
    left_at: Moment | None = None


class SeatChangeKind(StrEnum):
    """What came of opening the invite link in a second place."""

    TAKEN_OVER = "taken_over"
    """The second seat took over while the first was in use."""
    REFUSED = "refused"
    """It was refused, since the first was in use."""
    MOVED = "moved"
    """It took the place of a first that had not been used for some time."""


class SeatChange(Record):
    """A second seat: somebody opened the invite link elsewhere, while the session was open."""

    at: Moment
    kind: SeatChangeKind


MAX_SEAT_CHANGES = 50
"""Of one session, that are kept; the audit log has them all."""


class Seat(Record):
    """The browser in which the candidate opened the link. `seat_hash` is SHA-256 of what its cookie carries."""

    seat_hash: str
    taken_at: Moment
    used_at: Moment
    """When it was last seen, give or take half a minute."""


class AgentState(Record):
    """The interviewer's sign of life."""

    attempt: int
    heartbeat_at: Moment


class Aftercare(StrEnum):
    """What is still to be done about a session that has ended: its room, its seat, its report."""

    NONE = "none"
    DUE = "due"
    DONE = "done"


SESSION_SCHEMA = 2
"""2: `candidate_email`, `candidate_search`, `plan_id` and `retention_mark` (see `interview.storage.migrations`)."""


def _part_of(value: Any, field: str) -> str:
    """Return a text in a record, or in what one is made of; what is no text is found by the record's own rules."""
    part = cast(dict[str, Any], value).get(field) if isinstance(value, dict) else getattr(value, field, "")
    return part if isinstance(part, str) else ""


class Session(Record):
    """One interview. `attempt` is the fencing token: agents of older attempts match nothing when they write."""

    session_id: str
    owner_id: str
    candidate: Candidate
    candidate_email: str = ""
    """`candidate.email` as it is looked for; always derived from it."""
    candidate_search: str = ""
    """The candidate's email and name as parts of them are looked for; always derived from them."""
    reference: Annotated[Text, Field(max_length=100)] = ""
    """The owner's own, such as the number of an application."""
    plan: Plan
    plan_id: str = ""
    """`plan.plan_id` as it is looked for; always derived from it."""
    status: Status = Status.INITIALIZED
    livekit_room_name: str
    created_at: Moment
    updated_at: Moment
    not_before: Moment | None = None
    not_after: Moment
    """The last moment at which it can be started."""
    consent: Consent | None = None
    accommodations: Accommodations | None = None
    """This candidate's, instead of the plan's; read `adjustments`. Encrypted at rest."""
    attempt: int = 0
    started_at: Moment | None = None
    """When the interview began, or began anew after a failure."""
    dispatched_at: Moment | None = None
    """When the agents of this attempt were sent; None until they are."""
    clock_started_at: Moment | None = None
    """When the candidate first joined; the interview's time counts from here, pauses excluded."""
    paused_at: Moment | None = None
    """Since when it is paused, its wait for a seat afterwards included."""
    paused_total_s: float = 0
    extended_s: Annotated[int, Field(ge=0)] = 0
    """Time that was added to the plan's."""
    ticket: int | None = None
    """Its number in the queue; lower ones come first."""
    aftercare: Aftercare = Aftercare.NONE
    ended_at: Moment | None = None
    end_reason: Annotated[Text, Field(max_length=200)] = ""
    retention_mark: str | None = None
    """While retention is still to come: see `interview.retention.mark_of`."""
    anonymised_at: Moment | None = None
    progress: Progress
    evaluated_at: Moment | None = None
    """When the latest evaluation of an answer came, for those who watch; it stands in `evaluations`."""
    presence: Presence = Presence()
    agent: AgentState | None = None
    next_turn_seq: int = 0
    usage: Usage = Usage()
    """What providers were asked for, and what that cost; the report's making included."""
    engine_changes: Annotated[tuple[EngineChange, ...], Field(max_length=MAX_ENGINE_CHANGES)] = ()
    """How hearing, judging and speaking fared; read `conditions`."""
    history: tuple[HistoryEntry, ...] = ()
    announce: Announce = Announce.NOTHING
    """Whether its end has still to be told to the webhooks."""
    reminded_at: Moment | None = None
    """When the candidate was reminded of the invite, or nobody was found who wanted it."""
    seat: Seat | None = None
    seat_changes: Annotated[tuple[SeatChange, ...], Field(max_length=MAX_SEAT_CHANGES)] = ()
    redo_of: str | None = None
    """The session that this one repeats."""
    redo_reason: Annotated[Text, Field(max_length=200)] = ""
    redone_by: str | None = None
    """The session that repeats this one."""
    batch_id: str | None = None
    """The bulk invitation that made it."""
    schema_version: int = SESSION_SCHEMA

    @property
    def is_kept(self) -> bool:
        """Tell whether it still says whom it is about: it was neither erased nor anonymised."""
        return self.status is not Status.DELETED and self.anonymised_at is None

    @model_validator(mode="before")
    @classmethod
    def _derive_what_is_looked_for(cls, values: Any) -> Any:
        # not asked of whoever makes or copies a session, so that it can never differ from candidate and plan
        if not isinstance(values, dict):
            return values
        given = cast(dict[str, Any], values)
        email, name = (_part_of(given.get("candidate"), field) for field in ("email", "name"))
        plan_id = _part_of(given.get("plan"), "plan_id")
        derived = {
            "candidate_email": searchable_email(email),
            "candidate_search": f"{searchable(email)}\n{searchable(name)}",
            "plan_id": plan_id,
        }
        return {**given, **derived}

    def consents(self, item: ConsentItem) -> bool:
        """Tell whether `item` was agreed to."""
        return self.consent is not None and self.consent.items.get(item, False)

    def status_at(self, moment: datetime) -> Status:
        """Return the status that it had at a moment, by its history."""
        before = [entry.target for entry in self.history if entry.at <= moment]
        return before[-1] if before else Status.INITIALIZED

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The stretches in which hearing, judging or speaking was served by a fallback, or by nothing."""
        return conditions(self.engine_changes)

    @property
    def adjustments(self) -> Accommodations:
        """The accommodations that hold for this session."""
        return self.plan.accommodations if self.accommodations is None else self.accommodations

    @property
    def allowed_s(self) -> int:
        """How long the interview may take: the plan's time, this candidate's extra time, and what was added."""
        return self.adjustments.lengthened(self.plan.duration_s) + self.extended_s

    def attempt_at(self, moment: datetime) -> int:
        """Return the attempt that went on at a moment, or the last before it; 0 before the first."""
        return sum(entry.target is Status.IN_PROGRESS and entry.at <= moment for entry in self.history)

    @property
    def restarts(self) -> int:
        """How often the interview needed another interviewer, by its history; going on after a pause is none."""
        broken = (Status.IN_PROGRESS, Status.FAILED)
        return sum(entry.target is Status.IN_PROGRESS and entry.source in broken for entry in self.history)

    def began_at(self, attempt: int) -> datetime | None:
        """Return when an attempt began, by the history: each return to `IN_PROGRESS` is one. None if it did not."""
        starts = [entry.at for entry in self.history if entry.target is Status.IN_PROGRESS]
        return starts[attempt - 1] if 0 < attempt <= len(starts) else None

    @property
    def resumed_from_pause(self) -> bool:
        """Whether the present stretch of the interview followed a pause, a wait for a seat in between included."""
        moves = [entry for entry in self.history if entry.source is not entry.target]
        for entry in reversed(moves):
            if entry.source is Status.PAUSED:
                return True
            if entry.source is not Status.QUEUED:
                return False
        return False
