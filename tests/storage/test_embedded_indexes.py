"""The embedded database uses its indexes, and finds with them what it finds without."""

import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.collection import AsyncCollection

from interview.storage import Storage
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
]


@pytest_asyncio.fixture(scope="module")
async def two(mongo_uri: str) -> AsyncIterator[tuple[AsyncCollection, AsyncCollection]]:
    """Two collections that hold the same; the first has indexes. `rowid` is a word that SQLite has a use for."""
    async with AsyncMongoClient(mongo_uri) as client:
        database = client[f"indexes_{uuid4().hex[:12]}"]
        for collection in (database["with"], database["without"]):
            await collection.insert_many(
                [{"_id": f"{n}", "kind": v, "rowid": v, "n": n} for n, v in enumerate(VALUES)] + [{"_id": OID}]
            )
        for index in (IndexModel([("kind", 1), ("n", -1)]), IndexModel([("rowid", 1)])):
            await database["with"].create_indexes([index])
        yield database["with"], database["without"]
        await client.drop_database(database)


async def found(collection: AsyncCollection, query: dict[str, Any]) -> set[str]:
    return {str(document["_id"]) async for document in collection.find(query, {"_id": 1})}


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: ascii(condition)[:40])
async def test_an_index_changes_no_answer(two: tuple[AsyncCollection, AsyncCollection], condition: Any) -> None:
    indexed, plain = two
    queries: list[dict[str, Any]] = [
        {"kind": condition},
        {"rowid": condition},
        {"kind": condition, "rowid": {"$in": ["a", "a/b", OID]}},
        {"kind": condition, "n": {"$lt": 10}},
        {"$or": [{"kind": condition}, {"_id": "1"}]},
    ]
    for query in queries:
        assert await found(indexed, query) == await found(plain, query), query
        assert await indexed.count_documents(query) == await plain.count_documents(query), query


async def test_values_in_arrays_are_found(two: tuple[AsyncCollection, AsyncCollection]) -> None:
    indexed, _ = two
    with_a = {str(n) for n, value in enumerate(VALUES) if value == "a" or (isinstance(value, list) and "a" in value)}
    assert await found(indexed, {"kind": "a"}) == with_a
    assert len(with_a) == 3


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
