"""Bodies of `/api/plans`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictInt

from control_api.schemas import Answer, Body
from interview.engines import EngineKind
from interview.incident_kind import IncidentKind
from interview.plan import DEFAULT_RUBRIC, PlanContent
from interview.record import Line, Moment
from interview.rules import RulesFile
from interview.signals import SIGNALS, Sense
from interview.stored_plan import Sharing, StoredPlan


class Which(StrEnum):
    """Which plans a list shows."""

    OWN = "own"
    """One's own; for an admin everybody's."""
    SHARED = "shared"
    READY = "ready"
    ARCHIVED = "archived"
    """One's own, taken out of use; for an admin everybody's."""


class PlanRequest(Body):
    """A new plan. `shared` lets every recruiter read and use it."""

    plan: PlanContent
    shared: StrictBool = False


class PlanUpdateRequest(Body):
    """The next version of a plan; `version` is the one that was edited. Without `shared` that stays as it is."""

    plan: PlanContent
    version: Annotated[StrictInt, Field(ge=1, le=2**31)]
    shared: StrictBool | None = None


class CloneRequest(Body):
    """A copy of one's own; without a title it has that of the original."""

    title: Annotated[Line, Field(max_length=200)] | None = None


class PlanAnswer(Answer):
    """A plan in one version. `latest_version` is the one to edit."""

    plan_id: str
    owner_id: str
    shared: bool
    ready_made: bool
    version: int
    latest_version: int
    plan: PlanContent
    created_at: Moment
    updated_at: Moment
    archived_at: Moment | None

    @classmethod
    def of(cls, plan: StoredPlan, *, version: int | None = None, content: PlanContent | None = None) -> Self:
        """Show a plan, as it is now or as it was in `version`."""
        return cls(
            plan_id=plan.plan_id,
            owner_id=plan.owner_id,
            shared=plan.sharing is Sharing.SHARED,
            ready_made=plan.is_ready_made,
            version=version or plan.version,
            latest_version=plan.version,
            plan=content or plan.content,
            created_at=plan.created_at,
            updated_at=plan.updated_at,
            archived_at=plan.archived_at,
        )


class PlanRow(Answer):
    """A plan in a list."""

    plan_id: str
    owner_id: str
    shared: bool
    ready_made: bool
    version: int
    title: str
    job_role: str
    language: str
    duration_s: int
    question_count: int
    competency_count: int
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, plan: StoredPlan) -> Self:
        """Show a plan in a list."""
        content = plan.content
        return cls(
            plan_id=plan.plan_id,
            owner_id=plan.owner_id,
            shared=plan.sharing is Sharing.SHARED,
            ready_made=plan.is_ready_made,
            version=plan.version,
            title=content.title,
            job_role=content.job_role,
            language=content.language,
            duration_s=content.duration_s,
            question_count=len(content.questions),
            competency_count=len(content.competencies),
            created_at=plan.created_at,
            updated_at=plan.updated_at,
        )


class PlanPage(Answer):
    """A page of plans, newest first. `next_cursor` goes into `cursor` for the next page; null on the last."""

    plans: list[PlanRow]
    next_cursor: str | None


class KindChoice(Answer):
    """How the house judges one kind of incident where a plan says nothing else, and what a plan may say."""

    kind: IncidentKind
    threshold: float
    after_s: float
    lowest: float
    highest: float
    sense: Sense
    """On which side of `threshold` the condition holds."""


class PlanChoices(Answer):
    """What a plan may name in this house: languages, providers by what they do, and kinds of incidents.

    `general_rubric` is that of a competency which brings none of its own.
    """

    languages: list[str]
    engines: dict[EngineKind, list[str]]
    kinds: list[KindChoice]
    general_rubric: list[str]

    @classmethod
    def of(cls, languages: list[str], engines: Mapping[EngineKind, list[str]], rules: RulesFile) -> Self:
        """Show what there is."""
        kinds = [
            KindChoice(
                kind=kind,
                threshold=rules.kinds[kind].threshold,
                after_s=rules.kinds[kind].after_s,
                lowest=SIGNALS[kind].lowest,
                highest=SIGNALS[kind].highest,
                sense=SIGNALS[kind].sense,
            )
            for kind in IncidentKind
        ]
        return cls(languages=languages, engines=dict(engines), kinds=kinds, general_rubric=[*DEFAULT_RUBRIC])
