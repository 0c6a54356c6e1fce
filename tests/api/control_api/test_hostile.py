"""What somebody tries who means ill: a recruiter, a candidate, a dismissed admin (docs/security.md lists it)."""

import asyncio
import io
import uuid
import zipfile
from typing import Any

import httpx
import pytest

from interview.names import candidate_identity
from interview.plan import ConsentItem
from interview.session import Status
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, LiveKit, assert_problem, serving, settings_for
from tests.api.control_api.test_account_links import accepted, invited, secret_of, signs_in
from tests.api.control_api.test_consent import answers
from tests.api.control_api.test_custodian import in_room


async def reset_of(house: House, admin: Account, user: Account) -> str:
    made = await house.http.post(f"/api/users/{user.user.user_id}/password-reset", headers=admin.headers)
    return secret_of(made)


# consent


async def test_nobody_vouches_for_what_the_candidate_answered_themselves(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    session_id = made["session_id"]
    candidate = await house.candidate(made["invite_url"])
    assert (await answers(candidate, session_id, interview=True, recording=False, camera=False)).status_code == 200
    for who in (owner, await house.account(Role.ADMIN)):
        vouched = await answers(house.http, session_id, who.headers, interview=True, recording=True, camera=True)
        assert_problem(vouched, 409, "consent_by_candidate")
    session = await house.storage.sessions.get(session_id)
    assert not session.consents(ConsentItem.RECORDING)
    assert session.consent is not None
    assert {entry.by for entry in session.consent.entries} == {"candidate"}
    # whoever answered may answer otherwise
    assert (await answers(candidate, session_id, interview=True, recording=True)).status_code == 200


async def test_what_a_candidate_took_back_is_not_vouched_for_again(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    session_id = made["session_id"]
    await house.consent(owner, session_id)
    candidate = await house.candidate(made["invite_url"])
    path = f"{BASE}/session/{session_id}/consent/withdraw"
    assert (await candidate.post(path, json={"items": ["recording"]})).status_code == 200
    again = await answers(house.http, session_id, owner.headers, interview=True, recording=True)
    assert_problem(again, 409, "consent_by_candidate")
    assert not (await house.storage.sessions.get(session_id)).consents(ConsentItem.RECORDING)


# dismissed admins


async def test_who_is_dismissed_or_demoted_comes_not_back_by_links_that_they_made(house: House) -> None:
    stays = await house.account(Role.ADMIN)
    for role_or_none in (None, "recruiter"):
        rogue, victim = await house.account(Role.ADMIN), await house.account()
        backdoor = secret_of(await invited(house, rogue, role="admin"))
        reset = await reset_of(house, rogue, victim)
        path = f"/api/users/{rogue.user.user_id}"
        if role_or_none is None:
            done = await house.http.post(f"{path}/disable", headers=stays.headers)
        else:
            done = await house.http.patch(path, json={"role": role_or_none}, headers=stays.headers)
        assert done.status_code == 200, done.text
        assert_problem(await accepted(house, backdoor), 404, "link_not_found")
        body = {"secret": reset, "password": "what the rogue wants"}
        assert_problem(await house.http.post("/api/auth/reset-password", json=body), 404, "link_not_found")
        assert not await signs_in(house, victim.user.email, "what the rogue wants")


async def test_a_link_for_a_new_password_does_not_outlive_that_its_account_was_disabled(house: House) -> None:
    admin, user = await house.account(Role.ADMIN), await house.account()
    reset = await reset_of(house, admin, user)
    for act in ("disable", "enable"):
        await house.http.post(f"/api/users/{user.user.user_id}/{act}", headers=admin.headers)
    body = {"secret": reset, "password": "a password of long ago"}
    assert_problem(await house.http.post("/api/auth/reset-password", json=body), 404, "link_not_found")


# links and rooms


async def test_who_came_in_by_a_withdrawn_link_is_put_out_of_the_room(house: House) -> None:
    owner = await house.account()
    for act in ("revoke", "renew"):
        session_id = await house.started(owner)
        async with in_room(house, session_id, candidate_identity(session_id)) as room:
            out = asyncio.Event()
            room.on("disconnected", lambda *_, out=out: out.set())
            done = await house.http.post(f"{BASE}/session/{session_id}/invite/{act}", headers=owner.headers)
            assert done.status_code == 200, done.text
            async with asyncio.timeout(20):
                await out.wait()


# plans


async def test_of_a_shared_plan_others_see_what_is_shared_and_not_what_it_said_before(house: House) -> None:
    author, other = await house.account(), await house.account()
    plan_id = await house.kept_plan(author, title="A draft that names somebody")
    plan = (await house.http.get(f"/api/plans/{plan_id}", headers=author.headers)).json()["plan"]
    body = {"plan": plan | {"title": "For everybody"}, "version": 1, "shared": True}
    assert (await house.http.put(f"/api/plans/{plan_id}", json=body, headers=author.headers)).status_code == 200

    async def version(who: Account, n: int) -> httpx.Response:
        return await house.http.get(f"/api/plans/{plan_id}", params={"version": n}, headers=who.headers)

    assert_problem(await version(other, 1), 404, "plan_version_not_found")
    assert (await version(other, 2)).json()["plan"]["title"] == "For everybody"
    for who in (author, await house.account(Role.ADMIN)):
        assert (await version(who, 1)).json()["plan"]["title"] == "A draft that names somebody"


# exports


async def test_an_export_holds_no_link_and_no_token_that_works(house: House) -> None:
    owner = await house.account()
    email = f"{uuid.uuid4()}@example.com"
    body = {"name": "Ada", "email": email, "questions": ["Why?"]}
    hook = {"url": "https://192.0.2.1/hook", "events": ["invite.created"]}
    admin = await house.account(Role.ADMIN)
    allowed: Any = house.settings.webhook_allow_private
    registered = await house.http.post("/api/webhooks/outgoing", json=hook, headers=admin.headers)
    assert allowed or registered.status_code in (201, 422)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    made = await house.http.post(f"{BASE}/create", json=body, headers=owner.headers | key)
    secret = made.json()["invite_url"].partition("#")[2]
    told = await house.http.post("/api/privacy/export", json={"email": email}, headers=owner.headers)
    assert told.status_code == 200, told.text
    with zipfile.ZipFile(io.BytesIO(told.content)) as archive:
        names = archive.namelist()
        whole = b"\n".join(archive.read(name) for name in names)
    assert any(name.endswith("records/idempotency.json") for name in names)
    assert email.encode() in whole
    assert secret.encode() not in whole
    assert made.json()["livekit_token"].encode() not in whole


# races


async def test_nothing_starts_by_a_consent_that_is_not_there_any_more(house: House) -> None:
    owner = await house.account()
    for _ in range(5):
        made = await house.created(owner)
        session_id = made["session_id"]
        await house.consent(owner, session_id)
        correction = house.http.post(
            f"{BASE}/session/{session_id}/candidate", json={"email": "eve@example.com"}, headers=owner.headers
        )
        start = house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
        await asyncio.gather(start, correction)
        session = await house.storage.sessions.get(session_id)
        assert session.status is Status.INITIALIZED or session.consents(ConsentItem.INTERVIEW)


# taking the house down


async def test_a_body_that_dribbles_in_is_given_up(mongo_uri: str, livekit: LiveKit, password_hash: str) -> None:
    async with serving(settings_for(mongo_uri, livekit, request_body_s=0.3), password_hash) as house:
        host, port = house.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /api/auth/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        writer.write(head.encode() + b"Content-Length: 1000\r\n\r\n{")
        answer = await asyncio.wait_for(reader.read(), 10)  # to its end: the connection is closed
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert b'"body_too_slow"' in answer
        writer.close()


async def test_a_seat_asks_no_more_often_than_an_account(mongo_uri: str, livekit: LiveKit, password_hash: str) -> None:
    settings = settings_for(mongo_uri, livekit, rate_limit_per_user_per_min=20)
    async with serving(settings, password_hash) as house:
        made = await house.created(await house.account())
        candidate = await house.candidate(made["invite_url"])
        statuses = [(await candidate.get("/api/invites/seat")).status_code for _ in range(25)]
        assert statuses[:19] == [200] * 19
        assert statuses[-1] == 429


async def test_recordings_and_exports_are_made_a_few_at_a_time(
    mongo_uri: str, livekit: LiveKit, password_hash: str
) -> None:
    settings = settings_for(mongo_uri, livekit, downloads_at_once=1, downloads_wait_s=0.1)
    async with serving(settings, password_hash) as house:
        owner = await house.account()
        made = await house.created(owner)
        candidate = await house.candidate(made["invite_url"])
        person = {"email": "ada@example.com"}

        async def asked() -> list[httpx.Response]:
            return [
                await house.http.get(f"{BASE}/session/{made['session_id']}/recording", headers=owner.headers),
                await house.http.post("/api/privacy/export", json=person, headers=owner.headers),
                await candidate.get("/api/privacy/my-data"),
            ]

        async with house.app.state.parts.downloads.place():
            for answer in await asked():
                assert_problem(answer, 429, "too_many_downloads")
                assert answer.headers["retry-after"] == "1"
        assert [answer.status_code for answer in await asked()] == [404, 200, 200], "the place is free again"


async def test_a_thousand_who_ask_whether_the_house_is_ready_cost_one_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    list_rooms = house.rooms.list_rooms

    async def counted() -> list[str]:
        nonlocal looks
        looks += 1
        return await list_rooms()

    monkeypatch.setattr(house.rooms, "list_rooms", counted)
    checks = house.app.state.parts.monitoring.checks
    assert all(await asyncio.gather(*(checks.all() for _ in range(1000))))
    assert looks == 1
    await checks.all()
    assert looks == 2, "what was seen before is not told again"
