"""The simulated recruiter stays signed in for longer than an access token lives."""

import asyncio

from local.recruiter import Recruiter
from tests.api.control_api.house import PASSWORD, House


async def test_a_recruiter_goes_on_when_its_token_has_run_out_and_when_its_sign_in_has(house: House) -> None:
    account = await house.account()
    session_id = (await house.created(account))["session_id"]
    async with await Recruiter.sign_in(house.url, account.user.email, PASSWORD) as recruiter:
        assert await recruiter.status(session_id) == "INITIALIZED"
        house.clock.advance(900)
        statuses = await asyncio.gather(*(recruiter.status(session_id) for _ in range(10)))
        assert set(statuses) == {"INITIALIZED"}
        [family] = await house.storage.refresh_tokens.of_user(account.user.user_id)
        assert family.generation == 2, "ten calls renewed once"
        house.clock.advance(6 * 24 * 3600)
        assert await recruiter.status(session_id) == "INITIALIZED"
        house.clock.advance(15 * 24 * 3600)
        assert await recruiter.status(session_id) == "INITIALIZED"
        assert len(await house.storage.refresh_tokens.of_user(account.user.user_id)) == 2
