"""Who may do what: another's session does not exist, one's own has what one's role may."""

import pytest

from interview.user import Role
from tests.api.control_api.house import BASE, House, assert_problem
from tests.api.control_api.test_bad_input import calls_on

CONSENT = {"items": {"interview": True}, "text_version": "x"}


async def test_another_users_session_is_not_found_on_every_path(house: House) -> None:
    session_id = await house.started(await house.account())
    stranger = await house.account()
    proctor = await house.account(Role.PROCTOR)
    for who in (stranger, proctor):
        for method, path in calls_on(session_id):
            body = CONSENT if path.endswith("/consent") else None
            answer = await house.http.request(method, path, json=body, headers=who.headers)
            assert_problem(answer, 404, "not_found")
    assert (await house.storage.sessions.get(session_id)).status == "IN_PROGRESS"


async def test_another_candidates_seat_opens_nothing(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    other = await house.created(owner)
    candidate = await house.candidate(other["invite_url"])
    for method, path in calls_on(session_id):
        body = CONSENT if path.endswith("/consent") else None
        assert_problem(await candidate.request(method, path, json=body), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("DELETE", ""),
        ("GET", "/transcript"),
        ("GET", "/recording"),
        ("GET", "/incidents"),
        ("GET", "/incidents/x/stills/at"),
        ("GET", "/report"),
        ("GET", "/report.html"),
    ],
)
async def test_the_candidate_may_not_read_what_is_for_the_owner(house: House, method: str, what: str) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    answer = await candidate.request(method, f"{BASE}/session/{made['session_id']}{what}")
    assert_problem(answer, 403, "not_allowed")


async def test_an_admin_may_read_everybodys(house: House) -> None:
    session_id = (await house.created(await house.account()))["session_id"]
    admin = await house.account(Role.ADMIN)
    answer = await house.http.get(f"{BASE}/session/{session_id}/transcript", headers=admin.headers)
    assert answer.status_code == 200


async def test_a_proctor_owns_no_sessions(house: House) -> None:
    proctor = await house.account(Role.PROCTOR)
    body = {"name": "Ada", "email": "ada@example.com", "questions": ["Why?"]}
    assert_problem(await house.http.post(f"{BASE}/create", json=body, headers=proctor.headers), 403, "not_allowed")
    assert_problem(await house.http.get(f"{BASE}/sessions", headers=proctor.headers), 403, "not_allowed")


async def test_a_withdrawn_invite_closes_its_seat_at_once(house: House) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    await house.storage.invites.revoke_of(made["session_id"], house.clock.now())
    assert_problem(await candidate.get(f"{BASE}/session/{made['session_id']}"), 401, "seat_closed")


async def test_a_seat_expires(house: House) -> None:
    made = await house.created(await house.account())
    candidate = await house.candidate(made["invite_url"])
    house.clock.advance(9 * 24 * 3600)
    assert_problem(await candidate.get(f"{BASE}/session/{made['session_id']}"), 401, "token_expired")


async def test_a_bearer_token_goes_before_a_cookie(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    candidate = await house.candidate(made["invite_url"])
    answer = await candidate.get(f"{BASE}/session/{made['session_id']}", headers=owner.headers)
    assert answer.json()["view"] == "owner"
