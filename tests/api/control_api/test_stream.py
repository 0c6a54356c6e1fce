"""The stream of session changes, over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from control_api.monitoring.hub import QUEUE_EVENTS, Event, Hub, Listener
from interview.session import Progress, Stage
from interview.user import Role, User
from tests.api.control_api.house import (
    NOWHERE,
    Account,
    House,
    LiveKit,
    assert_problem,
    serving,
    settings_for,
)

PATH = "/api/monitoring/stream"
WITHIN_S = 15


@pytest_asyncio.fixture(scope="module")
async def watched(mongo_uri: str, password_hash: str) -> AsyncIterator[House]:
    """A house whose poller looks ten times a second."""
    settings = settings_for(
        mongo_uri,
        LiveKit(NOWHERE, "key", "secret of thirty-two characters.."),
        mongodb_database="stream_tests",
        monitoring_poll_s=0.1,
    )
    async with serving(settings, password_hash) as running:
        yield running


@dataclass
class Sent:
    name: str
    data: dict[str, Any]
    id: str


class Reader:
    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self) -> Sent:
        """The next event, comments left out."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(WITHIN_S):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
                elif "event" in fields:
                    return Sent(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
        raise AssertionError("the stream ended")

    async def about(self, session_id: str, **wanted: Any) -> dict[str, Any]:
        """The next state of that session that has these values."""
        while True:
            data = (await self.next()).data
            if data.get("session_id") == session_id and wanted.items() <= data.items():
                return data

    async def ended(self) -> None:
        async with asyncio.timeout(WITHIN_S):
            async for _ in self._lines:
                pass


@asynccontextmanager
async def reading(house: House, who: Account, last_id: str = "") -> AsyncIterator[Reader]:
    headers = who.headers | ({"Last-Event-ID": last_id} if last_id else {})
    async with house.browser().stream("GET", PATH, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Reader(answer)


async def test_it_begins_with_a_snapshot_of_ones_own_sessions(watched: House) -> None:
    owner, other = await watched.account(), await watched.account()
    session_id = await started(watched, owner)

    async with reading(watched, owner) as stream, reading(watched, other) as elsewhere:
        first, others = await stream.next(), await elsewhere.next()

    assert (first.name, others.name) == ("snapshot", "snapshot")
    assert [row["session_id"] for row in first.data["interviews"]] == [session_id]
    assert others.data["interviews"] == []


async def started(house: House, owner: Account) -> str:
    session_id = await house.ready(owner)
    await house.storage.sessions.start(session_id, by="system:test")
    return session_id


async def test_status_progress_and_presence_are_told_as_they_change(watched: House) -> None:
    owner = await watched.account()
    sessions = watched.storage.sessions
    async with reading(watched, owner) as stream:
        assert (await stream.next()).name == "snapshot"

        session_id = (await watched.created(owner))["session_id"]
        await stream.about(session_id, status="INITIALIZED")
        await sessions.start(session_id, by="system:test")
        await stream.about(session_id, status="IN_PROGRESS")
        await sessions.note_joined(session_id, watched.clock.now())
        seen = await stream.about(session_id)
        assert seen["presence"]["joined_at"] is not None
        await sessions.set_progress(session_id, 1, Progress(answered=1, total=1, stage=Stage.CLOSE))
        seen = await stream.about(session_id)
        assert seen["progress"] == {"answered": 1, "total": 1, "percent": 100, "stage": "close"}
        await sessions.complete(session_id, attempt=1, by="interviewer:1", reason="finished")
        await stream.about(session_id, status="COMPLETED")


async def test_that_an_answer_was_evaluated_is_told_and_nothing_of_what_was_found(watched: House) -> None:
    owner = await watched.account()
    session_id = await started(watched, owner)
    async with reading(watched, owner) as stream:
        (row,) = (await stream.next()).data["interviews"]
        assert row["evaluated_at"] is None
        await watched.storage.sessions.note_evaluated(session_id)
        told = await stream.about(session_id)
        assert told["evaluated_at"] is not None
        assert told.keys() == row.keys()


async def test_nobody_hears_of_anothers_sessions_but_admins_do(watched: House) -> None:
    owner, other, admin = await watched.account(), await watched.account(), await watched.account(Role.ADMIN)
    async with reading(watched, other) as elsewhere, reading(watched, admin) as everywhere:
        assert (await elsewhere.next()).name == "snapshot"
        assert (await everywhere.next()).name == "snapshot"
        theirs = (await watched.created(owner))["session_id"]
        await everywhere.about(theirs)
        mine = (await watched.created(other))["session_id"]

        assert (await elsewhere.next()).data["session_id"] == mine


async def test_who_comes_back_gets_what_was_missed(watched: House) -> None:
    owner, keeper = await watched.account(), await watched.account(Role.ADMIN)
    async with reading(watched, keeper) as everywhere:
        async with reading(watched, owner) as stream:
            last = await stream.next()
        session_id = (await watched.created(owner))["session_id"]
        await everywhere.about(session_id)

        async with reading(watched, owner, last.id) as stream:
            missed = await stream.next()

    assert (missed.name, missed.data["session_id"]) == ("session", session_id)


@pytest.mark.parametrize("last_id", ["0123456789ab-7", "nonsense", "-", "-1", "x" * 100])
async def test_who_comes_back_too_late_gets_a_snapshot(watched: House, last_id: str) -> None:
    async with reading(watched, await watched.account(), last_id) as stream:
        assert (await stream.next()).name == "snapshot"


async def test_it_ends_when_the_token_expires(watched: House) -> None:
    owner = await watched.account(token_ttl_s=60)
    async with reading(watched, owner) as stream:
        await stream.next()
        watched.clock.advance(61)
        last = await stream.next()
        assert (last.name, last.data) == ("closed", {"reason": "token_expired"})
        await stream.ended()


async def test_it_ends_when_the_account_is_disabled(watched: House) -> None:
    owner = await watched.account()
    async with reading(watched, owner) as stream:
        await stream.next()
        disabled = {"$set": {"disabled_at": watched.clock.now()}}
        await watched.storage.users.collection.change({"_id": owner.user.user_id}, disabled)
        last = await stream.next()
        assert (last.name, last.data) == ("closed", {"reason": "account_changed"})
        await stream.ended()


async def test_who_comes_while_the_accounts_of_others_are_read_stays(
    watched: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await watched.account(), await watched.account()
    some = watched.storage.users.some
    reading_accounts, came = asyncio.Event(), asyncio.Event()

    async def slow(user_ids: Iterable[str]) -> list[User]:
        wanted = list(user_ids)
        reading_accounts.set()
        await came.wait()
        return await some(wanted)

    async with reading(watched, first) as before:
        await before.next()
        monkeypatch.setattr(watched.storage.users, "some", slow)
        await asyncio.wait_for(reading_accounts.wait(), WITHIN_S)
        async with reading(watched, second) as after:
            assert (await after.next()).name == "snapshot"
            came.set()
            made = await watched.created(second)
            assert (await after.next()).data["session_id"] == made["session_id"]


async def test_it_ends_when_the_user_signs_out(watched: House) -> None:
    owner = await watched.account()
    async with reading(watched, owner) as stream:
        await stream.next()
        await watched.http.post("/api/auth/logout", headers=owner.headers)
        last = await stream.next()
        assert (last.name, last.data) == ("closed", {"reason": "signed_out"})
        await stream.ended()


async def test_a_user_may_not_open_any_number_of_them(watched: House) -> None:
    owner = await watched.account()
    most = watched.settings.monitoring_streams_per_user
    streams = [reading(watched, owner) for _ in range(most)]
    for stream in streams:
        await stream.__aenter__()
    try:
        assert_problem(await watched.http.get(PATH, headers=owner.headers), 429, "too_many_streams")
    finally:
        for stream in streams:
            await stream.__aexit__(None, None, None)
    await nobody_listens(watched)
    async with reading(watched, owner) as stream:
        assert (await stream.next()).name == "snapshot"


async def test_nobody_polls_when_nobody_listens(watched: House) -> None:
    await nobody_listens(watched)
    assert hub_of(watched)._poller is None


async def nobody_listens(house: House) -> None:
    """Wait until the server has seen that all have gone."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if not hub_of(house).streams:
                return
            await asyncio.sleep(0.01)


def hub_of(house: House) -> Hub:
    return house.app.state.parts.monitoring.hub


async def test_a_server_that_stops_ends_its_streams_and_does_not_wait_for_them(
    mongo_uri: str, password_hash: str
) -> None:
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    house = serving(settings_for(mongo_uri, nowhere, mongodb_database="stream_tests"), password_hash)
    running = await house.__aenter__()
    async with reading(running, await running.account()) as stream:
        await stream.next()
        house._server.should_exit = True
        last = await stream.next()
        assert (last.name, last.data) == ("closed", {"reason": "shutting_down"})
        await stream.ended()
        async with asyncio.timeout(5):
            await house._serving
    await house.__aexit__()


async def test_a_reader_who_is_too_slow_is_told_to_load_again(watched: House) -> None:
    account = await watched.account()
    listener = Listener(account.user, account.user.user_id, watched.clock.now(), "")
    for seq in range(QUEUE_EVENTS + 50):
        listener.tell(Event(seq, account.user.user_id, b"x"))

    pieces = [piece async for piece in Hub(watched.storage, watched.settings, watched.clock).pieces(listener)]

    assert pieces == [b'event: reload\ndata: {"reason":"too_slow"}\n\n']


async def test_a_quiet_stream_carries_comments(watched: House) -> None:
    account = await watched.account()
    listener = Listener(account.user, account.user.user_id, watched.clock.now(), "")
    pieces = Hub(watched.storage, watched.settings, watched.clock, keepalive_s=0.01).pieces(listener)

    assert await anext(pieces) == b": ping\n\n"
    await pieces.aclose()
