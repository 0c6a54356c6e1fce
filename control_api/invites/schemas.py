"""Bodies of opening an invite link."""

from typing import Annotated

from pydantic import Field, StrictBool

from control_api.invites.links import InviteState
from control_api.outgoing.invites import MailState
from control_api.schemas import Answer, Body
from control_api.sessions.consent_schemas import ConsentAsked
from interview.record import Moment
from interview.session import Status


class OpenRequest(Body):
    """The secret from the link, the part after `#`."""

    secret: Annotated[str, Field(min_length=16, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]


class InviteRequest(Body):
    """Whether to mail the candidate what was done, where mail is configured."""

    send: StrictBool = False


class LinksAnswer(Answer):
    """How a session's links stand, taken together."""

    session_id: str
    state: InviteState
    created_at: Moment | None
    first_opened_at: Moment | None
    last_opened_at: Moment | None
    opened_count: int
    valid_until: Moment | None
    """Null: for as long as the session stays as it is, or not at all."""


class RenewAnswer(Answer):
    """The new link, shown this once."""

    session_id: str
    invite_url: str
    mail: MailState


class RevokeAnswer(Answer):
    """The links are withdrawn."""

    session_id: str
    mail: MailState


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
