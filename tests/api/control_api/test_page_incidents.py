"""What the candidate's page and seat tell becomes incidents, without any proctor, before it is acknowledged."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from control_api.incidents import page
from interview.errors import StorageUnavailable
from interview.incident import Incident, Severity
from interview.plan import IncidentKind
from interview.rules import default_rules, replay, rules_for
from interview.rules.page import page_observations
from interview.session import Status
from tests.api.control_api.house import BASE, House, assert_problem

OF_THE_PAGE = ["tab_hidden", "window_blur", "fullscreen_left", "paste", "second_screen", "second_seat"]


async def running(house: House, **plan: Any) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """A session that runs and watches the page, and its candidate."""
    owner = await house.account()
    plan = {"proctoring": {"kinds": OF_THE_PAGE}} | plan
    made = await house.created(owner, questions=None, plan_id=await house.kept_plan(owner, **plan))
    await house.consent(owner, made["session_id"])
    await house.storage.sessions.start(made["session_id"], by=f"user:{owner.user.user_id}")
    house.clock.advance(10)
    return await house.candidate(made["invite_url"]), made


async def tell(house: House, candidate: httpx.AsyncClient, made: dict[str, Any], seq: int, *kinds: Any) -> Any:
    """Tell what happens now; a kind may come with what else belongs to it."""
    now = house.clock.now().isoformat()
    pairs = [kind if isinstance(kind, tuple) else (kind, {}) for kind in kinds]
    events = [{"seq": seq + n, "kind": kind, "at": now, **more} for n, (kind, more) in enumerate(pairs)]
    answer = await candidate.post(f"{BASE}/session/{made['session_id']}/events", json={"events": events})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def filed(house: House, made: dict[str, Any]) -> list[Incident]:
    return await house.storage.incidents.of(made["session_id"])


async def settled(house: House) -> None:
    """Wait until nothing is to be filed later any more."""
    due = house.app.state.parts.due
    assert len(due) == 1
    async with asyncio.timeout(10):
        while len(due):  # noqa: ASYNC110 - nothing tells when it was looked at
            await asyncio.sleep(0.05)


async def test_every_kind_is_filed_at_once(house: House) -> None:
    candidate, made = await running(house)
    for seq, kind in enumerate(("tab_hidden", "fullscreen_left", "second_screen", "paste")):
        began = time.monotonic()
        await tell(house, candidate, made, seq, kind)
        assert time.monotonic() - began < 1
        assert (await filed(house, made))[-1].kind.value == kind
        house.clock.advance(1)
    found = {one.kind: one for one in await filed(house, made)}
    assert len(found) == 4
    assert {one.detector for one in found.values()} == {"page"}
    assert {one.attempt for one in found.values()} == {1}
    assert found[IncidentKind.TAB_HIDDEN].ended_at is None
    assert found[IncidentKind.PASTE].ended_at == found[IncidentKind.PASTE].started_at


async def test_another_window_is_filed_within_a_second_without_another_call(house: House) -> None:
    candidate, made = await running(house)
    began = time.monotonic()
    await tell(house, candidate, made, 0, "window_blur")
    assert time.monotonic() - began < 1
    (one,) = await filed(house, made)
    assert (one.kind, one.severity, one.started_at) == (IncidentKind.WINDOW_BLUR, Severity.LOW, house.clock.now())


async def test_what_must_last_longer_is_filed_when_it_is_due_without_another_call(house: House) -> None:
    policy = {"kinds": OF_THE_PAGE, "thresholds": {"tab_hidden": {"after_s": 1.4}, "second_screen": {"after_s": 2.0}}}
    candidate, made = await running(house, proctoring=policy)
    began = time.monotonic()
    await tell(house, candidate, made, 0, "tab_hidden", "second_screen")
    assert time.monotonic() - began < 1
    assert await filed(house, made) == []
    await settled(house)
    assert time.monotonic() - began < 5
    assert {one.kind.value for one in await filed(house, made)} == {"tab_hidden", "second_screen"}
    assert {one.started_at for one in await filed(house, made)} == {house.clock.now()}


async def test_what_is_due_while_the_database_is_away_is_filed_when_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = {"kinds": OF_THE_PAGE, "thresholds": {"tab_hidden": {"after_s": 1.2}}}
    candidate, made = await running(house, proctoring=policy)
    await tell(house, candidate, made, 0, "tab_hidden")
    monkeypatch.setattr(page, "RETRY_S", 0.05)
    read, away = house.storage.browser_events.of, asyncio.Event()

    async def fails_once(session_id: str) -> Any:
        if not away.is_set():
            away.set()
            raise StorageUnavailable("the database is away")
        return await read(session_id)

    monkeypatch.setattr(house.storage.browser_events, "of", fails_once)
    await settled(house)
    assert away.is_set()
    assert [one.kind for one in await filed(house, made)] == [IncidentKind.TAB_HIDDEN]


@pytest.mark.parametrize("by", ["the next call", "the end"])
async def test_what_a_process_that_died_was_to_file_is_filed_by_what_comes_next(house: House, by: str) -> None:
    policy = {"kinds": OF_THE_PAGE, "thresholds": {"tab_hidden": {"after_s": 60}}}
    candidate, made = await running(house, proctoring=policy)
    began = house.clock.now()
    await tell(house, candidate, made, 0, "tab_hidden")
    due = house.app.state.parts.due
    async with due.running():
        assert len(due) == 1
    assert len(due) == 0, "nothing waits for it any more"
    house.clock.advance(70)
    if by == "the end":
        ended = await candidate.post(f"{BASE}/session/{made['session_id']}/end")
        assert ended.status_code == 200, ended.text
    else:
        await tell(house, candidate, made, 1, "window_blur")
    (one,) = [one for one in await filed(house, made) if one.kind is IncidentKind.TAB_HIDDEN]
    assert one.started_at == began
    assert one.ended_at == (house.clock.now() if by == "the end" else None)


async def test_what_is_over_before_it_is_due_is_not_filed(house: House) -> None:
    policy = {"kinds": OF_THE_PAGE, "thresholds": {"tab_hidden": {"after_s": 1.2}}}
    candidate, made = await running(house, proctoring=policy)
    await tell(house, candidate, made, 0, "tab_hidden")
    house.clock.advance(0.5)
    await tell(house, candidate, made, 1, "tab_shown")
    await settled(house)
    assert await filed(house, made) == []


async def test_leaving_the_tab_is_one_incident_though_two_things_are_told_in_two_calls(house: House) -> None:
    candidate, made = await running(house)
    both = (tell(house, candidate, made, 0, "window_blur"), tell(house, candidate, made, 1, "tab_hidden"))
    await asyncio.gather(*both)
    house.clock.advance(5)
    await tell(house, candidate, made, 2, "tab_shown", "window_focus")
    (one,) = await filed(house, made)
    assert one.kind is IncidentKind.TAB_HIDDEN
    assert one.ended_at == one.started_at + timedelta(seconds=5)


async def test_what_is_sent_again_files_nothing_again(house: House) -> None:
    candidate, made = await running(house)
    for _ in range(3):
        await tell(house, candidate, made, 0, "tab_hidden")
    house.clock.advance(1)
    await asyncio.gather(*(tell(house, candidate, made, 1, "paste") for _ in range(5)))
    assert [one.kind.value for one in await filed(house, made)] == ["tab_hidden", "paste"]


async def test_what_a_process_that_died_had_only_stored_is_filed_by_the_next_call(house: House) -> None:
    candidate, made = await running(house)
    await tell(house, candidate, made, 0, "tab_hidden")
    (one,) = await filed(house, made)
    await house.storage.incidents.collection.delete({"_id": one.incident_id})
    await tell(house, candidate, made, 0, "tab_hidden")
    assert [again.incident_id for again in await filed(house, made)] == [one.incident_id]


async def test_of_a_paste_only_the_length_is_known(house: House) -> None:
    candidate, made = await running(house)
    await tell(house, candidate, made, 0, ("paste", {"length": 1234}))
    (event,) = await house.storage.browser_events.of(made["session_id"])
    assert event.length == 1234
    assert event.page_at == event.at == event.received_at
    bad = [{"seq": 1, "kind": "paste", "at": house.clock.now().isoformat(), "text": "secret"}]
    path = f"{BASE}/session/{made['session_id']}/events"
    assert_problem(await candidate.post(path, json={"events": bad}), 422, "invalid")
    bad = [{"seq": 1, "kind": "tab_hidden", "at": house.clock.now().isoformat(), "length": 3}]
    assert_problem(await candidate.post(path, json={"events": bad}), 422, "invalid")


async def test_a_plan_and_accommodations_say_what_is_filed(house: House) -> None:
    policy = {"kinds": OF_THE_PAGE, "thresholds": {"paste": {"threshold": 100.0}, "tab_hidden": {"after_s": 20.0}}}
    relaxed = {"low_vision": True}
    candidate, made = await running(house, proctoring=policy, accommodations=relaxed)
    await tell(house, candidate, made, 0, ("paste", {"length": 99}), "window_blur", "tab_hidden")
    assert await filed(house, made) == []
    house.clock.advance(21)
    await tell(house, candidate, made, 3)
    assert [(one.kind.value, one.severity.value) for one in await filed(house, made)] == [("tab_hidden", "low")]
    house.clock.advance(21)
    await tell(house, candidate, made, 3, ("paste", {"length": 100}))
    assert (await filed(house, made))[-1].kind is IncidentKind.PASTE


async def test_a_pause_and_the_end_end_what_goes_on(house: House) -> None:
    candidate, made = await running(house)
    sessions = house.storage.sessions
    await tell(house, candidate, made, 0, "tab_hidden", "second_screen")
    house.clock.advance(30)
    await sessions.move(made["session_id"], Status.PAUSED, by="user:1")
    house.clock.advance(30)
    await sessions.move(made["session_id"], Status.IN_PROGRESS, by="user:1")
    house.clock.advance(30)
    await tell(house, candidate, made, 2, "tab_hidden")
    house.clock.advance(30)
    ended = await candidate.post(f"{BASE}/session/{made['session_id']}/end")
    assert ended.status_code == 200
    spans = {
        (one.kind.value, (one.ended_at - one.started_at).total_seconds())
        for one in await filed(house, made)
        if one.ended_at
    }
    assert spans == {("tab_hidden", 30), ("second_screen", 30)}
    assert len(await filed(house, made)) == 3


async def test_a_second_seat_is_filed_when_it_takes_over_and_when_it_is_refused(house: House) -> None:
    _, made = await running(house)
    await house.candidate(made["invite_url"])
    (one,) = await filed(house, made)
    assert (one.kind, one.severity, one.detector) == (IncidentKind.SECOND_SEAT, Severity.HIGH, "seat")
    _, kept = await running(house, second_seat="refused")
    secret = kept["invite_url"].partition("#")[2]
    assert_problem(await house.browser().post("/api/invites/open", json={"secret": secret}), 409, "seat_in_use")
    assert [one.kind.value for one in await filed(house, kept)] == ["second_seat"]


async def test_a_seat_that_is_taken_before_the_start_is_no_incident(house: House) -> None:
    owner = await house.account()
    plan_id = await house.kept_plan(owner, proctoring={"kinds": OF_THE_PAGE})
    made = await house.created(owner, questions=None, plan_id=plan_id)
    for _ in range(2):
        await house.candidate(made["invite_url"])
    await house.consent(owner, made["session_id"])
    await house.storage.sessions.start(made["session_id"], by="user:1")
    candidate = await house.candidate(made["invite_url"])
    house.clock.advance(1)
    await tell(house, candidate, made, 0, "paste")
    assert [one.kind.value for one in await filed(house, made)] == ["second_seat", "paste"]


async def test_what_is_stored_gives_the_incidents_again(house: House) -> None:
    candidate, made = await running(house)
    for seq, kind in enumerate(("tab_hidden", "tab_shown", "paste", "fullscreen_left", "tab_hidden", "tab_shown")):
        await tell(house, candidate, made, seq, kind)
        house.clock.advance(20)
    session = await house.storage.sessions.get(made["session_id"])
    events = await house.storage.browser_events.of(session.session_id)
    rules = rules_for(default_rules(), session.plan.proctoring, session.adjustments)
    again = replay(page_observations(session, events), rules)
    assert [(c.kind, c.started_at, c.ended_at) for c in again] == [
        (one.kind, one.started_at, one.ended_at) for one in await filed(house, made)
    ]
    assert len(again) == 4
