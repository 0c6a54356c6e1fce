"""Lists of sessions: what they are filtered by, their order, and where the next page begins."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from interview.session import Session, Status, searchable
from interview.storage.paging import bad_cursor, literal, moment, read, written

EARLIEST = datetime(2001, 9, 10, tzinfo=UTC)
LATEST = datetime(2286, 11, 20, tzinfo=UTC)
"""The dates between which the embedded database reads along an index: all that a session can have."""


class SortBy(StrEnum):
    """What sessions are ordered by; their ids decide between equals."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    NOT_AFTER = "not_after"


class Order(StrEnum):
    """The direction of an order."""

    ASC = "asc"
    DESC = "desc"


@dataclass(frozen=True)
class Span:
    """From one moment to another, both included; None is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class SessionFilter:
    """Which sessions are wanted. Without `statuses`, all but tombstones."""

    owner_id: str | None = None
    """None: everybody's."""
    statuses: tuple[Status, ...] = ()
    candidate: str = ""
    """A part of the candidate's name or email, in any case and any script."""
    plan_id: str | None = None
    created: Span = Span()
    scheduled: Span = Span()
    """Sessions that can be started at some moment in it."""


@dataclass(frozen=True)
class PageOrder:
    """The order of a list."""

    by: SortBy = SortBy.CREATED_AT
    order: Order = Order.DESC

    @property
    def direction(self) -> int:
        """1 upwards, -1 downwards, as the driver has it."""
        return 1 if self.order is Order.ASC else -1

    @property
    def keys(self) -> list[tuple[str, int]]:
        """The order as the driver has it."""
        return [(self.by.value, self.direction), ("_id", self.direction)]


@dataclass(frozen=True)
class PageEnd:
    """The last row of a page: the cursor of the next, which carries the order of its list."""

    order: PageOrder
    at: datetime
    key: str

    @classmethod
    def of(cls, session: Session, order: PageOrder) -> "PageEnd":
        """Return the cursor of what comes after this session."""
        return cls(order, getattr(session, order.by.value), session.session_id)

    def __str__(self) -> str:
        """Return the cursor as callers hold it: URL-safe, and nothing to be read from."""
        return written(f"{self.order.by}:{self.order.order}", self.at, self.key)

    @classmethod
    def parse(cls, text: str) -> "PageEnd":
        """Read what `str` made. Raises `Invalid` (code `bad_cursor`)."""
        with bad_cursor():
            by, order, at_ms, key = read(text).split(":", 3)
            return cls(PageOrder(SortBy(by), Order(order)), moment(at_ms), key)


def page_query(wanted: SessionFilter, order: PageOrder, after: PageEnd | None) -> dict[str, Any]:
    """Return the query for what comes after a page's end, in its order.

    The field of the order is always given a range of dates, so that the embedded database reads along an index and no
    further than the page (see local/servers/mongo/ferretdb-indexes.patch).
    """
    ranges = {
        SortBy.CREATED_AT: _Range(wanted.created.start, wanted.created.end),
        SortBy.UPDATED_AT: _Range(None, None),
        SortBy.NOT_AFTER: _Range(wanted.scheduled.start, None),
    }
    if after is not None:
        along = ranges[order.by]
        ranges[order.by] = along.narrowed(after.at, None) if order.direction > 0 else along.narrowed(None, after.at)
    query: dict[str, Any] = {}
    if wanted.owner_id is not None:
        query["owner_id"] = wanted.owner_id
    query["status"] = {"$in": list(wanted.statuses or (status for status in Status if status is not Status.DELETED))}
    for field, limits in ranges.items():
        if field is order.by or limits != _Range(None, None):
            query[field.value] = {"$gte": limits.start or EARLIEST, "$lte": limits.end or LATEST}
    if wanted.plan_id is not None:
        query["plan_id"] = wanted.plan_id
    if wanted.candidate:
        query["candidate_search"] = {"$regex": literal(searchable(wanted.candidate))}
    either: list[list[dict[str, Any]]] = []
    if wanted.scheduled.end is not None:
        either.append([{"not_before": None}, {"not_before": {"$lte": wanted.scheduled.end}}])
    if after is not None:
        beyond = "$gt" if order.direction > 0 else "$lt"
        field = order.by.value
        either.append([{field: {beyond: after.at}}, {field: after.at, "_id": {beyond: after.key}}])
    if either:
        query["$and"] = [{"$or": options} for options in either]
    return query


@dataclass(frozen=True)
class _Range:
    start: datetime | None
    end: datetime | None

    def narrowed(self, start: datetime | None, end: datetime | None) -> "_Range":
        starts = [moment for moment in (self.start, start) if moment is not None]
        ends = [moment for moment in (self.end, end) if moment is not None]
        return _Range(max(starts, default=None), min(ends, default=None))
