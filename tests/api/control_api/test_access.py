"""Who may do what: every endpoint, every kind of caller, on what is theirs, another's, and not there at all."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest
from fastapi.routing import APIRoute

from control_api.access.gates import Gate, OpenGate, SeatGate
from control_api.access.table import TABLE, Act, Reach, Thing, Verdict, Who, decide
from control_api.app import API_ROUTERS
from control_api.pages import endpoints as pages
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import store_incident

OWN, OTHER, ABSENT = "own", "another's", "absent"


def gates_of(route: APIRoute) -> list[Gate | OpenGate]:
    return [part.call for part in route.dependant.dependencies if isinstance(part.call, Gate | OpenGate)]


ROUTES = [r for router in (*API_ROUTERS, pages.router) for r in router.routes if isinstance(r, APIRoute)]
GATED = [
    pytest.param(route, gate, id=f"{min(route.methods or ())} {route.path}")
    for route in ROUTES
    for gate in gates_of(route)
    if isinstance(gate, Gate)
]


@dataclass(frozen=True)
class Asking:
    """A caller, with what they are to have and what not."""

    who: Who
    http: httpx.AsyncClient
    headers: dict[str, str]
    account: Account | None
    session_id: str = ""


async def asking(house: House, who: Who) -> Asking:
    if who is Who.CANDIDATE:
        made = await house.created(await house.account())
        return Asking(who, await house.candidate(made["invite_url"]), {}, None, made["session_id"])
    account = await house.account(Role(who.value))
    return Asking(who, house.http, account.headers, account)


async def a_session(house: House, caller: Asking, whose: str) -> str:
    if whose == ABSENT:
        return str(uuid.uuid4())
    if whose == OTHER:
        return (await house.created(await house.account()))["session_id"]
    if caller.account is None:
        return caller.session_id
    return (await house.created(caller.account))["session_id"]


async def a_plan(house: House, caller: Asking, whose: str) -> str:
    if whose == ABSENT:
        return str(uuid.uuid4())
    author = caller.account if whose == OWN else await house.account()
    assert author is not None
    return await house.kept_plan(author)


async def a_problem(house: House, caller: Asking, whose: str) -> str:
    if whose == ABSENT:
        return f"{uuid.uuid4()}:0"
    owner = caller.account if whose == OWN else await house.account()
    assert owner is not None
    return (await house.raised(await house.created(owner)))["problem_id"]


async def an_incident(house: House, caller: Asking, whose: str) -> str:
    if whose == ABSENT:
        return uuid.uuid4().hex
    owner = caller.account if whose == OWN else await house.account()
    assert owner is not None
    session = await house.storage.sessions.get((await house.created(owner))["session_id"])
    return (await store_incident(house.storage, session)).incident_id


async def a_user(house: House, caller: Asking, whose: str) -> str:
    return str(uuid.uuid4()) if whose == ABSENT else (await house.account()).user.user_id


MAKERS: dict[Thing, tuple[str, Callable[[House, Asking, str], Awaitable[str]]]] = {
    Thing.SESSION: ("session_id", a_session),
    Thing.PLAN: ("plan_id", a_plan),
    Thing.PROBLEM: ("problem_id", a_problem),
    Thing.INCIDENT: ("incident_id", an_incident),
    Thing.USER: ("user_id", a_user),
}
"""For each thing that a path can name: the parameter, and how to come by one."""


def can_own(who: Who, thing: Thing) -> bool:
    """Tell whether anything of this kind can be this caller's own."""
    if thing is Thing.SESSION:
        return who in (Who.CANDIDATE, Who.RECRUITER, Who.ADMIN)
    if thing is Thing.USER:
        return False
    return who in (Who.RECRUITER, Who.ADMIN)


async def ask(house: House, route: APIRoute, caller: Asking, ids: dict[str, str]) -> httpx.Response:
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", ids.get(name, "x"))
    request = caller.http.build_request(min(route.methods or ()), path, headers=caller.headers)
    answer = await caller.http.send(request, stream=True)
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):  # which would not end
        await answer.aread()
    await answer.aclose()
    return answer


