"""What a language model replied to one question about a session: kept, so that the same is not paid for twice."""

import hashlib
from typing import Annotated, Any

from pydantic import Field

from interview.record import Moment, Record


class ModelReply(Record):
    """One reply. `asked` is a digest of everything that was put before the model, and of nothing else.

    `reply` is JSON-ready values, encrypted at rest.
    """

    session_id: str
    asked: str
    reply: dict[str, Any]
    model: str
    prompt_tokens: Annotated[int, Field(ge=0)] = 0
    completion_tokens: Annotated[int, Field(ge=0)] = 0
    replied_at: Moment
    schema_version: int = 1

    @property
    def key(self) -> str:
        """The derived id: a session's replies answer its own questions alone."""
        return f"{self.session_id}:{self.asked}"


def digest_of(*parts: object) -> str:
    """Return the digest of what is asked."""
    return hashlib.sha256("\x00".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()
