"""Whether there is still anything to judge."""

from interview.errors import NotFound
from interview.session import Session


def check_is_there(session: Session) -> None:
    """Raise `NotFound` (`session_deleted`) where it was deleted or anonymised: nothing more is stored about it."""
    if not session.is_kept:
        raise NotFound(
            "this session was deleted or anonymised; nothing more is stored about it", code="session_deleted"
        )
