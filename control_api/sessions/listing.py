"""`GET /sessions`: what a list may be filtered and ordered by."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from control_api.access import OnHouse
from control_api.parts import Parts
from control_api.schemas import GivenMoment
from interview.record import Line
from interview.session import Session, Status
from interview.storage.session_pages import Order, PageOrder, SessionFilter, SortBy, Span


class ListQuery(BaseModel):
    """The filters, the order and the place of a page. A cursor carries the order; the filters are to be repeated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Annotated[list[Status], Field(max_length=len(Status))] = []
    """Any of these; without it, all but the deleted."""
    candidate: Annotated[Line, Field(max_length=200)] | None = None
    """A part of name or email, in any case."""
    plan_id: Annotated[Line, Field(max_length=100)] | None = None
    created_from: GivenMoment | None = None
    created_to: GivenMoment | None = None
    scheduled_from: GivenMoment | None = None
    """With `scheduled_to`: sessions that can be started at some time in between."""
    scheduled_to: GivenMoment | None = None
    sort: SortBy | None = None
    order: Order | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=500)] | None = None


GivenList = Annotated[ListQuery, Query()]


async def list_own(parts: Parts, on: OnHouse, asked: ListQuery) -> tuple[list[Session], str | None]:
    """Return a page of the caller's sessions, an admin's of everybody's. Raises `Invalid` (`bad_cursor`)."""
    wanted = SessionFilter(
        owner_id=on.rows_of,
        statuses=tuple(asked.status),
        candidate=asked.candidate or "",
        plan_id=asked.plan_id,
        created=Span(asked.created_from, asked.created_to),
        scheduled=Span(asked.scheduled_from, asked.scheduled_to),
    )
    order = None
    if asked.sort is not None or asked.order is not None:
        order = PageOrder(asked.sort or SortBy.CREATED_AT, asked.order or Order.DESC)
    return await parts.storage.sessions.page(wanted, order=order, limit=asked.limit, after=asked.cursor)
