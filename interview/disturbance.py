"""What disturbed an interview and is no part of what was said: an outage, something that could not be kept."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.record import Moment, Record


class DisturbanceKind(StrEnum):
    """What went wrong."""

    DATABASE_AWAY = "database_away"
    """Nothing could be written; what came meanwhile was written afterwards."""
    NOT_KEPT = "not_kept"
    """The database was away for so long that what waited for it exceeded its bound, and some was given up."""
    NOT_WATCHED = "not_watched"
    """A kind of incident that the plan wants (`what`) could not be looked for: its model was missing or altered."""


class Disturbance(Record):
    """One stretch of time in which something was wrong. The key is derived, so that a repeat writes it once."""

    session_id: str
    attempt: int
    kind: DisturbanceKind
    started_at: Moment
    ended_at: Moment
    what: str = ""
    """Of what was given up: the kind of write, such as `audio`."""
    n: Annotated[int, Field(ge=0)] = 0
    """How many of them were given up."""
    schema_version: int = 1

    @property
    def duration_s(self) -> float:
        """How long it lasted."""
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def is_absence(self) -> bool:
        """Whether the database was away."""
        return self.kind is DisturbanceKind.DATABASE_AWAY

    def is_loss_of(self, what: str) -> bool:
        """Tell whether something of that kind was given up."""
        return self.kind is DisturbanceKind.NOT_KEPT and self.what == what

    @property
    def disturbance_id(self) -> str:
        """The derived id."""
        began_ms = round(self.started_at.timestamp() * 1000)
        return f"{self.session_id}:{self.attempt}:{self.kind}:{self.what}:{began_ms}"
