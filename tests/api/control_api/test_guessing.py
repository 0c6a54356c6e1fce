"""Guessing passwords gets slower and slower, for accounts that exist and for those that do not."""

import asyncio
import uuid
from collections import Counter

import httpx
import pytest

from tests.api.control_api.house import NOWHERE, PASSWORD, House, LiveKit, assert_problem, serving, settings_for


async def attempt(house: House, email: str, password: str = "a wrong password") -> httpx.Response:
    return await house.http.post("/api/auth/login", json={"email": email, "password": password})


async def an_email(house: House, known: bool) -> str:
    return (await house.account()).user.email if known else f"{uuid.uuid4()}@example.com"


@pytest.mark.parametrize("known", [True, False], ids=["an account", "no account"])
async def test_after_three_failures_the_next_try_waits_longer_and_longer(house: House, known: bool) -> None:
    email = await an_email(house, known)
    for _ in range(3):
        assert_problem(await attempt(house, email), 401, "bad_credentials")
    waits = []
    for _ in range(13):
        refused = await attempt(house, email)
        assert_problem(refused, 429, "too_many_attempts")
        waits.append(int(refused.headers["retry-after"]))
        house.clock.advance(waits[-1])
        assert_problem(await attempt(house, email), 401, "bad_credentials")
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_while_one_waits_the_right_password_is_not_taken_either_and_nothing_counts(house: House) -> None:
    email = await an_email(house, True)
    for _ in range(3):
        await attempt(house, email)
    for _ in range(20):
        assert_problem(await attempt(house, email, PASSWORD), 429, "too_many_attempts")
    house.clock.advance(1)
    assert (await attempt(house, email, PASSWORD)).status_code == 200


async def test_success_forgets_the_failures(house: House) -> None:
    email = await an_email(house, True)
    for _ in range(3):
        await attempt(house, email)
    house.clock.advance(1)
    assert (await attempt(house, email, PASSWORD)).status_code == 200
    for _ in range(3):
        assert_problem(await attempt(house, email), 401, "bad_credentials")
    assert_problem(await attempt(house, email), 429, "too_many_attempts")


async def test_failures_are_forgotten_after_a_while_and_no_account_is_shut_for_good(house: House) -> None:
    email = await an_email(house, True)
    for _ in range(4):
        await attempt(house, email)
    house.clock.advance(3600)
    for _ in range(3):
        assert_problem(await attempt(house, email), 401, "bad_credentials")


async def test_a_hundred_guesses_at_once_get_no_further_than_three_in_a_row(house: House) -> None:
    email = await an_email(house, True)
    answers = await asyncio.gather(*(attempt(house, email) for _ in range(100)))
    assert Counter(answer.status_code for answer in answers) == {401: 3, 429: 97}


async def test_an_address_is_slowed_down_whatever_the_account_and_replicas_count_together(
    mongo_uri: str, password_hash: str
) -> None:
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    settings = settings_for(
        mongo_uri,
        nowhere,
        mongodb_database=f"guessing_{uuid.uuid4().hex[:12]}",
        sign_in_free_failures_per_address=6,
        trusted_proxies="127.0.0.1",
    )
    async with serving(settings, password_hash) as one, serving(settings, password_hash) as other:

        async def attempt_from(house: House, address: str, email: str, password: str) -> httpx.Response:
            body = {"email": email, "password": password}
            return await house.http.post("/api/auth/login", json=body, headers={"X-Forwarded-For": address})

        good = (await one.account()).user.email
        for house in (one, other) * 3:
            email = f"{uuid.uuid4()}@example.com"
            assert_problem(await attempt_from(house, "203.0.113.9", email, "a wrong one"), 401, "bad_credentials")
        for house in (one, other):
            refused = await attempt_from(house, "203.0.113.9", good, PASSWORD)
            assert_problem(refused, 429, "too_many_attempts")
            assert (await attempt_from(house, "203.0.113.10", good, PASSWORD)).status_code == 200

        # being right oneself does not make up for guessing at others
        one.clock.advance(2)
        assert (await attempt_from(one, "203.0.113.9", good, PASSWORD)).status_code == 200
        wrong = await attempt_from(one, "203.0.113.9", f"{uuid.uuid4()}@example.com", "a wrong one")
        assert_problem(wrong, 401, "bad_credentials")
        assert_problem(await attempt_from(one, "203.0.113.9", good, PASSWORD), 429, "too_many_attempts")


async def test_no_email_and_no_address_is_stored_with_the_failures(house: House) -> None:
    email = await an_email(house, False)
    await attempt(house, email)
    stored = [document async for document in house.storage.sign_in_failures.collection.documents()]
    assert stored
    assert email not in repr(stored)
    assert "127.0.0.1" not in repr(stored)
