"""Answers that are kept, so that a call that creates something can be repeated without creating it twice."""

from enum import StrEnum

from interview.record import Moment, Record


class CallState(StrEnum):
    """How far a call has come."""

    DOING = "doing"
    DONE = "done"


class KeptCall(Record):
    """A call under an `Idempotency-Key`. `key_hash` is SHA-256 of user, operation and key.

    While it is being done it is `owner`'s until `lease_until`; whoever repeats it after that takes over, and completes
    what was begun under the same derived ids.
    """

    key_hash: str
    operation: str
    body_hash: str
    """SHA-256 of the key and the body: another body under the same key is refused."""
    state: CallState = CallState.DOING
    owner: str
    lease_until: Moment
    session_id: str = ""
    """The session that it makes, with which the answer is erased; empty where it makes several."""
    batch_id: str | None = None
    """The bulk invitation that is undone if this call dies and nobody repeats it."""
    answer: str | None = None
    """The body as it was sent; encrypted."""
    status_code: int | None = None
    created_at: Moment
    schema_version: int = 1
