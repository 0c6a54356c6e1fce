"""Opening an invite link."""

from interview.invite import hash_secret
from tests.api.control_api.house import BASE, TEXT_VERSION, House, assert_problem


async def test_a_link_sets_a_cookie_that_scripts_cannot_read_and_shows_what_is_asked(house: House) -> None:
    made = await house.created(await house.account(), questions=["Why?", "How?"])
    secret = made["invite_url"].partition("#")[2]
    answer = await house.browser().post("/api/invites/open", json={"secret": secret})
    assert answer.status_code == 200

    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("viva_seat=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie  # plain http on the machine itself; see the unit test for everywhere else
    view = answer.json()
    assert view["session_id"] == made["session_id"]
    assert view["question_count"] == 2
    assert (view["records_audio"], view["watches_camera"]) == (True, True)
    assert view["consent"]["text_version"] == TEXT_VERSION
    assert [question["item"] for question in view["consent"]["questions"]] == ["interview", "recording", "camera"]
    assert all(question["text"] for question in view["consent"]["questions"])
    assert "Why?" not in answer.text
    assert "ada@example.com" not in answer.text


async def test_a_link_is_a_seat_and_not_one_click(house: House) -> None:
    made = await house.created(await house.account())
    for _ in range(3):
        candidate = await house.candidate(made["invite_url"])
        assert (await candidate.get("/api/invites/seat")).json()["session_id"] == made["session_id"]
    invite = await house.storage.invites.get(hash_secret(made["invite_url"].partition("#")[2]))
    assert invite is not None
    assert invite.opened_count == 3
    assert invite.first_opened_at is not None


async def test_a_link_that_is_unknown_withdrawn_or_out_of_date_gets_the_same_answer(house: House) -> None:
    owner = await house.account()
    withdrawn, old = await house.created(owner), await house.created(owner)
    await house.storage.invites.revoke_of(withdrawn["session_id"], house.clock.now())
    house.clock.advance(10 * 24 * 3600)
    secrets = ["A" * 43, *(made["invite_url"].partition("#")[2] for made in (withdrawn, old))]
    problems = []
    for secret in secrets:
        answer = await house.browser().post("/api/invites/open", json={"secret": secret})
        found = assert_problem(answer, 404, "invite_not_found")
        problems.append((found["message"], found["details"]))
        assert "set-cookie" not in answer.headers
    assert problems[0] == problems[1] == problems[2]


async def test_a_secret_that_cannot_be_one_is_refused(house: House) -> None:
    for secret in ["short", "x" * 200, "with spaces in between them", 5, None]:
        answer = await house.browser().post("/api/invites/open", json={"secret": secret})
        assert_problem(answer, 422, "invalid")


async def test_without_a_seat_there_is_no_first_view(house: House) -> None:
    assert_problem(await house.http.get("/api/invites/seat"), 401, "not_authenticated")
    assert_problem(await house.http.get(f"{BASE}/session/x"), 401, "not_authenticated")
