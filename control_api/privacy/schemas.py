"""Bodies and answers about a person's data."""

from control_api.schemas import Answer, Body, GivenEmail
from interview.session import Status


class PersonRequest(Body):
    """Whom it is about, by email, in any case."""

    email: GivenEmail


class ErasedAnswer(Answer):
    """How many sessions were erased. Of each a tombstone is left: its id, statuses and times."""

    erased_sessions: int


class AnonymisedAnswer(Answer):
    """The session, which says nothing about a person any more."""

    session_id: str
    status: Status


class ErasureRequestAnswer(Answer):
    """The request is in the owner's queue, under this id; people decide on it."""

    session_id: str
    problem_id: str
