"""Reading what was corrected in a session, wherever it came from."""

from interview.corrections import ReadAs, all_of
from interview.storage import Storage


async def corrections_of(storage: Storage, session_id: str) -> tuple[ReadAs, ...]:
    """Return the corrections of a session's turns, the oldest first."""
    problems = await storage.problems.corrections_of(session_id)
    return all_of(problems, await storage.reviews.corrections.of(session_id))
