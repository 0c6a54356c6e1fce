"""Plans that are kept: the present version of each, and all earlier ones."""

from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import Conflict, NotFound
from interview.plan import PlanContent
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.paging import Cursor, check_limit, literal
from interview.stored_plan import PlanVersion, Sharing, StoredPlan, version_key

PLANS = Shape(
    collection="plans",
    record=StoredPlan,
    key=lambda plan: plan.plan_id,
    key_field="plan_id",
    session_field=None,
    indexes=(
        IndexModel([("owner_id", 1), ("created_at", -1), ("_id", -1)]),
        IndexModel([("sharing", 1), ("created_at", -1), ("_id", -1)]),
    ),
)
VERSIONS = Shape(
    collection="plan_versions",
    record=PlanVersion,
    key=lambda version: version_key(version.plan_id, version.version),
    session_field=None,
)


class Plans:
    """The collections `plans` and `plan_versions`.

    A change first puts the version that it replaces aside, then replaces it, filtered on its number. A process that
    dies between the two leaves a version that is there twice, which is harmless; none is ever lost.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, PLANS)
        self.versions = Collection(database, VERSIONS)
        self._clock = clock

    async def add(self, plan: StoredPlan) -> None:
        """Store a new plan. Raises `Conflict` (code `plan_exists`)."""
        try:
            await self.collection.insert(plan)
        except Duplicate:
            raise Conflict(f"plan {plan.plan_id} exists already", code="plan_exists") from None

    async def get(self, plan_id: str) -> StoredPlan | None:
        """Return the plan as it is now, an archived one included, or None."""
        return await self.collection.get(plan_id)

    async def version(self, plan: StoredPlan, version: int) -> PlanContent:
        """Return what the plan said in that version. Raises `NotFound` (code `plan_version_not_found`)."""
        if version == plan.version:
            return plan.content
        kept = await self.versions.get(version_key(plan.plan_id, version))
        if kept is None:
            raise NotFound(
                f"this plan has the versions 1 to {plan.version}",
                code="plan_version_not_found",
                version=version,
                latest=plan.version,
            )
        return kept.content

    async def update(self, plan: StoredPlan, content: PlanContent, *, sharing: Sharing, edited: int) -> StoredPlan:
        """Make `content` the next version, if `edited` is still the present one, and return the plan as it now is.

        Raises `Conflict` (codes `plan_changed` with the present `version`, `plan_archived`).
        """
        if plan.version == edited and plan.archived_at is None:
            await self._put_aside(plan)
            changed = plan.model_copy(
                update={
                    "version": edited + 1,
                    "content": content,
                    "sharing": sharing,
                    "updated_at": self._clock.now(),
                }
            )
            unchanged = {"_id": plan.plan_id, "version": edited, "owner_id": plan.owner_id, "archived_at": None}
            if await self.collection.replace(unchanged, changed) is not None:
                return changed
            plan = await self.collection.get(plan.plan_id) or plan
        if plan.archived_at is not None:
            raise Conflict("this plan was deleted; clone it to go on with it", code="plan_archived")
        raise Conflict(
            f"version {edited} is not the present one: the plan was changed meanwhile",
            code="plan_changed",
            version=plan.version,
        )

    async def archive(self, plan_id: str) -> None:
        """Take the plan out of use. A repeat is harmless."""
        now = self._clock.now()
        await self.collection.change({"_id": plan_id, "archived_at": None}, {"$set": {"archived_at": now}})

    async def count_owned(self, owner_id: str) -> int:
        """Count an owner's plans, archived ones included."""
        return await self.collection.count({"owner_id": owner_id})

    async def owned(self, owner_id: str, limit: int) -> list[StoredPlan]:
        """Return at most `limit` of an owner's plans, archived ones included, oldest first."""
        return await self.collection.find({"owner_id": owner_id}, [("created_at", 1), ("_id", 1)], limit)

    async def hand_over(self, plan_id: str, *, source: str, target: str) -> bool:
        """Give a plan from one owner to another; tell whether it was the first one's. What it says stays as it is."""
        theirs = {"_id": plan_id, "owner_id": source}
        return await self.collection.change(theirs, {"$set": {"owner_id": target}}) is not None

    async def page(
        self,
        *,
        owner_id: str | None = None,
        sharing: Sharing | None = None,
        archived: bool = False,
        title: str = "",
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[list[StoredPlan], str | None]:
        """Return plans, newest first, and the cursor of the next page, which is None on the last.

        Those in use or, with `archived`, those that were taken out of it. `title` is part of the title, in any case.
        Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        query: dict[str, Any] = {"archived_at": {"$ne": None} if archived else None}
        if owner_id is not None:
            query["owner_id"] = owner_id
        if sharing is not None:
            query["sharing"] = sharing
        if title:
            query["content.title"] = {"$regex": literal(title), "$options": "i"}
        if after is not None:
            query.update(Cursor.parse(after).older())
        found = await self.collection.find(query, [("created_at", -1), ("_id", -1)], limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return page, str(Cursor(page[-1].created_at, page[-1].plan_id)) if more else None

    async def _put_aside(self, plan: StoredPlan) -> None:
        kept = PlanVersion(plan_id=plan.plan_id, version=plan.version, content=plan.content, written_at=plan.updated_at)
        try:
            await self.versions.insert(kept)
        except Duplicate:
            return  # another change of this version came as far, and put the same content aside
