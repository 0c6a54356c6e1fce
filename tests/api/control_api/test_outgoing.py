"""Registering webhooks over HTTP, and what admins see of deliveries."""

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from standardwebhooks import Webhook as Verifier

from control_api.outgoing.announce import announce_due
from control_api.outgoing.loop import Courier
from interview.user import Role
from tests.api.control_api.house import BASE, NOWHERE, Account, House, LiveKit, assert_problem, serving, settings_for
from tests.storage.outgoing.receiver import Receiver
from tests.storage.outgoing.records import until

ROOT = Path(__file__).parents[3]
HOOKS = "/api/webhooks/outgoing"


@pytest_asyncio.fixture(scope="module")
async def open_house(mongo_uri: str, password_hash: str) -> AsyncIterator[House]:
    """A house that may deliver to this machine, with a database of its own."""
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    settings = settings_for(
        mongo_uri, nowhere, mongodb_database="outgoing_tests", webhook_allow_private=True, delivery_poll_s=0.05
    )
    async with serving(settings, password_hash) as running:
        async with Courier.of(running.settings, running.storage, running.clock).running():
            yield running
        await running.storage.client.drop_database("outgoing_tests")


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as running:
        yield running


@pytest_asyncio.fixture
async def admin(open_house: House) -> Account:
    return await open_house.account(Role.ADMIN)


