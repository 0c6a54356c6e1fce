"""What the candidate's page notices: taken once, in our time, and only what the plan looks for while it runs."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from interview.browser_event import MAX_EVENTS
from interview.session import Status
from tests.api.control_api.house import BASE, House, assert_problem

WATCHED = {"proctoring": {"kinds": ["tab_hidden", "paste"]}}


async def running(house: House, **plan: Any) -> tuple[httpx.AsyncClient, str]:
    """A session that runs, and its candidate."""
    owner = await house.account()
    made = await house.created(owner, questions=None, plan_id=await house.kept_plan(owner, **(WATCHED | plan)))
    await house.consent(owner, made["session_id"])
    await house.storage.sessions.start(made["session_id"], by=f"user:{owner.user.user_id}")
    house.clock.advance(10)
    return await house.candidate(made["invite_url"]), made["session_id"]


def noticed(house: House, seq: int, kind: str = "tab_hidden", ago_s: float = 1) -> dict[str, Any]:
    return {"seq": seq, "kind": kind, "at": (house.clock.now() - timedelta(seconds=ago_s)).isoformat()}


async def send(candidate: httpx.AsyncClient, session_id: str, *events: dict[str, Any], **given: Any) -> Any:
    body = {"events": list(events)} | given
    return await candidate.post(f"{BASE}/session/{session_id}/events", json=body)


async def test_events_are_stored_once_and_acknowledged(house: House) -> None:
    candidate, session_id = await running(house)
    first = await send(candidate, session_id, noticed(house, 0), noticed(house, 1, "tab_shown"))
    assert first.json() == {"acknowledged": 1, "stored": 2, "problems": []}
    house.clock.advance(1)
    again = await send(candidate, session_id, noticed(house, 1, "tab_shown"), noticed(house, 2, "paste"))
    assert again.json() == {"acknowledged": 2, "stored": 1, "problems": []}
    stored = await house.storage.browser_events.of(session_id)
    assert [(event.seq, event.kind) for event in stored] == [(0, "tab_hidden"), (1, "tab_shown"), (2, "paste")]


async def test_only_what_the_plan_looks_for_is_stored(house: House) -> None:
    candidate, session_id = await running(house)
    sent = await send(candidate, session_id, noticed(house, 0, "window_blur"), noticed(house, 1, "second_screen"))
    assert sent.json() == {"acknowledged": 1, "stored": 0, "problems": []}
    off, off_id = await running(house, proctoring={"enabled": False, "kinds": ["paste"]})
    assert (await send(off, off_id, noticed(house, 0, "paste"))).json()["stored"] == 0


async def test_a_clock_that_is_wrong_is_put_right_and_none_reaches_into_the_future(house: House) -> None:
    candidate, session_id = await running(house)
    ahead = timedelta(hours=5)
    now = house.clock.now()
    events = [
        {"seq": 0, "kind": "paste", "at": (now + ahead - timedelta(seconds=3)).isoformat()},
        {"seq": 1, "kind": "paste", "at": (now + ahead + timedelta(seconds=9)).isoformat()},
    ]
    await send(candidate, session_id, *events, sent_at=(now + ahead).isoformat())
    stored = await house.storage.browser_events.of(session_id)
    assert [event.at for event in stored] == [now - timedelta(seconds=3), now]
    assert {event.received_at for event in stored} == {now}


async def test_nothing_is_stored_before_the_start_during_a_pause_or_after_the_end(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner, questions=None, plan_id=await house.kept_plan(owner, **WATCHED))
    session_id, sessions = made["session_id"], house.storage.sessions
    candidate = await house.candidate(made["invite_url"])
    assert (await send(candidate, session_id, noticed(house, 0))).json() == {
        "acknowledged": 0,
        "stored": 0,
        "problems": [],
    }
    await house.consent(owner, session_id)
    for seq, target in enumerate((Status.IN_PROGRESS, Status.PAUSED, Status.IN_PROGRESS, Status.COMPLETED), 1):
        if seq == 1:
            await sessions.start(session_id, by="user:1")
        else:
            await sessions.move(session_id, target, by="user:1")
        house.clock.advance(10)
        await send(candidate, session_id, noticed(house, seq))
    late = [noticed(house, 5, ago_s=15), noticed(house, 6, ago_s=35), noticed(house, 7, ago_s=100)]
    await send(candidate, session_id, *late)
    stored = await house.storage.browser_events.of(session_id)
    assert [event.seq for event in stored] == [1, 3, 5, 6]


async def test_a_page_cannot_fill_the_database(house: House) -> None:
    candidate, session_id = await running(house)
    sent = await send(candidate, session_id, noticed(house, MAX_EVENTS - 1), noticed(house, MAX_EVENTS))
    assert sent.json() == {"acknowledged": MAX_EVENTS, "stored": 1, "problems": []}
    many = [noticed(house, seq) for seq in range(101)]
    assert_problem(await send(candidate, session_id, *many), 422, "invalid")


async def test_problems_come_along_and_are_raised_once(house: House) -> None:
    candidate, session_id = await running(house)
    problem = {"kind": "technical", "text": "I hear nothing.", "ref": "p1"}
    wrong = {"kind": "misheard", "text": "x", "turn_id": "nothing", "ref": "p2"}
    answers = [(await send(candidate, session_id, problems=[problem, wrong])).json() for _ in range(2)]
    (raised,) = await house.storage.problems.of(session_id)
    for sent in answers:
        assert sent["acknowledged"] is None
        assert [(one["ref"], one["refused"]) for one in sent["problems"]] == [("p1", None), ("p2", "turn_not_found")]
        assert sent["problems"][0]["problem_id"] == raised.problem_id
    nameless = {"kind": "technical", "text": "x"}
    assert_problem(await send(candidate, session_id, problems=[nameless]), 422, "invalid")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "mood"},
        {"seq": -1},
        {"seq": "1"},
        {"seq": True},
        {"at": "yesterday"},
        {"at": "2026-11-24T10:00:00"},
        {"at": 5},
        {"content": "what was pasted"},
    ],
)
async def test_a_wrong_event_is_refused(house: House, wrong: dict[str, Any]) -> None:
    candidate, session_id = await running(house)
    good = noticed(house, 0)
    assert_problem(await send(candidate, session_id, good | wrong), 422, "invalid")
    assert await house.storage.browser_events.of(session_id) == []
