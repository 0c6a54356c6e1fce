"""Staying signed in: refresh tokens that work once, families of them that end, access tokens that end with them."""

import asyncio
from collections import Counter
from typing import Any

import httpx

from control_api.auth.housekeeping import forget_old
from interview.user import MAX_SIGN_INS
from tests.api.control_api.house import (
    NOWHERE,
    PASSWORD,
    Account,
    House,
    LiveKit,
    assert_problem,
    serving,
    settings_for,
)

GRACE_S = 10


async def signed_in(house: House, account: Account, **given: Any) -> dict[str, Any]:
    body = {"email": account.user.email, "password": PASSWORD, "cookie": False} | given
    answer = await house.http.post("/api/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refreshed(house: House, token: str) -> httpx.Response:
    return await house.http.post("/api/auth/refresh", json={"refresh_token": token})


async def me(house: House, tokens: dict[str, Any]) -> httpx.Response:
    return await house.http.get("/api/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


async def post(house: House, path: str, tokens: dict[str, Any], **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return await house.http.post(path, headers=headers, json=body or None)


async def audited(house: House, account: Account) -> list[str]:
    return [entry.action for entry in await house.storage.audit.of_subject(f"user:{account.user.user_id}")]


async def test_a_browser_renews_its_access_token_by_a_cookie_that_no_script_can_read(house: House) -> None:
    account = await house.account()
    browser = house.browser()
    answer = await browser.post("/api/auth/login", json={"email": account.user.email, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("viva_refresh=")
    assert {"HttpOnly", "SameSite=strict", "Path=/api/auth", "Max-Age=1209600"} <= set(cookie.split("; "))
    assert answer.json()["refresh_token"] is None

    house.clock.advance(900)
    assert_problem(await me(house, answer.json()), 401, "token_expired")
    renewed = await browser.post("/api/auth/refresh")
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["refresh_token"] is None
    assert renewed.headers["set-cookie"] != cookie
    assert (await me(house, renewed.json())).status_code == 200
    assert (await browser.post("/api/auth/refresh")).status_code == 200


async def test_behind_tls_the_cookie_travels_over_tls_only(mongo_uri: str, password_hash: str) -> None:
    settings = settings_for(
        mongo_uri, LiveKit(NOWHERE, "key", "secret of thirty-two characters.."), api_public_url="https://viva.example"
    )
    async with serving(settings, password_hash) as house:
        account = await house.account()
        body = {"email": account.user.email, "password": PASSWORD}
        answer = await house.http.post("/api/auth/login", json=body)
    assert "Secure" in answer.headers["set-cookie"].split("; ")


async def test_a_program_is_given_the_token_and_no_cookie(house: House) -> None:
    account = await house.account()
    first = await signed_in(house, account)
    answer = await refreshed(house, first["refresh_token"])
    assert "set-cookie" not in answer.headers
    assert answer.json()["refresh_token"] not in ("", None, first["refresh_token"])
    assert (await me(house, answer.json())).status_code == 200


async def test_of_a_hundred_refreshes_with_one_token_one_wins_and_the_sign_in_stands(house: House) -> None:
    account = await house.account()
    first = await signed_in(house, account)
    answers = await asyncio.gather(*(refreshed(house, first["refresh_token"]) for _ in range(100)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 99}
    for answer in answers:
        if answer.status_code == 409:
            assert_problem(answer, 409, "refresh_in_progress")
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await me(house, winner)).status_code == 200
    assert (await refreshed(house, winner["refresh_token"])).status_code == 200
    [family] = await house.storage.refresh_tokens.of_user(account.user.user_id)
    assert (family.generation, family.ended_at) == (3, None)


async def test_a_token_that_was_just_exchanged_is_told_so_and_later_ends_everything(house: House) -> None:
    account = await house.account()
    first = await signed_in(house, account)
    second = (await refreshed(house, first["refresh_token"])).json()
    house.clock.advance(GRACE_S)
    assert_problem(await refreshed(house, first["refresh_token"]), 409, "refresh_in_progress")
    assert (await me(house, second)).status_code == 200

    house.clock.advance(1)
    assert_problem(await refreshed(house, first["refresh_token"]), 401, "signed_out")
    assert_problem(await refreshed(house, second["refresh_token"]), 401, "signed_out")
    assert_problem(await me(house, second), 401, "signed_out")
    [family] = await house.storage.refresh_tokens.of_user(account.user.user_id)
    assert family.ended_reason == "token used twice"
    assert (await audited(house, account)).count("end sign-in: token used twice") == 1


async def test_an_older_token_ends_the_family_even_within_the_grace(house: House) -> None:
    account = await house.account()
    first = await signed_in(house, account)
    second = (await refreshed(house, first["refresh_token"])).json()
    third = (await refreshed(house, second["refresh_token"])).json()
    assert_problem(await refreshed(house, first["refresh_token"]), 401, "signed_out")
    assert_problem(await me(house, third), 401, "signed_out")


async def test_the_end_of_one_family_leaves_the_others(house: House) -> None:
    account = await house.account()
    stolen, other = await signed_in(house, account), await signed_in(house, account)
    await refreshed(house, stolen["refresh_token"])
    house.clock.advance(GRACE_S + 1)
    assert_problem(await refreshed(house, stolen["refresh_token"]), 401, "signed_out")
    assert (await me(house, other)).status_code == 200
    assert (await refreshed(house, other["refresh_token"])).status_code == 200


async def test_what_is_not_a_refresh_token_of_ours_ends_nothing(house: House) -> None:
    account = await house.account()
    tokens = await signed_in(house, account)
    [family] = await house.storage.refresh_tokens.of_user(account.user.user_id)
    signer = house.app.state.parts.signer
    access = signer.sign("access", subject=account.user.user_id, ttl_s=900, family=family.family_id)
    for wrong in ("nonsense", access, tokens["refresh_token"][:-4] + "AAAA", f"{family.family_id}.x"):
        assert_problem(await refreshed(house, wrong), 401, "signed_out")
    assert_problem(await house.browser().post("/api/auth/refresh"), 401, "signed_out")
    assert (await refreshed(house, tokens["refresh_token"])).status_code == 200


async def test_a_sign_in_without_use_runs_out_and_one_in_use_does_not(house: House) -> None:
    account = await house.account()
    used, unused = await signed_in(house, account), await signed_in(house, account)
    house.clock.advance(8 * 24 * 3600)
    used = (await refreshed(house, used["refresh_token"])).json()
    house.clock.advance(6 * 24 * 3600)
    assert_problem(await refreshed(house, unused["refresh_token"]), 401, "signed_out")
    assert (await refreshed(house, used["refresh_token"])).status_code == 200


async def test_signing_out_ends_this_sign_in_at_once_and_no_other(house: House) -> None:
    account = await house.account()
    here, there = await signed_in(house, account), await signed_in(house, account)
    answer = await post(house, "/api/auth/logout", here)
    assert answer.status_code == 204
    assert 'viva_refresh="";' in answer.headers["set-cookie"]
    assert_problem(await me(house, here), 401, "signed_out")
    assert_problem(await refreshed(house, here["refresh_token"]), 401, "signed_out")
    assert (await me(house, there)).status_code == 200
    assert "sign out" in await audited(house, account)


async def test_signing_out_everywhere_ends_all_at_once(house: House) -> None:
    account = await house.account()
    here, there = await signed_in(house, account), await signed_in(house, account)
    assert (await post(house, "/api/auth/logout-everywhere", here)).status_code == 204
    for tokens in (here, there):
        assert_problem(await me(house, tokens), 401, "signed_out")
        assert_problem(await refreshed(house, tokens["refresh_token"]), 401, "signed_out")
    families = await house.storage.refresh_tokens.of_user(account.user.user_id)
    assert [family.ended_reason for family in families] == ["signed out", "signed out"]


async def test_one_sees_where_one_is_signed_in(house: House) -> None:
    account = await house.account()
    await signed_in(house, account, label="laptop")
    gone = await signed_in(house, account)
    here = await signed_in(house, account, label="telephone")
    await post(house, "/api/auth/logout", gone)
    headers = {"Authorization": f"Bearer {here['access_token']}"}
    listed = (await house.http.get("/api/auth/sessions", headers=headers)).json()["sign_ins"]
    assert sorted((one["label"], one["current"]) for one in listed) == [("laptop", False), ("telephone", True)]


async def test_one_sign_in_too_many_ends_the_oldest(house: House) -> None:
    account = await house.account()
    first = await signed_in(house, account)
    await house.storage.users.collection.change(
        {"_id": account.user.user_id},
        {"$push": {"sign_ins": {"$each": [f"filler-{n}" for n in range(MAX_SIGN_INS - 1)]}}},
    )
    last = await signed_in(house, account)
    assert_problem(await me(house, first), 401, "signed_out")
    assert (await me(house, last)).status_code == 200
    user = await house.storage.users.get(account.user.user_id)
    assert user is not None
    assert len(user.sign_ins) == MAX_SIGN_INS


async def test_a_password_change_keeps_this_sign_in_and_ends_the_others(house: House) -> None:
    account = await house.account()
    here, there = await signed_in(house, account), await signed_in(house, account)
    answer = await post(house, "/api/auth/password", here, current=PASSWORD, new="quite another one")
    assert answer.status_code == 204, answer.text
    assert (await me(house, here)).status_code == 200
    assert (await refreshed(house, here["refresh_token"])).status_code == 200
    assert_problem(await me(house, there), 401, "signed_out")
    assert_problem(await refreshed(house, there["refresh_token"]), 401, "signed_out")
    old = await house.http.post("/api/auth/login", json={"email": account.user.email, "password": PASSWORD})
    assert_problem(old, 401, "bad_credentials")
    await signed_in(house, account, password="quite another one")
    assert "change password" in await audited(house, account)


async def test_a_password_is_changed_only_by_who_knows_it_and_guessing_slows_down(house: House) -> None:
    account = await house.account()
    here = await signed_in(house, account)
    change = {"current": "a wrong password", "new": "quite another one"}
    for _ in range(3):
        assert_problem(await post(house, "/api/auth/password", here, **change), 403, "wrong_password")
    assert_problem(await post(house, "/api/auth/password", here, **change), 429, "too_many_attempts")
    house.clock.advance(1)
    good = await post(house, "/api/auth/password", here, current=PASSWORD, new="quite another one")
    assert good.status_code == 204


async def test_the_same_letters_typed_in_another_way_are_the_same_password(house: House) -> None:
    account = await house.account()
    here = await signed_in(house, account)
    composed, decomposed = "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e", "cafe\u0301 cre\u0300me bru\u0302le\u0301e"
    answer = await post(house, "/api/auth/password", here, current=PASSWORD, new=decomposed)
    assert answer.status_code == 204, answer.text
    await signed_in(house, account, password=composed)
    await signed_in(house, account, password=decomposed)


async def test_only_hashes_of_refresh_tokens_are_stored_and_old_families_are_forgotten(house: House) -> None:
    account = await house.account()
    tokens = await signed_in(house, account)
    secret = house.app.state.parts.signer.read("refresh", tokens["refresh_token"])["secret"]
    stored = [document async for document in house.storage.refresh_tokens.collection.documents()]
    assert secret not in repr(stored)

    house.clock.advance(15 * 24 * 3600)
    assert await forget_old(house.storage, house.clock, house.settings) >= 1
    assert await house.storage.refresh_tokens.of_user(account.user.user_id) == []