async def register(house: House, admin: Account, url: str, **given: Any) -> dict[str, Any]:
    body = {"url": url, "events": ["session.ended", "invite.created"]} | given
    answer = await house.http.post(HOOKS, json=body, headers=admin.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def log_of(house: House, admin: Account, webhook_id: str, **query: Any) -> dict[str, Any]:
    answer = await house.http.get(f"{HOOKS}/{webhook_id}/deliveries", params=query, headers=admin.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def delivered(house: House, admin: Account, webhook_id: str, count: int = 1) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    async def all_of_them() -> bool:
        found[:] = (await log_of(house, admin, webhook_id, status="delivered"))["deliveries"]
        return len(found) >= count

    await until(all_of_them)
    return found


async def test_the_secret_is_shown_once_and_signs_what_is_sent(
    open_house: House, admin: Account, receiver: Receiver
) -> None:
    made = await register(open_house, admin, receiver.url, description="the applicant tracker")
    assert made["created_by"] == admin.user.user_id
    one = f"{HOOKS}/{made['webhook_id']}"
    for shown in (
        (await open_house.http.get(one, headers=admin.headers)).json(),
        *(await open_house.http.get(HOOKS, headers=admin.headers)).json()["webhooks"],
    ):
        assert "secret" not in shown

    pinged = await open_house.http.post(f"{one}/ping", headers=admin.headers)
    assert pinged.status_code == 202
    got = (await receiver.has(1))[0]
    assert got.json["type"] == "ping"
    Verifier(made["secret"]).verify(got.body, got.headers)

    rotated = (await open_house.http.post(f"{one}/secret", headers=admin.headers)).json()
    assert rotated["secret"] != made["secret"]
    assert rotated["previous_secret_until"] is not None
    await open_house.http.post(f"{one}/ping", headers=admin.headers)
    got = (await receiver.has(2))[1]
    for secret in (made["secret"], rotated["secret"]):
        Verifier(secret).verify(got.body, got.headers)
    acts = [e.action for e in await open_house.storage.audit.of_subject(f"webhook:{made['webhook_id']}")]
    assert sorted(acts) == ["create webhook", "ping webhook", "ping webhook", "rotate webhook secret"]


async def test_the_end_of_a_session_is_announced_logged_and_sent_again_on_request(
    open_house: House, admin: Account, receiver: Receiver
) -> None:
    made = await register(open_house, admin, receiver.url, events=["session.ended"])
    owner = await open_house.account()
    session_id = await open_house.ready(owner)
    await open_house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)  # fails: no LiveKit
    await announce_due(open_house.app.state.parts)
    [row] = await delivered(open_house, admin, made["webhook_id"])
    assert (row["event"], row["session_id"], row["attempts"]) == ("session.ended", session_id, 1)
    assert row["log"][0]["code"] == 204
    assert "payload" not in row

    replay = f"{HOOKS}/deliveries/{row['delivery_id']}/replay"
    assert (await open_house.http.post(replay, headers=admin.headers)).status_code == 202
    first, again = await receiver.has(2)
    assert first.headers["webhook-id"] == again.headers["webhook-id"] == row["delivery_id"]
    assert first.json["data"]["status"] == "FAILED"
    assert_problem(
        await open_house.http.post(f"{HOOKS}/deliveries/none/replay", headers=admin.headers), 404, "delivery_not_found"
    )


async def test_whoever_sends_links_hears_of_each_when_it_is_made_changed_and_withdrawn(
    open_house: House, admin: Account, receiver: Receiver
) -> None:
    await register(open_house, admin, receiver.url, events=["invite.created", "invite.changed", "invite.withdrawn"])
    owner = await open_house.account()
    made = await open_house.created(owner)
    path = f"{BASE}/session/{made['session_id']}"
    later = (open_house.clock.now() + timedelta(days=30)).isoformat()

    async def post(act: str, body: dict[str, Any]) -> Any:
        return (await open_house.http.post(f"{path}/{act}", json=body, headers=owner.headers)).json()

    links = [made["invite_url"]]
    links.append((await post("reschedule", {"not_after": later}))["invite_url"])
    links.append((await post("candidate", {"email": "grace@example.com"}))["invite_url"])
    links.append((await post("invite/renew", {}))["invite_url"])
    await post("invite/revoke", {})
    got = await receiver.has(5)
    told = sorted((one.json["type"], one.json["data"]["invite_url"] or "") for one in got)
    assert told == sorted(
        [
            ("invite.created", links[0]),
            *(("invite.changed", link) for link in links[1:]),
            ("invite.withdrawn", ""),
        ]
    )


async def test_the_log_comes_in_pages(open_house: House, admin: Account, receiver: Receiver) -> None:
    webhook_id = (await register(open_house, admin, receiver.url))["webhook_id"]
    for _ in range(3):
        await open_house.http.post(f"{HOOKS}/{webhook_id}/ping", headers=admin.headers)
        open_house.clock.advance(1)
    await delivered(open_house, admin, webhook_id, 3)
    page = await log_of(open_house, admin, webhook_id, limit=2)
    rest = await log_of(open_house, admin, webhook_id, limit=2, cursor=page["next_cursor"])
    assert (len(page["deliveries"]), len(rest["deliveries"]), rest["next_cursor"]) == (2, 1, None)
    assert (await log_of(open_house, admin, webhook_id, status="failed"))["deliveries"] == []
    assert (await log_of(open_house, admin, "mail"))["deliveries"] == []
    bad = await open_house.http.get(f"{HOOKS}/{webhook_id}/deliveries", params={"cursor": "x"}, headers=admin.headers)
    assert_problem(bad, 422, "bad_cursor")


async def test_changing_switching_off_and_deleting(open_house: House, admin: Account, receiver: Receiver) -> None:
    webhook_id = (await register(open_house, admin, receiver.url))["webhook_id"]
    one = f"{HOOKS}/{webhook_id}"

    async def change(**given: Any) -> httpx.Response:
        return await open_house.http.patch(one, json=given, headers=admin.headers)

    changed = (await change(events=["report.ready", "report.ready"], description="new", disabled=True)).json()
    assert (changed["events"], changed["description"]) == (["report.ready"], "new")
    assert changed["disabled_at"] is not None
    ping = await open_house.http.post(f"{one}/ping", headers=admin.headers)
    assert_problem(ping, 409, "webhook_disabled")
    assert (await change(disabled=False)).json()["disabled_at"] is None
    for wrong in ({}, {"events": []}, {"events": ["ping"]}, {"events": ["no.such"]}, {"url": None}, {"secret": "x"}):
        assert_problem(await change(**wrong), 422, "invalid")
    assert_problem(await change(url="ftp://x/"), 422, "webhook_url_invalid")

    assert (await open_house.http.delete(one, headers=admin.headers)).status_code == 204
    for method, path in (("GET", one), ("DELETE", one), ("POST", f"{one}/ping"), ("POST", f"{one}/secret")):
        assert_problem(await open_house.http.request(method, path, headers=admin.headers), 404, "webhook_not_found")


async def test_a_process_that_is_told_to_end_finishes_what_it_delivers(
    mongo_uri: str, password_hash: str, receiver: Receiver
) -> None:
    receiver.hold()
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    name = f"ending_{uuid.uuid4().hex[:12]}"
    settings = settings_for(mongo_uri, nowhere, mongodb_database=name, webhook_allow_private=True)
    names = ("mongodb_uri", "mongodb_database", "livekit_url", "livekit_api_key", "webhook_allow_private")
    secrets = ("encryption_keys", "livekit_api_secret", "jwt_secret")
    environment = {one.upper(): str(getattr(settings, one)) for one in names}
    environment |= {one.upper(): getattr(settings, one).get_secret_value() for one in secrets}
    environment |= {"PATH": os.environ["PATH"], "API_PORT": "0"}
    async with serving(settings, password_hash) as house:  # it delivers nothing itself
        admin = await house.account(Role.ADMIN)
        webhook_id = (await register(house, admin, receiver.url))["webhook_id"]
        await house.http.post(f"{HOOKS}/{webhook_id}/ping", headers=admin.headers)
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "control_api", cwd=ROOT, env=environment)
        await receiver.has(1)
        process.send_signal(signal.SIGTERM)
        asyncio.get_running_loop().call_later(0.5, receiver.held.set)
        await asyncio.wait_for(process.wait(), 30)
        [row] = (await log_of(house, admin, webhook_id))["deliveries"]
        assert (row["status"], [entry["code"] for entry in row["log"]]) == ("delivered", [204])
        await house.storage.client.drop_database(name)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "webhook_url_invalid"),
        ("https://localhost/", "webhook_target_refused"),
        ("https://169.254.169.254/latest/meta-data", "webhook_target_refused"),
        ("https://[::1]:8000/", "webhook_target_refused"),
        ("https://no-such-host.invalid/", "webhook_host_unknown"),
    ],
)
async def test_private_targets_are_refused_at_registration(house_without_livekit: House, url: str, code: str) -> None:
    admin = await house_without_livekit.account(Role.ADMIN)
    body = {"url": url, "events": ["report.ready"]}
    assert_problem(await house_without_livekit.http.post(HOOKS, json=body, headers=admin.headers), 422, code)


async def test_a_problem_that_a_candidate_raises_is_told_without_its_words(
    open_house: House, admin: Account, receiver: Receiver
) -> None:
    await register(open_house, admin, receiver.url, events=["problem.raised"])
    made = await open_house.created(await open_house.account())
    problem = await open_house.raised(made, text="The zeppelin hums", kind="technical")
    for _ in range(2):
        await announce_due(open_house.app.state.parts)
    [got] = await receiver.has(1)
    assert got.json["type"] == "problem.raised"
    assert got.json["data"]["problem_id"] == problem["problem_id"]
    assert got.json["data"]["kind"] == "technical"
    assert b"zeppelin" not in got.body
