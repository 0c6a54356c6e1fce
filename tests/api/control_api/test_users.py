"""Accounts as admins make, see, change and disable them."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from interview.user import Role
from tests.api.control_api.house import (
    BASE,
    NOWHERE,
    PASSWORD,
    Account,
    House,
    LiveKit,
    assert_problem,
    serving,
    settings_for,
)


@pytest_asyncio.fixture
async def houses(mongo_uri: str, password_hash: str) -> AsyncIterator[tuple[House, House]]:
    """Two replicas on one database that nobody else uses."""
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    settings = settings_for(mongo_uri, nowhere, mongodb_database=f"users_{uuid.uuid4().hex[:12]}")
    async with serving(settings, password_hash) as one, serving(settings, password_hash) as other:
        yield one, other


def an_email() -> str:
    return f"{uuid.uuid4()}@example.com"


async def call(house: House, who: Account, method: str, path: str, body: Any = None) -> httpx.Response:
    return await house.http.request(method, f"/api/users{path}", json=body, headers=who.headers)


async def test_an_admin_makes_an_account_with_a_generated_password_that_signs_in(house: House) -> None:
    admin = await house.account(Role.ADMIN)
    body = {"email": an_email().upper(), "name": "Grace", "role": "proctor"}
    made = await call(house, admin, "POST", "", body)
    assert made.status_code == 201, made.text
    assert "password_hash" not in made.text
    login = {"email": body["email"], "password": made.json()["generated_password"]}
    assert (await house.http.post("/api/auth/login", json=login)).status_code == 200
    assert_problem(await call(house, admin, "POST", "", body), 409, "email_taken")
    audit = await house.storage.audit.of_subject(f"user:{made.json()['user_id']}")
    assert (f"user:{admin.user.user_id}", "add user") in {(entry.actor, entry.action) for entry in audit}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "not an email"}, "bad_user"),
        ({"name": " "}, "invalid"),
        ({"role": "owner"}, "invalid"),
        ({"password": "short"}, "bad_password"),
        ({"password": "Grace Hopper"}, "bad_password"),
        ({"password": "Welcome 2026"}, "bad_password"),
        ({"unknown": 1}, "invalid"),
    ],
)
async def test_a_wrong_account_is_refused(house: House, changes: dict[str, Any], code: str) -> None:
    admin = await house.account(Role.ADMIN)
    body = {"email": an_email(), "name": "Grace Hopper", "role": "proctor"} | changes
    assert_problem(await call(house, admin, "POST", "", body), 422, code)


async def test_accounts_are_listed_page_by_page_and_filtered(houses: tuple[House, House]) -> None:
    house, _ = houses
    admin = await house.account(Role.ADMIN)
    made = [admin.user.user_id]
    for n in range(6):
        house.clock.advance(1)
        role = Role.PROCTOR if n % 2 else Role.RECRUITER
        made.append((await house.account(role)).user.user_id)
    await house.storage.users.disable(made[-1], house.clock.now())

    async def listed(query: str) -> list[str]:
        found: list[str] = []
        cursor = ""
        while True:
            page = (await call(house, admin, "GET", f"?limit=2{query}{cursor}")).json()
            found += [user["user_id"] for user in page["users"]]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    assert await listed("") == made[::-1]
    assert await listed("&role=proctor") == [made[6], made[4], made[2]]
    assert await listed("&role=proctor&active=true") == [made[4], made[2]]
    assert await listed("&active=false") == [made[6]]
    assert_problem(await call(house, admin, "GET", "?cursor=x"), 422, "bad_cursor")
    assert_problem(await call(house, admin, "GET", "?limit=101"), 422, "invalid")


async def test_a_role_acts_from_the_next_call_on(house: House) -> None:
    admin, other = await house.account(Role.ADMIN), await house.account(Role.PROCTOR)
    assert_problem(await house.http.get(f"{BASE}/sessions", headers=other.headers), 403, "not_allowed")
    changed = await call(house, admin, "PATCH", f"/{other.user.user_id}", {"role": "recruiter", "name": "Rae"})
    assert (changed.json()["role"], changed.json()["name"]) == ("recruiter", "Rae")
    assert (await house.http.get(f"{BASE}/sessions", headers=other.headers)).status_code == 200


async def test_disabling_acts_at_once_tells_of_open_sessions_and_enabling_does_not_sign_in(house: House) -> None:
    admin, leaving = await house.account(Role.ADMIN), await house.account()
    login = {"email": leaving.user.email, "password": PASSWORD, "cookie": False}
    tokens = (await house.http.post("/api/auth/login", json=login)).json()
    await house.created(leaving)
    ended = await house.created(leaving)
    await house.http.delete(f"{BASE}/session/{ended['session_id']}", headers=leaving.headers)

    for _ in range(2):
        disabled = await call(house, admin, "POST", f"/{leaving.user.user_id}/disable")
        assert disabled.status_code == 200, disabled.text
        assert disabled.json()["open_sessions"] == 1
    assert_problem(await house.http.get("/api/auth/me", headers=leaving.headers), 401, "not_authenticated")
    renew = {"refresh_token": tokens["refresh_token"]}
    assert_problem(await house.http.post("/api/auth/refresh", json=renew), 401, "signed_out")
    assert_problem(await house.http.post("/api/auth/login", json=login), 401, "bad_credentials")

    assert (await call(house, admin, "POST", f"/{leaving.user.user_id}/enable")).json()["disabled_at"] is None
    assert_problem(await house.http.get("/api/auth/me", headers=leaving.headers), 401, "signed_out")
    assert_problem(await house.http.post("/api/auth/refresh", json=renew), 401, "signed_out")
    assert (await house.http.post("/api/auth/login", json=login)).status_code == 200
    audit = [entry.action for entry in await house.storage.audit.of_subject(f"user:{leaving.user.user_id}")]
    assert Counter(audit) == {"sign in": 2, "disable user": 1, "enable user": 1}


async def test_the_last_admin_can_be_neither_disabled_nor_demoted(houses: tuple[House, House]) -> None:
    house, _ = houses
    admin = await house.account(Role.ADMIN)
    await house.account(Role.ADMIN, disabled_at=house.clock.now())
    path = f"/{admin.user.user_id}"
    assert_problem(await call(house, admin, "POST", f"{path}/disable"), 409, "last_admin")
    assert_problem(await call(house, admin, "PATCH", path, {"role": "recruiter"}), 409, "last_admin")
    assert (await call(house, admin, "PATCH", path, {"role": "admin", "name": "Root"})).status_code == 200
    await house.account(Role.ADMIN)
    assert (await call(house, admin, "PATCH", path, {"role": "recruiter"})).status_code == 200


async def test_admins_who_disable_and_demote_one_another_at_once_leave_one(houses: tuple[House, House]) -> None:
    for _ in range(5):
        admins = [await houses[0].account(Role.ADMIN) for _ in range(4)]
        calls = []
        for n, by in enumerate(admins):
            path, body = f"/{admins[(n + 1) % 4].user.user_id}", {"role": "recruiter"}
            how = ("POST", f"{path}/disable", None) if n % 2 else ("PATCH", path, body)
            calls.append(call(houses[n % 2], by, *how))
        answers = await asyncio.gather(*calls)
        users, _ = await houses[0].storage.users.page(role=Role.ADMIN, active=True)
        assert len(users) >= 1
        # an admin who was demoted before their call was taken in is told that they may not
        assert set(Counter(answer.status_code for answer in answers)) <= {200, 401, 403, 404, 409}
        for user in users:
            await houses[0].storage.users.disable(user.user_id, houses[0].clock.now())


async def test_users_are_the_admins_and_absent_for_others(house: House) -> None:
    someone = await house.account()
    for who in (await house.account(), await house.account(Role.PROCTOR), someone):
        assert_problem(await call(house, who, "GET", f"/{someone.user.user_id}"), 404, "not_found")
        assert_problem(await call(house, who, "POST", f"/{someone.user.user_id}/disable"), 404, "not_found")
        assert_problem(await call(house, who, "GET", ""), 403, "not_allowed")
    assert (await house.http.get("/api/auth/me", headers=someone.headers)).status_code == 200


async def test_the_sessions_of_who_leaves_are_given_to_somebody_else_and_audited(house: House) -> None:
    admin, leaving, heir = await house.account(Role.ADMIN), await house.account(), await house.account()
    created = [await house.created(leaving) for _ in range(3)]
    made = [session["session_id"] for session in created]
    problem_id = (await house.raised(created[1]))["problem_id"]
    plan_id = await house.kept_plan(leaving)
    erased = (await house.created(leaving))["session_id"]
    await house.http.delete(f"{BASE}/session/{erased}", headers=leaving.headers)
    other = (await house.created(await house.account()))["session_id"]
    path = f"/{leaving.user.user_id}/transfer"
    await call(house, admin, "POST", f"/{leaving.user.user_id}/disable")

    named = {"to_user_id": heir.user.user_id, "session_ids": [made[0], other, erased, str(uuid.uuid4())]}
    first = (await call(house, admin, "POST", path, named)).json()
    assert (first["transferred"], first["already"], len(first["missing"]), first["remaining"]) == (1, 0, 3, 2)
    again = (await call(house, admin, "POST", path, named)).json()
    assert (again["transferred"], again["already"], again["remaining"]) == (0, 1, 2)

    assert first["plans_transferred"] == again["plans_transferred"] == 0
    everything = {"to_user_id": heir.user.user_id}
    rest = (await call(house, admin, "POST", path, everything)).json()
    assert (rest["transferred"], rest["remaining"]) == (2, 0)
    assert (rest["plans_transferred"], rest["plans_remaining"]) == (1, 0)
    plan = await house.http.get(f"/api/plans/{plan_id}", headers=heir.headers)
    assert plan.status_code == 200
    queue = await house.http.get("/api/problems", headers=heir.headers)
    assert [problem["problem_id"] for problem in queue.json()["problems"]] == [problem_id]
    assert (await call(house, admin, "POST", path, everything)).json()["transferred"] == 0

    listed = (await house.http.get(f"{BASE}/sessions", headers=heir.headers)).json()["sessions"]
    assert {session["session_id"] for session in listed} == set(made)
    for session_id in made:
        audit = await house.storage.audit.of_subject(f"session:{session_id}")
        assert [entry.action for entry in audit].count(f"transfer to user:{heir.user.user_id}") == 1
    assert (await house.storage.sessions.get(other)).owner_id != heir.user.user_id


async def test_many_sessions_change_hands_in_several_calls_and_each_once(
    houses: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("control_api.users.handing_over.MAX_AT_ONCE", 5)
    monkeypatch.setattr("control_api.users.handing_over.BATCH", 2)
    one, other = houses
    admin, leaving, heir = await one.account(Role.ADMIN), await one.account(), await one.account()
    made = [(await one.created(leaving))["session_id"] for _ in range(12)]
    path, body = f"/{leaving.user.user_id}/transfer", {"to_user_id": heir.user.user_id}
    both = await asyncio.gather(*(call(house, admin, "POST", path, body) for house in (one, other)))
    done = [answer.json() for answer in both]
    while done[-1]["remaining"] and len(done) < 10:
        done.append((await call(one, admin, "POST", path, body)).json())
    assert all(answer["transferred"] <= 5 for answer in done)
    assert done[-1]["remaining"] == 0
    assert sum(answer["transferred"] for answer in done) == 12
    for session_id in made:
        assert (await one.storage.sessions.get(session_id)).owner_id == heir.user.user_id


async def test_sessions_go_only_to_who_can_have_them(house: House) -> None:
    admin, leaving = await house.account(Role.ADMIN), await house.account()
    proctor = await house.account(Role.PROCTOR)
    gone = await house.account(disabled_at=house.clock.now())
    for target in (proctor.user.user_id, gone.user.user_id, str(uuid.uuid4()), leaving.user.user_id):
        answer = await call(house, admin, "POST", f"/{leaving.user.user_id}/transfer", {"to_user_id": target})
        assert_problem(answer, 422, "bad_target")
