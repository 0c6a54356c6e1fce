"""Bodies of `/session/{session_id}/cv`."""

from typing import Literal, Self

from control_api.schemas import Answer
from interview.record import Moment
from interview.resume import Resume, ResumeKind
from interview.session import BY_CANDIDATE


class ResumeAnswer(Answer):
    """A résumé that was taken: what it is, never what it says. `characters` is how much text was found in it."""

    session_id: str
    kind: ResumeKind
    size_bytes: int
    pages: int | None
    """Of a PDF."""
    characters: int
    uploaded_at: Moment
    uploaded_by: Literal["candidate", "owner"]

    @classmethod
    def of(cls, resume: Resume) -> Self:
        """Show a résumé."""
        return cls(
            session_id=resume.session_id,
            kind=resume.kind,
            size_bytes=resume.size_bytes,
            pages=resume.pages,
            characters=len(resume.text),
            uploaded_at=resume.uploaded_at,
            uploaded_by="candidate" if resume.uploaded_by == BY_CANDIDATE else "owner",
        )
