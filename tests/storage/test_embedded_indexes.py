"""The embedded database uses its indexes, and finds with them what it finds without."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.collection import AsyncCollection

from interview.session import Status
from interview.storage import Storage
from interview.storage.base import encode
from interview.storage.session_pages import Order, PageEnd, PageOrder, SessionFilter, SortBy, Span, page_query
from tests.storage.builders import NOON

OID = ObjectId("0123456789abcdef01234567")
VALUES: list[Any] = [
    *(
        "",
        "a",
        "ab",
        "a/",
        "a/b",
        "a/\U0010ffff",
        "a!",
        'a"b',
        "a\\b",
        "a<b",
        "a\u2028b",
        "a'b",
        "a0",
        "b",
        "é",
        "éa",
        "è",
    ),
    *("[", "[]", "{", "null", "1", str(OID), OID),
    *(None, True, 1, 1.0, {"a": "a"}, b"a"),
    *([], ["a"], ["b", "a"], [OID], ["a/b", 1], [None]),
]
"""What a field may hold; one document holds each, and one has no such field."""
CONDITIONS: list[Any] = [
    *(value for value in VALUES if not isinstance(value, dict)),
    *({"$eq": value} for value in ("a", OID, None, ["a"], {"a": "a"})),
    *({"$in": values} for values in (["a"], ["a", "b", OID], ["a", None], [None], ["a", 1], [], [["a"]], ["a"] * 1500)),
    *({"$gte": f"{start}/", "$lt": f"{start}0"} for start in ("a", "é", "")),
    *({"$gte": start, "$lt": end} for start, end in (("a", "b"), ("a/b", "a/c"), ("éa", "éb"), ("a", "a"), ("", "b"))),
    *({"$gte": "a"}, {"$lt": "b"}, {"$lt": "b", "$gte": "a"}, {"$gt": "a", "$lt": "b"}, {"$gte": 1, "$lt": 2}),
    *({"$ne": "a"}, {"$exists": False}, {"$in": ["a", "b"], "$ne": "b"}, {"$not": {"$eq": "a"}}, {"$regex": "^a"}),
    *({"$regex": pattern} for pattern in ("a", "é", r"a\"", r"\/b", r"a\\b", "a.b", "a|b", r"\w", r"\d", "A", "")),
    *({"$regex": "A", "$options": "i"}, {"$regex": "\u2028"}, {"$regex": r"a\<b"}),
]


@pytest_asyncio.fixture(scope="module")
async def two(mongo_uri: str) -> AsyncIterator[tuple[AsyncCollection, AsyncCollection]]:
    """Two collections that hold the same; the first has indexes. `rowid` is a word that SQLite has a use for."""
    async with AsyncMongoClient(mongo_uri) as client:
        database = client[f"indexes_{uuid4().hex[:12]}"]
        for collection in (database["with"], database["without"]):
            await collection.insert_many(
                [{"_id": f"{n}", "kind": v, "rowid": v, "other": v, "n": n} for n, v in enumerate(VALUES)]
                + [{"_id": OID}]
            )
        for index in (IndexModel([("kind", 1), ("n", -1)]), IndexModel([("rowid", 1)])):
            await database["with"].create_indexes([index])
        yield database["with"], database["without"]
        await client.drop_database(database)


async def found(collection: AsyncCollection, query: dict[str, Any]) -> set[str]:
    return {str(document["_id"]) async for document in collection.find(query, {"_id": 1})}


async def counted(collection: AsyncCollection, query: dict[str, Any]) -> int:
    """Count by the command, which the embedded database may answer from an index."""
    return (await collection.database.command({"count": collection.name, "query": query}))["n"]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: ascii(condition)[:40])
async def test_an_index_changes_no_answer(two: tuple[AsyncCollection, AsyncCollection], condition: Any) -> None:
    indexed, plain = two
    queries: list[dict[str, Any]] = [
        {"kind": condition},
        {"rowid": condition},
        {"kind": condition, "rowid": {"$in": ["a", "a/b", OID]}},
        {"kind": condition, "n": {"$lt": 10}},
        {"$or": [{"kind": condition}, {"_id": "1"}]},
        {"other": condition},
    ]
    for query in queries:
        assert await counted(indexed, query) == await counted(plain, query), query
        assert await found(indexed, query) == await found(plain, query), query
        assert await indexed.count_documents(query) == await plain.count_documents(query), query


async def test_values_in_arrays_are_found(two: tuple[AsyncCollection, AsyncCollection]) -> None:
    indexed, _ = two
    with_a = {str(n) for n, value in enumerate(VALUES) if value == "a" or (isinstance(value, list) and "a" in value)}
    assert await found(indexed, {"kind": "a"}) == with_a
    assert len(with_a) == 3


DAY = datetime(2026, 11, 22, tzinfo=UTC)
DATES: list[Any] = [
    *(DAY + timedelta(milliseconds=n // 3) for n in range(30)),
    *(datetime(1970, 1, 1, tzinfo=UTC), datetime(2001, 9, 9, tzinfo=UTC), datetime(2290, 1, 1, tzinfo=UTC)),
    *(5, 1_800_000_000_000, 1.5e12, "1800000000000", None, {"at": DAY}, True),
]
"""What a field of dates may hold; several have the same."""
WHOLE = {"$gte": datetime(2001, 9, 10, tzinfo=UTC), "$lte": datetime(2286, 11, 20, tzinfo=UTC)}


@pytest_asyncio.fixture(params=["dates", "an array of dates", "an owner in an array"])
async def dated(
    mongo_uri: str, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[AsyncCollection, AsyncCollection]]:
    """Two collections that hold the same dates of two owners; the first has indexes."""
    more: dict[str, list[dict[str, Any]]] = {
        "dates": [],
        "an array of dates": [{"owner": "a", "at": [DAY - timedelta(days=1), DAY + timedelta(days=1)]}],
        "an owner in an array": [{"owner": ["a", "c"], "at": DAY}],
    }
    async with AsyncMongoClient(mongo_uri, tz_aware=True) as client:
        database = client[f"dates_{uuid4().hex[:12]}"]
        for collection in (database["with"], database["without"]):
            rows = [{"owner": "ab"[n % 2], "kind": "xyz"[n % 3], "at": at} for n, at in enumerate([*DATES, *DATES])]
            await collection.insert_many(
                [{"_id": f"{n:03}", **row} for n, row in enumerate(rows + more[request.param])]
            )
        for keys in ([("owner", 1), ("at", -1), ("_id", -1)], [("owner", 1), ("kind", 1), ("at", 1)], [("at", 1)]):
            await database["with"].create_indexes([IndexModel(keys)])
        yield database["with"], database["without"]
        await client.drop_database(database)


@pytest.mark.parametrize("direction", [1, -1])
async def test_an_index_changes_no_order(dated: tuple[AsyncCollection, AsyncCollection], direction: int) -> None:
    filters: list[dict[str, Any]] = [
        *({}, {"owner": "a"}, {"owner": {"$in": ["a"]}, "kind": "x"}, {"owner": "a", "kind": {"$in": ["x", "y"]}}),
        *({"kind": "z"}, {"owner": {"$in": ["a", "b"]}}, {"kind": {"$regex": "y"}}, {"owner": "nobody"}),
        {"$or": [{"at": {"$lt": DAY}}, {"at": DAY, "_id": {"$lt": "031"}}]},
    ]
    ranges: list[dict[str, Any]] = [
        *(WHOLE, {"$gt": DAY, "$lt": DAY + timedelta(milliseconds=5)}, {"$gte": DAY}, {"$gte": 5, "$lt": 2e12}),
        {"$lte": DAY + timedelta(milliseconds=2), "$gte": DAY},
    ]
    indexed, plain = dated
    for wanted, between in product(filters, ranges):
        for skip, limit in ((0, 0), (0, 7), (5, 10)):
            query, sort = {**wanted, "at": between}, [("at", direction), ("_id", direction)]

            async def ids(
                collection: AsyncCollection, query: Any = query, sort: Any = sort, s: int = skip, n: int = limit
            ) -> list[str]:
                return [document["_id"] async for document in collection.find(query, sort=sort, skip=s, limit=n)]

            assert await ids(indexed) == await ids(plain), (query, skip, limit)


@pytest.mark.skipif(bool(os.environ.get("MONGODB_URI")), reason="the plans are the embedded database's")
@pytest.mark.parametrize(
    ("collection", "query"),
    [
        ("sessions", {"_id": "s"}),
        ("sessions", {"_id": "s", "attempt": 1}),
        ("sessions", {"status": {"$in": ["queued", "paused"]}}),
        ("sessions", {"owner_id": "o", "status": {"$ne": "deleted"}}),
        ("users", {"email": "a@example.com"}),
        ("turns", {"session_id": "s"}),
        ("reports", {"status": {"$in": ["queued", "building"]}, "$or": [{"owner": None}, {"owner": "o"}]}),
        ("deliveries", {"queue": "webhook:now", "next_at": {"$lte": NOON}, "target": {"$nin": ["w"]}}),
        ("deliveries", {"target": "w", "status": "failed"}),
        ("deliveries", {"session_id": "s"}),
        *((name, {"announce": "due"}) for name in ("sessions", "reports", "incidents")),
        ("sessions", {"status": "INITIALIZED", "not_after": {"$lte": NOON}, "reminded_at": None}),
        ("files.files", {"filename": "still:1"}),
        ("files.files", {"_id": {"$gte": "s/", "$lt": "s0"}}),
        ("files.chunks", {"files_id": "s/still:1/0"}),
        ("files.chunks", {"files_id": {"$gte": "s/", "$lt": "s0"}}),
    ],
)
async def test_storages_queries_search_and_do_not_scan(
    storage: Storage, raw: AsyncIOMotorDatabase, collection: str, query: dict[str, Any]
) -> None:
    answer = await raw.command({"explain": {"find": collection, "filter": query}})

    plan = str(answer["queryPlanner"]["Plan"])
    assert "SEARCH" in plan
    assert "SCAN" not in plan


@pytest.mark.skipif(bool(os.environ.get("MONGODB_URI")), reason="the plans are the embedded database's")
@pytest.mark.parametrize("order", [PageOrder(by, order) for by, order in product(SortBy, Order)], ids=str)
@pytest.mark.parametrize(
    "wanted",
    [
        SessionFilter(),
        SessionFilter(owner_id="o"),
        SessionFilter(owner_id="o", statuses=(Status.FAILED,)),
        SessionFilter(owner_id="o", statuses=(Status.FAILED, Status.PAUSED), candidate="ada", plan_id="p"),
        SessionFilter(statuses=(Status.FAILED,), created=Span(DAY, DAY), scheduled=Span(DAY, DAY)),
    ],
    ids=str,
)
async def test_pages_are_read_along_an_index(
    storage: Storage, raw: AsyncIOMotorDatabase, wanted: SessionFilter, order: PageOrder
) -> None:
    end = PageEnd(order, DAY, "0")
    for after in (None, end):
        query = encode(page_query(wanted, order, after))
        answer = await raw.command({"explain": {"find": "sessions", "filter": query, "sort": dict(order.keys)}})
        assert answer["sortPushdown"]
        plan = str(answer["queryPlanner"]["Plan"])
        assert "USING INDEX" in plan
        assert "TEMP B-TREE" not in plan, "everything would be read, to be sorted"
