"""How often one may ask: two replicas on one database never let through more than the limit together."""

import asyncio
import os
import signal
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from control_api.rates import Rate, Rates
from interview.clock import VirtualClock
from interview.errors import TooMany
from interview.settings import Settings
from interview.storage import Storage
from local.services import Stack
from tests.api.control_api.house import (
    BASE,
    NOWHERE,
    PASSWORD,
    House,
    LiveKit,
    assert_problem,
    serving,
    settings_for,
)
from tests.storage.builders import NOON


def limited(mongo_uri: str, **given: Any) -> Settings:
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    return settings_for(mongo_uri, nowhere, mongodb_database=f"rates_{uuid.uuid4().hex[:12]}", **given)


def on_the_minute(*houses: House) -> None:
    """Move the clocks to the beginning of the same minute."""
    at_s = max(house.clock.now().timestamp() for house in houses) // 60 * 60 + 60
    for house in houses:
        house.clock.advance(at_s - house.clock.now().timestamp())


async def from_address(house: House, address: str, path: str = "/api/auth/me") -> httpx.Response:
    return await house.http.get(path, headers={"X-Forwarded-For": address})


async def test_two_replicas_let_through_no_more_than_the_limit_of_an_address(
    mongo_uri: str, password_hash: str
) -> None:
    settings = limited(mongo_uri, rate_limit_per_address_per_min=100, trusted_proxies="127.0.0.0/8")
    async with serving(settings, password_hash) as one, serving(settings, password_hash) as other:
        on_the_minute(one, other)
        answers = await asyncio.gather(*(from_address(house, "203.0.113.9") for house in (one, other) * 100))
        statuses = Counter(answer.status_code for answer in answers)
        assert statuses[401] <= 100
        assert statuses[401] >= 95, "more than a block was lost"
        assert statuses[429] == 200 - statuses[401]
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert_problem(refused, 429, "too_many_requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 60

        assert (await from_address(one, "203.0.113.10")).status_code == 401, "another address has its own"
        assert (await from_address(one, "203.0.113.9", "/healthz")).status_code == 200
        assert (await from_address(other, "203.0.113.9", "/readyz")).status_code == 503
        for house in (one, other):
            house.clock.advance(60)
            assert (await from_address(house, "203.0.113.9")).status_code == 401


async def test_two_replicas_let_through_no_more_than_the_limit_of_an_account(
    mongo_uri: str, password_hash: str
) -> None:
    settings = limited(mongo_uri, rate_limit_per_user_per_min=40)
    async with serving(settings, password_hash) as one, serving(settings, password_hash) as other:
        on_the_minute(one, other)
        account, colleague = await one.account(), await one.account()
        answers = await asyncio.gather(
            *(house.http.get(f"{BASE}/sessions", headers=account.headers) for house in (one, other) * 40)
        )
        statuses = Counter(answer.status_code for answer in answers)
        assert 38 <= statuses[200] <= 40
        assert_problem(next(a for a in answers if a.status_code == 429), 429, "too_many_requests")
        assert (await one.http.get("/api/auth/me", headers=colleague.headers)).status_code == 200


async def test_calls_that_prove_who_calls_by_what_they_send_have_a_lower_limit_of_their_own(
    mongo_uri: str, password_hash: str
) -> None:
    settings = limited(mongo_uri, rate_limit_open_per_min=20)
    async with serving(settings, password_hash) as house:
        on_the_minute(house)
        guess = {"secret": "x" * 43}
        for _ in range(10):
            assert (await house.http.post("/api/invites/open", json=guess)).status_code == 404
            made_up = {**guess, "password": PASSWORD}
            assert (await house.http.post("/api/auth/accept-invitation", json=made_up)).status_code == 404
        login = {"email": "nobody@example.com", "password": PASSWORD}
        for path, body in (("login", login), ("refresh", {}), ("reset-password", guess)):
            answer = await house.http.post(f"/api/auth/{path}", json=body)
            assert_problem(answer, 429, "too_many_requests")
        account = await house.account()
        assert (await house.http.get("/api/auth/me", headers=account.headers)).status_code == 200


async def test_a_request_costs_no_write(mongo_uri: str, password_hash: str) -> None:
    settings = limited(mongo_uri, rate_limit_per_address_per_min=400)
    async with serving(settings, password_hash) as house:
        on_the_minute(house)
        for _ in range(60):
            await house.http.get("/")
        [counter] = [document async for document in house.storage.leases.counters.documents()]
        assert counter["n"] == 60, "three blocks of twenty, taken in three writes"


async def test_what_the_caller_says_about_itself_is_not_believed(mongo_uri: str, password_hash: str) -> None:
    settings = limited(mongo_uri, rate_limit_per_address_per_min=20)
    async with serving(settings, password_hash) as house:
        on_the_minute(house)
        statuses = [(await from_address(house, f"203.0.113.{n}")).status_code for n in range(25)]
    assert statuses == [401] * 20 + [429] * 5


async def test_without_the_database_requests_pass_and_that_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = VirtualClock(NOON)
    async with Stack(tmp_path, services=["mongo"], progress=False) as stack:
        settings = limited(stack.url("mongo"), mongodb_wait_s=30, rate_limit_per_user_per_min=20)
        storage = await Storage.connect(settings, clock)
        rates = Rates(settings, storage, clock)
        os.kill(stack.pid("mongo"), signal.SIGSTOP)
        try:
            async with asyncio.timeout(10):
                for _ in range(3):
                    await asyncio.gather(*(rates.admit(Rate.USER, "somebody") for _ in range(50)))
                    clock.advance(6)
        finally:
            os.kill(stack.pid("mongo"), signal.SIGCONT)
        told = [record for record in caplog.records if "not limited" in record.message]
        assert len(told) == 1
        clock.advance(60)
        admitted = await asyncio.gather(
            *(rates.admit(Rate.USER, "somebody") for _ in range(30)), return_exceptions=True
        )
        assert len([one for one in admitted if one is None]) == 20
        assert all(one is None or isinstance(one, TooMany) for one in admitted)
        await storage.close()
