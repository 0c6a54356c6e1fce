"""Problems that candidates raise: the queue of the owner, answers, corrections beside the original, redos."""

from typing import Any

import httpx
import pytest

from interview.problem import MAX_OPEN
from interview.transcript import Speaker
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import store_turn


async def answer(house: House, who: Account, problem_id: str, **given: Any) -> httpx.Response:
    body = {"outcome": "answer", "text": "Half an hour."} | given
    return await house.http.post(f"/api/problems/{problem_id}/answer", json=body, headers=who.headers)


async def queue(house: House, who: Account, **params: Any) -> list[dict[str, Any]]:
    got = await house.http.get("/api/problems", params=params, headers=who.headers)
    assert got.status_code == 200, got.text
    return got.json()["problems"]


async def test_a_candidate_raises_a_problem_and_reads_the_answer(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    raised = await house.raised(made)
    (queued,) = await queue(house, owner)
    assert queued["problem_id"] == raised["problem_id"]
    assert (queued["state"], queued["text"]) == ("open", "How long does it take?")
    assert await queue(house, await house.account()) == []

    answered = await answer(house, owner, raised["problem_id"])
    assert answered.status_code == 200, answered.text
    assert (answered.json()["state"], answered.json()["answered_by"]) == ("answered", owner.user.user_id)
    candidate = await house.candidate(made["invite_url"])
    seen = await candidate.get(f"{BASE}/session/{made['session_id']}/problems")
    (shown,) = seen.json()["problems"]
    assert (shown["answer"], shown["outcome"]) == ("Half an hour.", "answer")
    assert owner.user.user_id not in seen.text

    assert_problem(await answer(house, owner, raised["problem_id"]), 409, "problem_answered")
    audited = await house.storage.audit.of_subject(f"problem:{raised['problem_id']}")
    assert sorted(entry.action for entry in audited) == ["answer problem: answer", "raise problem"]


async def test_the_queue_shows_open_ones_first_page_by_page(house: House) -> None:
    owner, admin = await house.account(), await house.account(Role.ADMIN)
    raised = []
    for n in range(4):
        house.clock.advance(1)
        raised.append((await house.raised(await house.created(owner), text=f"problem {n}"))["problem_id"])
    await answer(house, owner, raised[1], outcome="none", text="")

    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = (await house.http.get("/api/problems", params=params, headers=owner.headers)).json()
        seen += [one["problem_id"] for one in page["problems"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert seen == [raised[n] for n in (0, 2, 3, 1)]
    assert [one["problem_id"] for one in await queue(house, owner, state="closed")] == [raised[1]]
    everybodys = {one["problem_id"] for one in await queue(house, admin, state="closed", limit=100)}
    assert raised[1] in everybodys
    wrong = await house.http.get("/api/problems", params={"cursor": "x"}, headers=owner.headers)
    assert_problem(wrong, 422, "bad_cursor")


async def test_a_correction_stands_beside_the_original(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    session = await house.storage.sessions.get(made["session_id"])
    turn = await store_turn(house.storage, session, Speaker.CANDIDATE, "I herded service")
    proposed = {
        "kind": "misheard",
        "text": "That is wrong.",
        "turn_id": turn.turn_id,
        "proposed": "I hardened services",
    }
    raised = await house.raised(made, **proposed)
    assert (await answer(house, owner, raised["problem_id"], outcome="correction", text="You are right.")).json()[
        "correction"
    ] == {"turn_id": turn.turn_id, "text": "I hardened services"}
    own = await house.raised(made, kind="misheard", text="Still not right.")
    house.clock.advance(1)
    given = {"turn_id": turn.turn_id, "text": "I hardened the services"}
    await answer(house, owner, own["problem_id"], outcome="correction", text="Listened again.", correction=given)

    path = f"{BASE}/session/{made['session_id']}/transcript"
    transcript = (await house.http.get(path, headers=owner.headers)).json()
    assert [one["text"] for one in transcript["turns"]] == ["I herded service"]
    assert [(one["turn_id"], one["text"], one["reason"]) for one in transcript["corrections"]] == [
        (turn.turn_id, "I hardened services", "You are right."),
        (turn.turn_id, "I hardened the services", "Listened again."),
    ]
    assert {one["by"] for one in transcript["corrections"]} == {owner.user.user_id}


async def test_a_redo_is_linked_where_it_is_the_owners_other_session(house: House) -> None:
    owner = await house.account()
    made, redo = await house.created(owner), await house.created(owner)
    raised = await house.raised(made, kind="technical", text="The sound broke off.")
    others = await house.created(await house.account())
    for wrong in (made["session_id"], others["session_id"], "nothing"):
        refused = await answer(house, owner, raised["problem_id"], outcome="redo", redo_session_id=wrong)
        assert_problem(refused, 422, "redo_not_found")
    linked = await answer(house, owner, raised["problem_id"], outcome="redo", redo_session_id=redo["session_id"])
    assert linked.json()["redo_session_id"] == redo["session_id"]


async def test_what_a_problem_is_about_has_to_be_in_the_interview(house: House) -> None:
    owner = await house.account()
    made, other = await house.created(owner), await house.created(owner)
    session = await house.storage.sessions.get(other["session_id"])
    turn = await store_turn(house.storage, session, Speaker.CANDIDATE, "somebody else's words")
    candidate = await house.candidate(made["invite_url"])
    path = f"{BASE}/session/{made['session_id']}/problems"
    body = {"kind": "misheard", "text": "Wrong."}
    for given, code in (
        ({"turn_id": turn.turn_id, "proposed": "x"}, "turn_not_found"),
        ({"turn_id": "nothing"}, "turn_not_found"),
        ({"incident_id": "nothing"}, "incident_not_found"),
    ):
        assert_problem(await candidate.post(path, json=body | given), 422, code)
    raised = await house.raised(made)
    correction = {"turn_id": turn.turn_id, "text": "x"}
    refused = await answer(house, owner, raised["problem_id"], outcome="correction", correction=correction)
    assert_problem(refused, 422, "turn_not_found")
    bare = await answer(house, owner, raised["problem_id"], outcome="correction")
    assert_problem(bare, 422, "correction_missing")


async def test_a_candidate_cannot_fill_the_queue(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    path = f"{BASE}/session/{made['session_id']}/problems"
    body = {"kind": "other", "text": "x"}
    named = [(await candidate.post(path, json=body | {"ref": "once"})).json()["problem_id"] for _ in range(3)]
    assert len(set(named)) == 1
    for _ in range(MAX_OPEN - 1):
        assert (await candidate.post(path, json=body)).status_code == 201
    assert_problem(await candidate.post(path, json=body), 409, "too_many_problems")
    declined = {
        "items": {"interview": False},
        "text_version": (await candidate.get("/api/invites/seat")).json()["consent"]["text_version"],
    }
    assert (await candidate.post(f"{BASE}/session/{made['session_id']}/consent", json=declined)).status_code == 200
    assert len(await queue(house, owner, limit=100)) == MAX_OPEN + 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "x" * 4001},
        {"kind": "mood"},
        {"proposed": "words for no turn"},
        {"turn_id": "x" * 121},
        {"owner_id": "me"},
        {"state": "closed"},
    ],
)
async def test_a_wrong_problem_is_refused(house: House, wrong: dict[str, Any]) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    body = {"kind": "other", "text": "x"} | wrong
    refused = await candidate.post(f"{BASE}/session/{made['session_id']}/problems", json=body)
    assert_problem(refused, 422, "invalid")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "},
        {"outcome": "applause"},
        {"outcome": "answer", "correction": {"turn_id": "t", "text": "x"}},
        {"outcome": "answer", "redo_session_id": "s"},
        {"outcome": "redo"},
        {"outcome": "correction", "correction": {"turn_id": "t", "text": "x", "mood": 1}},
    ],
)
async def test_a_wrong_answer_is_refused(house: House, wrong: dict[str, Any]) -> None:
    owner = await house.account()
    raised = await house.raised(await house.created(owner))
    assert_problem(await answer(house, owner, raised["problem_id"], **wrong), 422, "invalid")
    assert (await queue(house, owner))[0]["state"] == "open"


async def test_with_the_session_its_problems_go(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    await house.raised(made)
    await house.http.delete(f"{BASE}/session/{made['session_id']}", headers=owner.headers)
    assert await queue(house, owner) == []
