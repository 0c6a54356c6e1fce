"""Lists of sessions: pages, filters, orders."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from interview.clock import VirtualClock
from interview.errors import Invalid
from interview.session import Candidate, Session, Status
from interview.storage import Storage
from interview.storage.paging import literal
from interview.storage.session_pages import Order, PageEnd, PageOrder, SessionFilter, SortBy, Span
from tests.storage.builders import NOON, plan, session


async def stored(storage: Storage, **changes: Any) -> Session:
    one = session(**changes)
    await storage.sessions.add(one)
    return one


async def ids(storage: Storage, **wanted: Any) -> list[str]:
    page, _ = await storage.sessions.page(SessionFilter(**wanted))
    return [one.session_id for one in page]


@pytest.mark.parametrize("order", [PageOrder(by, order) for by in SortBy for order in Order], ids=str)
async def test_pages_hold_every_session_once_in_order_though_times_are_equal(
    storage: Storage, order: PageOrder
) -> None:
    owner = str(uuid4())
    # Thirteen sessions at three moments: ties within a page and across its border.
    moments = [NOON + timedelta(seconds=n // 5) for n in range(13)]
    written = [await stored(storage, owner_id=owner, **{order.by.value: moment}) for moment in moments]
    await stored(storage)
    seen: list[Session] = []
    after, pages = None, 0
    while True:
        chosen = order if after is None else None  # a cursor carries its order
        page, after = await storage.sessions.page(SessionFilter(owner), order=chosen, limit=3, after=after)
        seen += page
        pages += 1
        if pages == 2:
            # A session that comes before what was read neither appears nor shifts anything.
            before = NOON - timedelta(days=order.direction)
            await stored(storage, owner_id=owner, **{order.by.value: before})
        if after is None:
            break
    assert pages == 5
    downwards = order.order is Order.DESC
    assert seen == sorted(written, key=lambda one: (getattr(one, order.by), one.session_id), reverse=downwards)


async def test_a_full_last_page_has_no_successor(storage: Storage) -> None:
    owner = str(uuid4())
    for _ in range(2):
        await stored(storage, owner_id=owner)
    page, after = await storage.sessions.page(SessionFilter(owner), limit=2)
    assert (len(page), after) == (2, None)


async def test_pages_filter_by_several_statuses_and_leave_tombstones_out(storage: Storage) -> None:
    owner = str(uuid4())
    kept, erased, queued = [await stored(storage, owner_id=owner) for _ in range(3)]
    await storage.sessions.move(queued.session_id, Status.QUEUED, by="user:1")
    await storage.sessions.tombstone(erased.session_id, by="user:1")

    async def of(*statuses: Status) -> set[str]:
        return set(await ids(storage, owner_id=owner, statuses=statuses))

    assert await of() == {kept.session_id, queued.session_id}
    assert await of(Status.QUEUED) == {queued.session_id}
    assert await of(Status.QUEUED, Status.DELETED) == {queued.session_id, erased.session_id}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Zoë Straße", "STRASSE"),
        ("Zoe\u0308 Straße", "zoë s"),
        ("Ольга Ёлкина", "ёлк"),
        ("山田 太郎", "太郎"),
        ("İpek Şahin", "ŞAHIN"),
        ("ﬁona", "FIONA"),
        ("Γιώργος", "ΓΙΏΡΓΟΣ"),
        ('Dwayne "The Rock" J.', 'the rock" j.'),
        ("O'Brien (née Smith)", "brien (n"),
        ("a*b+c?[d]{2}^$|\\x", "*b+c?[d]{2}^$|\\x"),
        ("<Ada> & \u2028 Co", "> & co"),
        ("محمد", "محم"),
    ],
)
async def test_a_candidate_is_found_by_a_part_of_the_name_in_any_script(storage: Storage, name: str, part: str) -> None:
    owner = str(uuid4())
    wanted = await stored(storage, owner_id=owner, candidate=Candidate(name=name, email="x@example.com"))
    await stored(storage, owner_id=owner, candidate=Candidate(name="Somebody else", email="y@example.com"))
    assert await ids(storage, owner_id=owner, candidate=part) == [wanted.session_id]
    assert await ids(storage, owner_id=owner, candidate=part + "q") == []


async def test_a_candidate_is_found_by_a_part_of_the_email_and_under_a_name_given_later(storage: Storage) -> None:
    owner = str(uuid4())
    wanted = await stored(storage, owner_id=owner, candidate=Candidate(name="N", email="Ada.Lovelace@Example.com"))
    assert await ids(storage, owner_id=owner, candidate="ada.lovelace@EXAMPLE") == [wanted.session_id]
    assert await ids(storage, owner_id=owner, candidate="adaxlovelace") == []


@pytest.mark.parametrize("text", ["\x01", ".*", "\\d", "(", "a\tb", "é.", "*" * 200])
def test_a_text_is_looked_for_as_it_is(text: str) -> None:
    assert re.fullmatch(literal(text), text)


async def test_pages_filter_by_plan_and_by_dates(storage: Storage) -> None:
    owner = str(uuid4())
    hour = timedelta(hours=1)
    early = await stored(storage, owner_id=owner, not_after=NOON + hour)
    late = await stored(
        storage,
        owner_id=owner,
        plan=plan().model_copy(update={"plan_id": "plan-2"}),
        created_at=NOON + hour,
        not_before=NOON + 2 * hour,
        not_after=NOON + 3 * hour,
    )
    assert await ids(storage, owner_id=owner, plan_id="plan-2") == [late.session_id]
    assert await ids(storage, owner_id=owner, created=Span(NOON, NOON)) == [early.session_id]
    assert await ids(storage, owner_id=owner, created=Span(start=NOON + hour)) == [late.session_id]
    assert await ids(storage, owner_id=owner, scheduled=Span(end=NOON + hour)) == [early.session_id]
    assert await ids(storage, owner_id=owner, scheduled=Span(NOON + 2 * hour, NOON + 2 * hour)) == [late.session_id]
    assert await ids(storage, owner_id=owner, scheduled=Span(NOON, NOON + 5 * hour)) == [
        late.session_id,
        early.session_id,
    ]
    assert await ids(storage, owner_id=owner, scheduled=Span(start=NOON + 4 * hour)) == []


@pytest.mark.parametrize(
    "cursor", ["", "!", "bm90LWEtY3Vyc29y", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6eA", "é", "A", "Y3JlYXRlZF9hdDp1cDoxOng"]
)
async def test_a_cursor_that_no_page_gave_is_refused(storage: Storage, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        await storage.sessions.page(SessionFilter(), after=cursor)
    assert refused.value.code == "bad_cursor"


async def test_a_cursor_of_another_order_is_refused(storage: Storage) -> None:
    end = PageEnd(PageOrder(SortBy.CREATED_AT), NOON, "x")
    with pytest.raises(Invalid) as refused:
        await storage.sessions.page(SessionFilter(), order=PageOrder(SortBy.NOT_AFTER), after=str(end))
    assert refused.value.code == "bad_cursor"
    assert PageEnd.parse(str(end)) == end


@pytest.mark.parametrize("limit", [0, -1, 101])
async def test_a_page_of_an_absurd_size_is_refused(storage: Storage, limit: int) -> None:
    with pytest.raises(Invalid):
        await storage.sessions.page(SessionFilter(), limit=limit)


async def test_what_is_looked_for_follows_what_a_session_says(timed: Storage, clock: VirtualClock) -> None:
    one = await stored(timed)
    assert (one.candidate_email, one.plan_id) == ("zephyrine@quokka.example", "plan-1")
    copied = one.model_copy(update={"candidate": Candidate(name="Neu", email="NEU@example.com")})
    await timed.sessions.collection.replace({"_id": one.session_id}, copied)
    assert (await timed.sessions.get(one.session_id)).candidate_search == "neu@example.com\nneu"
    erased = await timed.sessions.tombstone(one.session_id, by="user:1")
    assert "neu" not in f"{erased.candidate_search} {erased.candidate_email}"
