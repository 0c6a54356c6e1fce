"""What an explicit dispatch tells an agent, as JSON in its metadata."""

import json

from pydantic import Field, ValidationError

from interview.errors import Invalid
from interview.record import Record


class Dispatch(Record):
    """Which attempt of which session an agent is sent for."""

    session_id: str
    attempt: int = Field(ge=1)


def read_dispatch(metadata: str) -> Dispatch:
    """Read a dispatch's metadata. Raises `Invalid` if it is not `{"session_id": …, "attempt": n}`."""
    try:
        return Dispatch.model_validate(json.loads(metadata))
    except (json.JSONDecodeError, ValidationError) as error:
        raise Invalid(
            'the dispatch metadata must be JSON {"session_id": text, "attempt": number from 1}',
            code="bad_dispatch",
        ) from error
