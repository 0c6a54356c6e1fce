"""A plan that is kept and reused: who wrote it, who may use it, and which version it has come to."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.plan import Id, Plan, PlanContent
from interview.record import Moment, Record


class Sharing(StrEnum):
    """Who may read and use a plan besides its author and admins."""

    PRIVATE = "private"
    SHARED = "shared"
    """Every recruiter; to change it they clone it."""


READY_PREFIX = "ready:"
"""What the ids of the ready-made plans begin with, which come with Viva and lie in no database."""


class StoredPlan(Record):
    """A plan as it is now. Its earlier versions are `PlanVersion`s, and sessions carry snapshots of their own."""

    plan_id: Id
    owner_id: str
    sharing: Sharing = Sharing.PRIVATE
    version: Annotated[int, Field(ge=1)] = 1
    content: PlanContent
    created_at: Moment
    updated_at: Moment
    archived_at: Moment | None = None
    """When it was deleted: it is not listed, changed or used for new sessions any more."""
    schema_version: int = 1

    @property
    def is_ready_made(self) -> bool:
        """Tell whether it came with Viva: nobody's, shared, and never changed."""
        return self.plan_id.startswith(READY_PREFIX)

    def snapshot(self) -> Plan:
        """Return the plan as a session embeds it."""
        return Plan(plan_id=self.plan_id, version=self.version, **dict(self.content))


class PlanVersion(Record):
    """What a plan said before a change. Written once, under `plan_id:version`."""

    plan_id: Id
    version: Annotated[int, Field(ge=1)]
    content: PlanContent
    written_at: Moment
    schema_version: int = 1


def version_key(plan_id: str, version: int) -> str:
    """Derive the key of a version."""
    return f"{plan_id}:{version}"
