"""Seats: the same person comes back, and a second browser takes over or is refused."""

import asyncio

import httpx
import pytest

from control_api.invites import seats
from interview.session import MAX_SEAT_CHANGES, Status
from tests.api.control_api.house import BASE, Account, House, assert_problem


async def opened(house: House, invite_url: str, browser: httpx.AsyncClient | None = None) -> httpx.Response:
    client = browser or house.browser()
    return await client.post("/api/invites/open", json={"secret": invite_url.partition("#")[2]})


async def changes(house: House, session_id: str) -> list[str]:
    return [change.kind.value for change in (await house.storage.sessions.get(session_id)).seat_changes]


async def refusing(house: House, session_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the session's plan refuse a second seat, whether or not plans can say so yet."""
    monkeypatch.setattr(
        seats, "REFUSED", getattr((await house.storage.sessions.get(session_id)).plan, "second_seat", None)
    )


async def test_the_same_browser_keeps_its_seat_however_often_it_opens_the_link(house: House) -> None:
    made = await house.created(await house.account())
    browser = await house.candidate(made["invite_url"])
    for _ in range(3):
        assert (await opened(house, made["invite_url"], browser)).status_code == 200
        assert (await browser.get("/api/invites/seat")).status_code == 200
    assert await changes(house, made["session_id"]) == []


async def test_a_second_browser_takes_over_and_it_is_noted(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    path = f"{BASE}/session/{made['session_id']}"
    first = await house.candidate(made["invite_url"])
    second = await house.candidate(made["invite_url"])
    assert_problem(await first.get(path), 401, "seat_taken_over")
    assert_problem(await first.get("/api/invites/seat"), 401, "seat_taken_over")
    assert (await second.get(path)).status_code == 200
    assert (await opened(house, made["invite_url"], first)).status_code == 200  # back on the first device
    assert_problem(await second.get(path), 401, "seat_taken_over")
    assert await changes(house, made["session_id"]) == ["taken_over", "taken_over"]
    shown = (await house.http.get(path, headers=owner.headers)).json()
    assert [change["kind"] for change in shown["seat_changes"]] == ["taken_over", "taken_over"]
    assert "seat_hash" not in str(shown)
    entries = await house.storage.audit.of_subject(f"session:{made['session_id']}")
    assert [e.action for e in entries].count("second seat taken_over") == 2


async def test_who_was_away_for_long_moves_without_suspicion(house: House) -> None:
    made = await house.created(await house.account())
    await house.candidate(made["invite_url"])
    house.clock.advance(house.settings.seat_idle_s)
    await house.candidate(made["invite_url"])
    assert await changes(house, made["session_id"]) == ["moved"]


async def test_where_the_plan_says_so_a_second_browser_is_refused_until_the_first_is_gone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await house.created(await house.account())
    await refusing(house, made["session_id"], monkeypatch)
    first = await house.candidate(made["invite_url"])
    house.clock.advance(house.settings.seat_idle_s - 10)
    assert (await first.get("/api/invites/seat")).status_code == 200  # it is in use
    house.clock.advance(20)
    refused = await opened(house, made["invite_url"])
    assert_problem(refused, 409, "seat_in_use")
    assert "set-cookie" not in refused.headers
    wait_s = int(refused.headers["retry-after"])
    assert 0 < wait_s <= house.settings.seat_idle_s
    assert (await first.get("/api/invites/seat")).status_code == 200
    assert await changes(house, made["session_id"]) == ["refused"]

    house.clock.advance(house.settings.seat_idle_s)  # a laptop that died locks nobody out
    assert (await opened(house, made["invite_url"])).status_code == 200
    assert_problem(await first.get("/api/invites/seat"), 401, "seat_taken_over")
    assert await changes(house, made["session_id"]) == ["refused", "moved"]


async def test_of_many_browsers_at_once_one_has_the_seat(house: House) -> None:
    made = await house.created(await house.account())
    browsers = [house.browser() for _ in range(8)]
    answers = await asyncio.gather(*(opened(house, made["invite_url"], browser) for browser in browsers))
    assert {answer.status_code for answer in answers} == {200}
    seen = [(await browser.get("/api/invites/seat")).status_code for browser in browsers]
    assert sorted(seen) == [200] + [401] * 7
    assert await changes(house, made["session_id"]) == ["taken_over"] * 7


async def test_notes_are_bounded(house: House) -> None:
    made = await house.created(await house.account())
    for _ in range(MAX_SEAT_CHANGES + 3):
        assert (await opened(house, made["invite_url"])).status_code == 200
    assert len(await changes(house, made["session_id"])) == MAX_SEAT_CHANGES
    entries = await house.storage.audit.of_subject(f"session:{made['session_id']}")
    assert len([e for e in entries if e.action.startswith("second seat")]) == MAX_SEAT_CHANGES + 2


async def test_after_the_end_the_after_pages_open_everywhere_until_retention_ends(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    session_id = made["session_id"]
    path = f"{BASE}/session/{session_id}"
    first = await house.candidate(made["invite_url"])
    await house.consent(owner, session_id)
    await house.storage.sessions.start(session_id, by="user:x")
    house.clock.advance(20 * 24 * 3600)  # while it is open the link has no end
    assert (await first.get(path)).status_code == 200
    await house.storage.sessions.move(session_id, Status.COMPLETED, by="user:x")
    second = await house.candidate(made["invite_url"])
    assert (await first.get(path)).status_code == 200
    assert (await second.get(path)).status_code == 200
    house.clock.advance(60 * 24 * 3600)
    assert (await second.get(path)).status_code == 200
    house.clock.advance(31 * 24 * 3600)
    assert_problem(await second.get(path), 401, "seat_closed")
    assert_problem(await opened(house, made["invite_url"]), 404, "invite_not_found")


async def test_a_cookie_of_another_session_is_no_seat_here(house: House) -> None:
    owner = await house.account()
    one, other = await house.created(owner), await house.created(owner)
    browser = await house.candidate(one["invite_url"])
    assert (await opened(house, other["invite_url"], browser)).json()["session_id"] == other["session_id"]
    assert await changes(house, other["session_id"]) == []


async def invite(house: House, owner: Account, session_id: str) -> dict[str, object]:
    answer = await house.http.get(f"{BASE}/session/{session_id}/invite", headers=owner.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_owner_sees_whether_a_link_was_opened_and_never_the_secret(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    before = await invite(house, owner, made["session_id"])
    assert (before["state"], before["opened_count"], before["first_opened_at"]) == ("good", 0, None)
    assert before["valid_until"] is not None
    await house.candidate(made["invite_url"])
    house.clock.advance(5)
    await house.candidate(made["invite_url"])
    after = await invite(house, owner, made["session_id"])
    assert after["opened_count"] == 2
    assert str(after["first_opened_at"]) < str(after["last_opened_at"])
    assert made["invite_url"].partition("#")[2] not in str(after)


async def test_a_renewed_link_is_the_only_one(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    path = f"{BASE}/session/{made['session_id']}"
    candidate = await house.candidate(made["invite_url"])
    renewed = await house.http.post(f"{path}/invite/renew", json={"send": True}, headers=owner.headers)
    assert renewed.status_code == 200
    assert renewed.json()["mail"] == "not_configured"
    assert_problem(await candidate.get(path), 401, "seat_closed")
    assert_problem(await opened(house, made["invite_url"]), 404, "invite_not_found")
    assert (await opened(house, renewed.json()["invite_url"], candidate)).status_code == 200
    assert (await candidate.get(path)).status_code == 200
    assert await changes(house, made["session_id"]) == []


async def test_a_revoked_link_opens_nothing_until_it_is_renewed(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    path = f"{BASE}/session/{made['session_id']}/invite"
    for _ in range(2):
        assert (await house.http.post(f"{path}/revoke", headers=owner.headers)).status_code == 200
    assert (await invite(house, owner, made["session_id"]))["state"] == "revoked"
    assert_problem(await opened(house, made["invite_url"]), 404, "invite_not_found")
    url = (await house.http.post(f"{path}/renew", headers=owner.headers)).json()["invite_url"]
    assert (await opened(house, url)).status_code == 200
    actions = [e.action for e in await house.storage.audit.of_subject(f"session:{made['session_id']}")]
    assert (actions.count("revoke invite"), actions.count("renew invite")) == (1, 1)


async def test_a_link_whose_time_is_over_is_not_renewed(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    house.clock.advance(9 * 24 * 3600)
    assert (await invite(house, owner, made["session_id"]))["state"] == "over"
    path = f"{BASE}/session/{made['session_id']}/invite/renew"
    assert_problem(await house.http.post(path, headers=owner.headers), 409, "session_over")
