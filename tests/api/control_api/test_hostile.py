"""What somebody tries who means ill: a recruiter, a candidate, a dismissed admin (docs/security.md lists it)."""

import asyncio
import io
import json
import uuid
import zipfile
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from control_api.access.gates import Gate
from control_api.access.table import TABLE, Reach, Who
from interview.names import candidate_identity
from interview.plan import ConsentItem
from interview.session import Status
from interview.user import Role
from tests.api.control_api.house import (
    BASE,
    PASSWORD,
    TEXT_VERSION,
    Account,
    House,
    assert_problem,
)
from tests.api.control_api.test_access import ROUTES, Asking, ask, gates_of
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


# other sites


async def test_a_page_of_another_site_does_nothing_with_the_cookies_of_ours(house: House) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    path = f"{BASE}/session/{made['session_id']}"
    consent = json.dumps({"items": {"interview": True}, "text_version": TEXT_VERSION})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        form = await candidate.post(f"{path}/consent", content=consent, headers={"Content-Type": kind})
        assert_problem(form, 415, "unsupported_media_type")
    account = await house.account()
    browser = house.browser()
    await browser.post("/api/auth/login", json={"email": account.user.email, "password": PASSWORD})
    for site in ("cross-site", "same-site"):
        said = {"Sec-Fetch-Site": site}
        assert_problem(await candidate.post(f"{path}/end", headers=said), 403, "cross_site")
        assert_problem(await candidate.post("/api/privacy/my-erasure", headers=said), 403, "cross_site")
        assert_problem(await browser.post("/api/auth/refresh", headers=said), 403, "cross_site")
    own = {"Sec-Fetch-Site": "same-origin"}
    assert (await candidate.get(path, headers=own)).status_code == 200
    assert (await browser.post("/api/auth/refresh", headers=own)).status_code == 200
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    preflight = await candidate.options(f"{path}/consent", headers=asked)
    assert "access-control-allow-origin" not in preflight.headers


# what is not one's own


CANDIDATES = [
    pytest.param(route, id=f"{min(route.methods or ())} {route.path}")
    for route in ROUTES
    for gate in gates_of(route)
    if isinstance(gate, Gate) and TABLE[gate.act].candidate is not Reach.NONE
]


@pytest.mark.parametrize("route", CANDIDATES)
async def test_nothing_is_reached_from_a_seat_whose_link_or_session_is_gone(house: House, route: APIRoute) -> None:
    owner = await house.account()
    for end in ("invite/revoke", "invite/renew", ""):
        made = await house.created(owner)
        candidate = await house.candidate(made["invite_url"])
        path = f"{BASE}/session/{made['session_id']}"
        assert (await candidate.get(path)).status_code == 200
        ended = await house.http.request(
            "POST" if end else "DELETE", f"{path}/{end}".rstrip("/"), headers=owner.headers
        )
        assert ended.is_success, ended.text
        seen = Asking(Who.CANDIDATE, candidate, {}, None, made["session_id"])
        assert_problem(await ask(house, route, seen, {"session_id": made["session_id"]}), 401, "seat_closed")


async def test_anothers_ids_in_a_body_or_a_query_are_answered_as_absent_ones(house: House) -> None:
    mine, other = await house.account(), await house.account()
    made, theirs = await house.created(mine), await house.created(other)
    problem = await house.raised(made)
    plan_id = await house.kept_plan(other)
    their_problem = await house.raised(theirs)

    def path(what: str) -> str:
        return f"{BASE}/session/{made['session_id']}/{what}"

    async def answer_of(redo: str) -> httpx.Response:
        body = {"outcome": "redo", "text": "Again", "redo_session_id": redo}
        where = f"/api/problems/{problem['problem_id']}/answer"
        return await house.http.post(where, json=body, headers=mine.headers)

    async def by_plan(plan: str) -> httpx.Response:
        body = {"name": "Ada", "email": "ada@example.com", "plan_id": plan}
        return await house.http.post(f"{BASE}/create", json=body, headers=mine.headers)

    async def in_bulk(plan: str) -> httpx.Response:
        csv = f"name,email,plan_id\nAda,ada@example.com,{plan}\n"
        return await house.http.post(f"{BASE}/bulk", content=csv, headers=mine.headers | {"Content-Type": "text/csv"})

    absent = str(uuid.uuid4())
    for call, code, key in (
        (answer_of, "redo_not_found", theirs["session_id"]),
        (by_plan, "plan_not_found", plan_id),
        (in_bulk, "bulk_invalid", plan_id),
    ):
        there, not_there = await call(key), await call(absent)
        assert_problem(there, 422, code)
        assert there.json()["details"] == not_there.json()["details"] or code == "bulk_invalid"
        assert there.json()["message"].replace(key, "") == not_there.json()["message"].replace(absent, "")
    assert_problem(
        await house.http.get(path(f"incidents/{absent}/stills/at"), headers=mine.headers), 404, "still_not_found"
    )
    listed = await house.http.get(
        f"{BASE}/sessions", params={"plan_id": theirs["interview_config"]["plan_id"]}, headers=mine.headers
    )
    assert listed.json()["sessions"] == []
    hidden = await house.http.post(
        f"/api/problems/{their_problem['problem_id']}/answer", json={"outcome": "none"}, headers=mine.headers
    )
    assert_problem(hidden, 404, "not_found")