def assert_verdict(answer: httpx.Response, verdict: Verdict, thing: str = "") -> None:
    if verdict is Verdict.HIDDEN:
        problem = assert_problem(answer, 404, "not_found")
        assert problem["message"] == f"there is no such {thing}"
    elif verdict is Verdict.FORBIDDEN:
        assert_problem(answer, 403, "not_allowed")
    elif answer.is_error:
        assert answer.json()["code"] not in ("not_allowed", "not_authenticated", "not_found"), answer.text


def test_every_endpoint_has_exactly_one_gate() -> None:
    without = [f"{route.methods} {route.path}" for route in ROUTES if len(gates_of(route)) != 1]
    assert without == []


def test_every_act_of_the_table_is_asked_for_somewhere() -> None:
    asked = {gate.act for route in ROUTES for gate in gates_of(route) if isinstance(gate, Gate)}
    assert asked == set(TABLE) == set(Act)


@pytest.mark.parametrize("who", list(Who))
@pytest.mark.parametrize(("route", "gate"), GATED)
async def test_the_answer_is_what_the_table_says(house: House, route: APIRoute, gate: Gate, who: Who) -> None:
    thing = TABLE[gate.act].thing
    if thing not in MAKERS or isinstance(gate, SeatGate):
        caller = await asking(house, who)
        if isinstance(gate, SeatGate) and who is not Who.CANDIDATE:
            assert_problem(await ask(house, route, caller, {}), 401, "not_authenticated")
            return
        assert_verdict(await ask(house, route, caller, {}), decide(gate.act, who, own=True))
        return
    name, make = MAKERS[thing]
    for whose in (OTHER, ABSENT, *([OWN] if can_own(who, thing) else [])):
        caller = await asking(house, who)
        key = await make(house, caller, whose)
        verdict = decide(gate.act, who, own=whose == OWN)
        if whose == ABSENT:
            verdict = Verdict.HIDDEN  # for an admin too: there is nothing
        assert_verdict(
            await ask(house, route, caller, {name: key}), verdict, thing.removeprefix("a ").removeprefix("an ")
        )


@pytest.mark.parametrize(("route", "gate"), GATED)
async def test_nobody_comes_in_without_saying_who_they_are(house: House, route: APIRoute, gate: Gate) -> None:
    stranger = Asking(Who.CANDIDATE, house.browser(), {}, None)
    assert_problem(await ask(house, route, stranger, {}), 401, "not_authenticated")
    stranger.headers["Authorization"] = "Bearer " + "x" * 30
    if not isinstance(gate, SeatGate):
        assert_problem(await ask(house, route, stranger, {}), 401, "bad_token")


@pytest.mark.parametrize("act", [act for act in TABLE if TABLE[act].thing not in (Thing.HOUSE, Thing.ACCOUNT)])
def test_what_is_another_recruiters_is_hidden_unless_the_act_reaches_everything(act: Act) -> None:
    reaches_all = TABLE[act].recruiter is Reach.ALL
    assert decide(act, Who.RECRUITER, own=False) is (Verdict.ALLOWED if reaches_all else Verdict.HIDDEN)


async def test_a_refused_act_changes_nothing(house: House) -> None:
    session_id = await house.started(await house.account())
    for who in (await house.account(), await house.account(Role.PROCTOR)):
        for method, path in (("DELETE", ""), ("POST", "/end"), ("POST", "/start")):
            await house.http.request(method, f"{BASE}/session/{session_id}{path}", headers=who.headers)
    assert (await house.storage.sessions.get(session_id)).status == "IN_PROGRESS"


async def test_a_withdrawn_invite_closes_its_seat_at_once(house: House) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    await house.storage.invites.revoke_of(made["session_id"], house.clock.now())
    assert_problem(await candidate.get(f"{BASE}/session/{made['session_id']}"), 401, "seat_closed")


async def test_a_seat_closes_when_its_link_is_no_longer_good(house: House) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    house.clock.advance(9 * 24 * 3600)
    assert_problem(await candidate.get(f"{BASE}/session/{made['session_id']}"), 401, "seat_closed")


async def test_a_bearer_token_goes_before_a_cookie(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    answer = await candidate.get(f"{BASE}/session/{made['session_id']}", headers=owner.headers)
    assert answer.json()["view"] == "owner"
