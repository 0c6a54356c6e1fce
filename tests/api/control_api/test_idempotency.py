"""What creates can be repeated: on two replicas over one database, at the same moment, and after a crash."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from control_api.idempotency import forget_answers
from interview.idempotency import CallState
from interview.storage.session_pages import SessionFilter
from tests.api.control_api.house import BASE, NOWHERE, Account, House, LiveKit, assert_problem, serving, settings_for

BODY = {"name": "Ada", "email": "ada@example.com", "questions": ["Why?"]}


@pytest_asyncio.fixture(scope="module")
async def replicas(mongo_uri: str, password_hash: str) -> AsyncIterator[tuple[House, House]]:
    """Two applications over one database."""
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    name = f"replicas_{uuid.uuid4().hex[:12]}"
    settings = settings_for(mongo_uri, nowhere, mongodb_database=name, idempotency_wait_s=15)
    async with serving(settings, password_hash) as one, serving(settings, password_hash) as other:
        yield one, other


def create(house: House, owner: Account, key: str, **changes: Any) -> Any:
    headers = {**owner.headers, "Idempotency-Key": key}
    return house.http.post(f"{BASE}/create", json=BODY | changes, headers=headers)


async def owned(house: House, owner: Account) -> list[str]:
    page, _ = await house.storage.sessions.page(SessionFilter(owner_id=owner.user.user_id), limit=100)
    return [session.session_id for session in page]


async def opens(house: House, invite_url: str) -> httpx.Response:
    return await house.browser().post("/api/invites/open", json={"secret": invite_url.partition("#")[2]})


async def test_a_repeat_has_the_same_answer_byte_for_byte(replicas: tuple[House, House]) -> None:
    one, other = replicas
    owner = await one.account()
    first = await create(one, owner, "a key")
    assert_problem(first, 422, "invalid")  # a blank is no visible character
    first, second = await create(one, owner, "key-1"), await create(other, owner, "key-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["content-type"] == second.headers["content-type"]
    assert await owned(one, owner) == [first.json()["session_id"]]
    assert (await create(one, owner, "key-2")).json()["session_id"] != first.json()["session_id"]


async def test_the_same_key_with_another_body_is_refused(replicas: tuple[House, House]) -> None:
    one, other = replicas
    owner = await one.account()
    await create(one, owner, "key")
    assert_problem(await create(other, owner, "key", name="Grace"), 409, "idempotency_mismatch")
    assert len(await owned(one, owner)) == 1


async def test_a_key_is_ones_own(replicas: tuple[House, House]) -> None:
    one, _ = replicas
    made = [(await create(one, await one.account(), "key")).json()["session_id"] for _ in range(2)]
    assert made[0] != made[1]


async def test_a_refused_call_leaves_its_key_free(replicas: tuple[House, House]) -> None:
    one, _ = replicas
    owner = await one.account()
    assert_problem(await create(one, owner, "key", language="xx"), 422, "language_unknown")
    assert (await create(one, owner, "key")).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "é".encode().decode("latin-1")])
async def test_a_key_is_bounded(replicas: tuple[House, House], key: str) -> None:
    one, _ = replicas
    headers = {**(await one.account()).headers}
    raw = [*headers.items(), ("Idempotency-Key", key.encode("latin-1"))]
    answer = await one.http.post(f"{BASE}/create", json=BODY, headers=raw)
    assert_problem(answer, 422, "invalid")


async def test_fifty_at_once_on_two_replicas_make_one_session(replicas: tuple[House, House]) -> None:
    one, other = replicas
    owner = await one.account()
    answers = await asyncio.gather(*(create((one, other)[n % 2], owner, "key") for n in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await owned(one, owner) == [answers[0].json()["session_id"]]
    assert (await opens(one, answers[0].json()["invite_url"])).status_code == 200


@pytest.mark.parametrize("dies_at", ["before the session", "after the session"])
async def test_a_repeat_completes_what_a_replica_that_stands_still_began(
    replicas: tuple[House, House], dies_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = replicas
    owner = await one.account()
    reached, go_on = asyncio.Event(), asyncio.Event()
    repository, method = {
        "before the session": (one.storage.sessions, "add"),
        "after the session": (one.storage.audit, "add"),
    }[dies_at]
    whole = getattr(repository, method)

    async def stand_still(*given: Any, **named: Any) -> None:
        reached.set()
        await go_on.wait()
        await whole(*given, **named)

    monkeypatch.setattr(repository, method, stand_still)
    dead = asyncio.create_task(create(one, owner, "key"))
    await asyncio.wait_for(reached.wait(), 10)

    other.clock.advance(other.settings.idempotency_lease_s + 1)
    made = await create(other, owner, "key")
    assert made.status_code == 201, made.text
    assert await owned(other, owner) == [made.json()["session_id"]]
    assert (await opens(other, made.json()["invite_url"])).status_code == 200

    go_on.set()  # the first was not dead after all: it changes nothing, and has no other answer
    late = await dead
    assert late.content == made.content if late.status_code == 201 else late.json()["code"] == "idempotency_in_progress"
    assert await owned(other, owner) == [made.json()["session_id"]]
    assert (await opens(other, made.json()["invite_url"])).status_code == 200
    subject = f"session:{made.json()['session_id']}"
    assert {entry.action for entry in await other.storage.audit.of_subject(subject)} >= {"create session"}


async def test_a_repeat_of_a_call_that_is_being_done_is_told_to_come_again(
    mongo_uri: str, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    name = f"waiting_{uuid.uuid4().hex[:12]}"
    settings = settings_for(mongo_uri, nowhere, mongodb_database=name, idempotency_wait_s=0.1)
    async with serving(settings, password_hash) as house:
        owner = await house.account()
        reached, go_on = asyncio.Event(), asyncio.Event()
        whole = house.storage.sessions.add

        async def stand_still(session: Any) -> None:
            reached.set()
            await go_on.wait()
            await whole(session)

        monkeypatch.setattr(house.storage.sessions, "add", stand_still)
        first = asyncio.create_task(create(house, owner, "key"))
        await asyncio.wait_for(reached.wait(), 10)
        answer = await create(house, owner, "key")
        assert_problem(answer, 409, "idempotency_in_progress")
        assert int(answer.headers["retry-after"]) > 0
        go_on.set()
        assert (await first).status_code == 201
        assert (await create(house, owner, "key")).content == (await first).content


async def test_an_answer_goes_with_its_session_and_with_time(replicas: tuple[House, House]) -> None:
    one, _ = replicas
    owner = await one.account()
    made = (await create(one, owner, "erased")).json()
    kept = [call async for call in calls(one) if call.session_id == made["session_id"]]
    assert [call.state for call in kept] == [CallState.DONE]
    document = await anext(one.storage.idempotency.collection.documents())
    assert "ada@example.com" not in str(document)
    await one.http.delete(f"{BASE}/session/{made['session_id']}", headers=owner.headers)
    assert [call async for call in calls(one) if call.session_id == made["session_id"]] == []

    await create(one, owner, "old")
    one.clock.advance(one.settings.idempotency_ttl_s + 1)
    again = await create(one, owner, "old", name="Grace")
    assert again.status_code == 201, "what is too old is forgotten, cleaned up or not"
    one.clock.advance(one.settings.idempotency_ttl_s + 1)
    assert await forget_answers(one.app.state.parts) > 0
    assert [call async for call in calls(one)] == []


async def calls(house: House) -> AsyncIterator[Any]:
    collection = house.storage.idempotency.collection
    async for document in collection.documents():
        yield collection.from_document(document)