async def test_anothers_cursor_opens_none_of_their_pages(house: House) -> None:
    mine, other = await house.account(), await house.account()
    for _ in range(3):
        await house.raised(await house.created(other))
        await house.kept_plan(other)
    for path, rows in ((f"{BASE}/sessions", "sessions"), ("/api/problems", "problems"), ("/api/plans", "plans")):
        page = (await house.http.get(path, params={"limit": 1}, headers=other.headers)).json()
        assert page["next_cursor"], path
        stolen = await house.http.get(path, params={"cursor": page["next_cursor"]}, headers=mine.headers)
        assert (stolen.status_code, stolen.json()[rows]) == (200, [])


@pytest.mark.parametrize("operator", [{"$ne": ""}, {"$gt": ""}, {"$regex": ".*"}, ["a"], {"$where": "sleep(1000)"}])
async def test_operators_of_the_database_are_no_values(house: House, operator: Any) -> None:
    owner = await house.account()
    made = await house.created(owner)
    session = f"{BASE}/session/{made['session_id']}"
    for path, body in (
        ("/api/auth/login", {"email": operator, "password": "x"}),
        ("/api/auth/refresh", {"refresh_token": operator}),
        ("/api/invites/open", {"secret": operator}),
        (f"{BASE}/create", {"name": operator, "email": "ada@example.com", "questions": ["Why?"]}),
        (f"{BASE}/create", {"name": "Ada", "email": "ada@example.com", "plan_id": operator}),
        (f"{session}/consent", {"items": operator, "text_version": "x"}),
        (f"{session}/candidate", {"name": operator}),
        ("/api/privacy/erase", {"email": operator}),
    ):
        assert_problem(await house.http.post(path, json=body, headers=owner.headers), 422, "invalid")
    for name in ("status[$ne]", "candidate[$regex]", "plan_id[$gt]", "cursor[]"):
        answer = await house.http.get(f"{BASE}/sessions", params={name: "x"}, headers=owner.headers)
        assert_problem(answer, 422, "invalid")
    assert (await house.storage.sessions.get(made["session_id"])).status is Status.INITIALIZED


# erasing


async def test_what_is_done_to_a_session_while_it_is_erased_leaves_nothing_of_it(house: House) -> None:
    owner = await house.account()
    for _ in range(3):
        name, email = f"Erased {uuid.uuid4().hex}", f"{uuid.uuid4().hex}@example.com"
        key = {"Idempotency-Key": uuid.uuid4().hex}
        made = await house.created(owner, name=name, email=email, send=True)
        session_id = made["session_id"]
        candidate = await house.candidate(made["invite_url"])
        path = f"{BASE}/session/{session_id}"
        consent = {"items": {"interview": True}, "text_version": TEXT_VERSION}
        bodies: dict[str, Any] = {
            "start": None,
            "token": None,
            "consent": consent,
            "problems": {"kind": "other", "text": f"I am {name}"},
            "events": {"events": [], "problems": [{"kind": "other", "text": f"{email} here", "ref": "r"}]},
        }
        by_owner: dict[str, Any] = {
            "invite/renew": {"send": True},
            "candidate": {"name": f"{name} again"},
            "reschedule": {"not_after": "2100-01-01T00:00:00Z", "send": True},
            "consent": consent,
            "start": None,
            "end": None,
            "redo": {"reason": name},
        }
        calls = [candidate.post(f"{path}/{what}", json=body) for what, body in bodies.items()]
        calls += [
            house.http.post(f"{path}/{what}", json=body, headers=owner.headers | key) for what, body in by_owner.items()
        ]
        calls += [
            candidate.post("/api/invites/open", json={"secret": made["invite_url"].partition("#")[2]}),
            candidate.post("/api/privacy/my-erasure"),
            house.http.post("/api/privacy/export", json={"email": email}, headers=owner.headers),
        ]
        calls.insert(len(calls) // 2, house.http.delete(path, headers=owner.headers))
        answers = await asyncio.gather(*calls)
        assert max(answer.status_code for answer in answers) < 500, [answer.text for answer in answers]
        # a redo that came before is another session of the same person
        erased = await house.http.post("/api/privacy/erase", json={"email": email}, headers=owner.headers)
        assert erased.status_code == 200
        assert (await house.storage.sessions.get(session_id)).status is Status.DELETED
        for collection in house.storage.collections:
            async for document in collection.documents():
                assert name not in str(document), collection.shape.collection
                assert email not in str(document), collection.shape.collection
                if collection.shape.session_field:
                    assert document.get(collection.shape.session_field) != session_id, collection.shape.collection
