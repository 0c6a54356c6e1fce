"""Who did or saw what. Append-only, and ids only: no name, no email, no text."""

from typing import Annotated

from pydantic import Field

from interview.record import Line, Moment, Record


class AuditEntry(Record):
    """One act. `actor` is `user:ID`, `candidate:SESSION_ID` or `system:PROCESS`; `subject` is what it was done to."""

    entry_id: str
    at: Moment
    actor: Annotated[Line, Field(max_length=120)]
    action: Annotated[Line, Field(max_length=80)]
    subject: Annotated[Line, Field(max_length=120)]
    schema_version: int = 1
