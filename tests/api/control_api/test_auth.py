"""Signing in, and the first admin."""

import time
from pathlib import Path

import pytest

from control_api.users.service import add_user, ensure_first_admin
from interview.errors import ConfigurationError, Conflict, Invalid
from interview.user import Role
from tests.api.control_api.house import BASE, PASSWORD, House, assert_problem


async def test_a_user_signs_in_and_is_told_who_they_are(house: House) -> None:
    account = await house.account()
    body = {"email": account.user.email.upper(), "password": PASSWORD}
    answer = await house.http.post("/api/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in_s"] == 900

    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    me = await house.http.get("/api/auth/me", headers=headers)
    assert me.json() == {
        "user_id": account.user.user_id,
        "email": account.user.email,
        "name": "Somebody",
        "role": "recruiter",
    }


async def test_an_unknown_email_a_wrong_password_and_a_disabled_account_get_the_same_answer(house: House) -> None:
    known = await house.account()
    disabled = await house.account(disabled_at=house.clock.now())
    attempts = [
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": known.user.email, "password": "wrong password"},
        {"email": disabled.user.email, "password": PASSWORD},
    ]
    problems = []
    for body in attempts:
        answer = await house.http.post("/api/auth/login", json=body)
        found = assert_problem(answer, 401, "bad_credentials")
        problems.append((found["message"], found["details"], answer.headers["www-authenticate"]))
    assert problems[0] == problems[1] == problems[2]


async def test_an_unknown_email_costs_the_same_work_as_a_wrong_password(house: House) -> None:
    known = await house.account()

    async def login_s(email: str) -> float:
        began = time.perf_counter()
        await house.http.post("/api/auth/login", json={"email": email, "password": "wrong password"})
        return time.perf_counter() - began

    took = [(await login_s("nobody@example.com"), await login_s(known.user.email)) for _ in range(4)]
    unknown_s, wrong_s = (min(column) for column in zip(*took, strict=True))
    # a hash is tens of milliseconds and everything else a few: without it this would be far below a third
    assert unknown_s > 0.3 * wrong_s


async def test_an_expired_token_is_told_as_such(house: House) -> None:
    account = await house.account(token_ttl_s=60)
    assert (await house.http.get("/api/auth/me", headers=account.headers)).status_code == 200
    house.clock.advance(60)
    answer = await house.http.get(f"{BASE}/sessions", headers=account.headers)
    assert_problem(answer, 401, "token_expired")


@pytest.mark.parametrize(
    "authorization",
    ["Bearer nonsense", "Bearer", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."],
)
async def test_a_token_that_is_not_ours_is_refused(house: House, authorization: str) -> None:
    answer = await house.http.get(f"{BASE}/sessions", headers={"Authorization": authorization})
    assert_problem(answer, 401, "bad_token")


async def test_without_a_token_nobody_is_anybody(house: House) -> None:
    assert_problem(await house.http.get("/api/auth/me"), 401, "not_authenticated")
    assert_problem(await house.http.post(f"{BASE}/create", json={"name": "x"}), 401, "not_authenticated")


async def test_a_disabled_account_is_out_at_once(house: House) -> None:
    account = await house.account(disabled_at=house.clock.now())
    assert_problem(await house.http.get("/api/auth/me", headers=account.headers), 401, "not_authenticated")


async def test_a_seat_is_not_an_account(house: House) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    assert_problem(await candidate.get(f"{BASE}/sessions"), 403, "not_allowed")
    seat = candidate.cookies["viva_seat"]
    answer = await house.http.get(f"{BASE}/sessions", headers={"Authorization": f"Bearer {seat}"})
    assert_problem(answer, 401, "bad_token")


async def test_an_added_user_can_sign_in_with_the_generated_password(house: House) -> None:
    email = f"Added-{house.clock.now().timestamp()}@Example.com"
    user, password = await add_user(house.storage, house.clock, email=email, name="Grace", role=Role.PROCTOR)
    assert user.email == email.lower()
    assert password
    answer = await house.http.post("/api/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200
    with pytest.raises(Conflict) as taken:
        await add_user(house.storage, house.clock, email=email.lower(), name="Other", role=Role.ADMIN)
    assert taken.value.code == "email_taken"


@pytest.mark.parametrize(
    ("email", "name", "password"),
    [("not an email", "Grace", None), ("grace@example.com", "  ", None), ("grace@example.com", "Grace", "short")],
)
async def test_a_wrong_account_is_refused_in_words(house: House, email: str, name: str, password: str | None) -> None:
    with pytest.raises(Invalid):
        await add_user(house.storage, house.clock, email=email, name=name, role=Role.RECRUITER, password=password)


async def test_the_first_admin_is_made_once_from_the_password_file(empty_house: House, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("a generated password\nsecond line\n")
    for _ in range(2):
        await ensure_first_admin(empty_house.storage, empty_house.clock, email="Admin@viva.example", password_file=file)
    assert await empty_house.storage.users.count() == 1
    body = {"email": "admin@viva.example", "password": "a generated password"}
    answer = await empty_house.http.post("/api/auth/login", json=body)
    assert answer.status_code == 200
    admin = await empty_house.storage.users.by_email("admin@viva.example")
    assert admin is not None
    assert admin.role is Role.ADMIN


async def test_without_a_readable_password_file_the_start_fails_in_words(empty_house: House, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ADMIN_PASSWORD_FILE"):
        await ensure_first_admin(
            empty_house.storage, empty_house.clock, email="a@viva.example", password_file=tmp_path / "missing"
        )
