"""A candidate's résumé: the file that was handed in, and the text in it from which questions may be drawn."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.record import Moment, Record, Text

MAX_RESUME_BYTES = 10_000_000
MAX_RESUME_CHARS = 50_000


class ResumeKind(StrEnum):
    """What the file is, by its content; neither its name nor the type that was sent with it decides."""

    PDF = "pdf"
    DOCX = "docx"
    TEXT = "text"


MEDIA_TYPES = {
    ResumeKind.PDF: "application/pdf",
    ResumeKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ResumeKind.TEXT: "text/plain",
}


class ResumeState(StrEnum):
    """Whether it is still needed."""

    KEPT = "kept"
    OVER = "over"
    """Its session has ended: it goes with the report's being ready."""


class Resume(Record):
    """One session's résumé; a new one takes its place. `text` is encrypted at rest, as the file is."""

    session_id: str
    kind: ResumeKind
    size_bytes: Annotated[int, Field(ge=1, le=MAX_RESUME_BYTES)]
    pages: Annotated[int, Field(ge=1)] | None = None
    """Of a PDF; the other kinds have none until somebody prints them."""
    text: Annotated[Text, Field(min_length=1, max_length=MAX_RESUME_CHARS)]
    file_id: str
    """Among the encrypted files."""
    uploaded_at: Moment
    uploaded_by: str
    """ "candidate", or the user id of whoever handed it in for them."""
    state: ResumeState = ResumeState.KEPT
    schema_version: int = 1
