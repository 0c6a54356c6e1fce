"""Bodies of opening an invite link."""

from typing import Annotated

from pydantic import Field

from control_api.schemas import Answer, Body
from interview.consent import ConsentQuestion
from interview.record import Moment
from interview.session import ConsentItem, Status


class OpenRequest(Body):
    """The secret from the link, the part after `#`."""

    secret: Annotated[str, Field(min_length=16, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]


class ConsentAsked(Answer):
    """What is asked, in which version of the words, and what was answered already."""

    text_version: str
    introduction: str
    """One paragraph a line."""
    questions: tuple[ConsentQuestion, ...]
    given: dict[ConsentItem, bool] | None


class SeatAnswer(Answer):
    """What a candidate sees first."""

    session_id: str
    title: str
    status: Status
    language: str
    duration_s: int
    question_count: int
    records_audio: bool
    watches_camera: bool
    captions: bool
    """Whether captions are shown from the start."""
    typing_only: bool
    """Whether answers are typed, and no microphone is asked for."""
    not_before: Moment | None
    not_after: Moment
    consent: ConsentAsked
