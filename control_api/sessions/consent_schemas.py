"""Bodies of giving consent, and of taking it back."""

from typing import Annotated, Self

from pydantic import Field, StrictBool

from control_api.schemas import Answer, Body
from interview.consent import ConsentQuestion
from interview.record import Line
from interview.session import Consent, ConsentItem, Session, Status


class ConsentRequest(Body):
    """What is agreed to, each by itself; what is left out is not. `text_version` is that of the words shown."""

    items: Annotated[dict[ConsentItem, StrictBool], Field(min_length=1)]
    text_version: Annotated[Line, Field(max_length=32)]


class WithdrawRequest(Body):
    """Which consent is taken back."""

    items: Annotated[list[ConsentItem], Field(min_length=1, max_length=len(ConsentItem))]


class ConsentAsked(Answer):
    """What is asked, in which version of the words, and what was answered already."""

    text_version: str
    introduction: str
    """One paragraph a line."""
    questions: tuple[ConsentQuestion, ...]
    given: dict[ConsentItem, bool] | None


class ConsentAnswer(Answer):
    """What is recorded now. `message` is for the candidate, in their language, where the session ended by declining."""

    session_id: str
    status: Status
    consent: Consent
    message: str

    @classmethod
    def of(cls, session: Session, message: str = "") -> Self:
        """Show the consent of a session that has one."""
        assert session.consent is not None
        return cls(session_id=session.session_id, status=session.status, consent=session.consent, message=message)
