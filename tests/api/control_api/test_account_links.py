"""One-time links: an invitation to have an account, and a new password."""

import asyncio
import uuid
from collections import Counter
from typing import Any

import httpx

from interview.user import Role
from tests.api.control_api.house import PASSWORD, Account, House, assert_problem

NEW = "a password of my own"


def secret_of(answer: httpx.Response) -> str:
    assert answer.status_code < 300, answer.text
    return answer.json()["url"].partition("#")[2]


async def invited(house: House, admin: Account, **given: Any) -> httpx.Response:
    body = {"email": f"{uuid.uuid4()}@example.com", "name": "Grace", "role": "recruiter"} | given
    return await house.http.post("/api/users/invite", json=body, headers=admin.headers)


async def accepted(house: House, secret: str, **given: Any) -> httpx.Response:
    return await house.http.post("/api/auth/accept-invitation", json={"secret": secret, "password": NEW} | given)


async def signs_in(house: House, email: str, password: str) -> bool:
    answer = await house.http.post("/api/auth/login", json={"email": email, "password": password})
    return answer.status_code == 200


async def test_an_invited_person_makes_their_account_once(house: House) -> None:
    admin = await house.account(Role.ADMIN)
    invitation = await invited(house, admin, email=f"{uuid.uuid4()}@Example.com")
    assert invitation.json()["url"].startswith(f"{house.settings.api_public_url}/accept-invitation#")
    secret = secret_of(invitation)

    made = await accepted(house, secret, name="Grace Hopper")
    assert made.status_code == 201, made.text
    assert (made.json()["name"], made.json()["role"]) == ("Grace Hopper", "recruiter")
    assert await signs_in(house, invitation.json()["email"], NEW)
    assert_problem(await accepted(house, secret), 404, "link_not_found")
    assert_problem(await invited(house, admin, email=invitation.json()["email"]), 409, "email_taken")

    stored = [document async for document in house.storage.account_links.collection.documents()]
    assert secret not in repr(stored)


async def test_of_fifty_who_open_one_invitation_at_once_one_gets_the_account(house: House) -> None:
    secret = secret_of(await invited(house, await house.account(Role.ADMIN)))
    answers = await asyncio.gather(*(accepted(house, secret) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 404: 49}


async def test_a_bad_password_leaves_the_invitation_good(house: House) -> None:
    secret = secret_of(await invited(house, await house.account(Role.ADMIN)))
    for bad in ("short", "1234567890", "Welcome2026", "GRACE"):
        assert_problem(await accepted(house, secret, password=bad), 422, "bad_password")
    assert (await accepted(house, secret)).status_code == 201


async def test_an_invitation_runs_out_and_can_be_sent_again(house: House) -> None:
    admin = await house.account(Role.ADMIN)
    invitation = await invited(house, admin)
    assert_problem(await invited(house, admin, email=invitation.json()["email"]), 409, "invitation_open")
    house.clock.advance(7 * 24 * 3600)
    assert_problem(await accepted(house, secret_of(invitation)), 404, "link_not_found")

    path = f"/api/users/invitations/{invitation.json()['invitation_id']}"
    again = await house.http.post(f"{path}/resend", headers=admin.headers)
    assert_problem(await accepted(house, secret_of(invitation)), 404, "link_not_found")
    assert (await accepted(house, secret_of(again))).status_code == 201
    assert_problem(await house.http.post(f"{path}/resend", headers=admin.headers), 409, "email_taken")
    assert_problem(await house.http.delete(path, headers=admin.headers), 409, "invitation_used")


async def test_a_withdrawn_invitation_opens_nothing(house: House) -> None:
    admin = await house.account(Role.ADMIN)
    invitation = await invited(house, admin)
    path = f"/api/users/invitations/{invitation.json()['invitation_id']}"
    for _ in range(2):
        assert (await house.http.delete(path, headers=admin.headers)).status_code == 204
    assert_problem(await accepted(house, secret_of(invitation)), 404, "link_not_found")
    assert_problem(await house.http.post(f"{path}/resend", headers=admin.headers), 404, "invitation_not_found")


async def test_invitations_are_listed_without_their_secrets(house: House) -> None:
    admin = await house.account(Role.ADMIN)
    open_one, used = await invited(house, admin), await invited(house, admin)
    await accepted(house, secret_of(used))

    async def listed(query: str) -> set[str]:
        answer = await house.http.get(f"/api/users/invitations?limit=100{query}", headers=admin.headers)
        assert "hash" not in answer.text
        assert "#" not in answer.text
        return {one["invitation_id"] for one in answer.json()["invitations"]}

    ids = {answer.json()["invitation_id"] for answer in (open_one, used)}
    assert await listed("") >= ids
    assert await listed("&only_open=true") & ids == {open_one.json()["invitation_id"]}


async def test_an_account_that_came_by_another_way_meanwhile_is_told(house: House) -> None:
    admin = await house.account(Role.ADMIN)
    invitation = await invited(house, admin)
    body = {"email": invitation.json()["email"], "name": "Grace", "role": "proctor"}
    assert (await house.http.post("/api/users", json=body, headers=admin.headers)).status_code == 201
    assert_problem(await accepted(house, secret_of(invitation)), 409, "email_taken")


async def test_a_link_sets_a_new_password_once_and_ends_every_sign_in(house: House) -> None:
    admin, person = await house.account(Role.ADMIN), await house.account()
    make = f"/api/users/{person.user.user_id}/password-reset"
    earlier = secret_of(await house.http.post(make, headers=admin.headers))
    secret = secret_of(await house.http.post(make, headers=admin.headers))
    assert await signs_in(house, person.user.email, PASSWORD)

    async def reset(with_secret: str, password: str = NEW) -> httpx.Response:
        body = {"secret": with_secret, "password": password}
        return await house.http.post("/api/auth/reset-password", json=body)

    assert_problem(await reset(earlier), 404, "link_not_found")
    assert_problem(await reset(secret, "short"), 422, "bad_password")
    assert_problem(await accepted(house, secret), 404, "link_not_found")
    assert (await reset(secret)).status_code == 204
    assert_problem(await reset(secret, "yet another one"), 404, "link_not_found")
    assert_problem(await house.http.get("/api/auth/me", headers=person.headers), 401, "signed_out")
    assert not await signs_in(house, person.user.email, PASSWORD)
    assert await signs_in(house, person.user.email, NEW)


async def test_a_link_for_a_password_runs_out_and_helps_who_was_slowed_down_by_guessing(house: House) -> None:
    admin, person = await house.account(Role.ADMIN), await house.account()
    make = f"/api/users/{person.user.user_id}/password-reset"
    old = secret_of(await house.http.post(make, headers=admin.headers))
    house.clock.advance(24 * 3600)
    answer = await house.http.post("/api/auth/reset-password", json={"secret": old, "password": NEW})
    assert_problem(answer, 404, "link_not_found")

    for _ in range(4):
        await signs_in(house, person.user.email, "a wrong password")
    secret = secret_of(await house.http.post(make, headers=admin.headers))
    body = {"secret": secret, "password": NEW}
    assert (await house.http.post("/api/auth/reset-password", json=body)).status_code == 204
    assert await signs_in(house, person.user.email, NEW)
