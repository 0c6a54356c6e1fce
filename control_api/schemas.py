"""What request and answer bodies have in common."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, EmailStr, Field

from control_api.problems import Problem
from interview.record import Moment
from interview.session import Progress, Stage

PathId = Annotated[str, Path(max_length=128)]
"""An id in a path. Which of them name something is for the gate to say."""

GivenEmail = Annotated[EmailStr, Field(max_length=254)]
"""An email in a request; longer than this is none (RFC 5321)."""


class Body(BaseModel):
    """A request's body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answer(BaseModel):
    """An answer's body. What it always holds is required in the document, defaults or not."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class ProgressView(Answer):
    """How far the interview has come; `percent` is of the core questions."""

    answered: int
    total: int
    percent: int
    stage: Stage

    @classmethod
    def of(cls, progress: Progress) -> Self:
        """Show progress."""
        return cls(answered=progress.answered, total=progress.total, percent=progress.percent, stage=progress.stage)


def _written_out(value: Any) -> Any:
    if isinstance(value, str | datetime):
        return value
    raise ValueError("write the time as text, such as 2026-01-31T09:00:00Z")


def _sane_year(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2200:
        raise ValueError("the year is not between 2000 and 2200")
    return moment


GivenMoment = Annotated[Moment, BeforeValidator(_written_out), AfterValidator(_sane_year)]
"""A time in a request: ISO 8601 text with a zone, never a number."""


def codes(*problem_codes: str) -> dict[str, Any]:
    """Return an endpoint's `openapi_extra` that names the problem codes that are its own; docs/api.md says the same."""
    return {"x-problem-codes": sorted(problem_codes)}


PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": {"model": Problem}}
"""Makes the framework name our problem in the document, not its own; `document` says which come when."""
