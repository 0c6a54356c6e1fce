"""Plans over the API: kept, versioned, shared, cloned, exported, imported, and made sessions from."""

import asyncio
from typing import Any

import httpx
import pytest

from control_api.plans.service import add_plan
from interview.accommodation import Accommodations
from interview.engines import EngineKind
from interview.incident_kind import IncidentKind
from interview.plan import DEFAULT_RUBRIC, PlanContent
from interview.plans import ready_made
from interview.rules import default_rules
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem, plan_body


async def get(house: House, who: Account, plan_id: str, **params: Any) -> httpx.Response:
    return await house.http.get(f"/api/plans/{plan_id}", params=params, headers=who.headers)


async def put(house: House, who: Account, plan_id: str, version: int, **given: Any) -> httpx.Response:
    body = {"plan": plan_body(title=f"after {version}"), "version": version} | given
    return await house.http.put(f"/api/plans/{plan_id}", json=body, headers=who.headers)


async def listed(house: House, who: Account, **params: Any) -> list[str]:
    answer = await house.http.get("/api/plans", params=params, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return [row["plan_id"] for row in answer.json()["plans"]]


async def test_a_plan_is_made_changed_and_every_version_stays_readable(house: House) -> None:
    author = await house.account()
    plan_id = await house.kept_plan(author, title="before")
    first = (await get(house, author, plan_id)).json()
    assert (first["version"], first["shared"], first["ready_made"]) == (1, False, False)
    assert first["owner_id"] == author.user.user_id
    assert first["plan"]["duration_s"] == 1800

    changed = await put(house, author, plan_id, 1, shared=True)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["shared"]) == (2, True)
    assert (await put(house, author, plan_id, 2)).json()["shared"] is True
    titles = [(await get(house, author, plan_id, version=n)).json()["plan"]["title"] for n in (1, 2, 3)]
    assert titles == ["before", "after 1", "after 2"]
    old = (await get(house, author, plan_id, version=1)).json()
    assert (old["version"], old["latest_version"]) == (1, 3)
    assert_problem(await get(house, author, plan_id, version=4), 404, "plan_version_not_found")


async def test_two_who_edit_the_same_version_do_not_overwrite_each_other(house: House) -> None:
    author = await house.account()
    plan_id = await house.kept_plan(author)
    answers = await asyncio.gather(*(put(house, author, plan_id, 1) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    late = assert_problem(await put(house, author, plan_id, 1), 409, "plan_changed")
    assert late["details"]["version"] == 2


async def test_a_shared_plan_is_read_used_and_cloned_by_others_and_changed_by_its_author_alone(house: House) -> None:
    author, other = await house.account(), await house.account()
    plan_id = await house.kept_plan(author, shared=True, title="Shared by the author")
    path = f"/api/plans/{plan_id}"
    assert (await get(house, other, plan_id)).json()["plan"]["title"] == "Shared by the author"
    assert_problem(await put(house, other, plan_id, 1), 403, "not_allowed")
    assert_problem(await house.http.delete(path, headers=other.headers), 403, "not_allowed")
    assert plan_id in await listed(house, other, which="shared", title="shared BY the", limit=100)
    assert plan_id not in await listed(house, other)

    clone = await house.http.post(f"{path}/clone", json={"title": "Mine"}, headers=other.headers)
    assert clone.status_code == 201, clone.text
    assert clone.json()["owner_id"] == other.user.user_id
    assert (clone.json()["version"], clone.json()["shared"], clone.json()["plan"]["title"]) == (1, False, "Mine")
    assert (await house.http.post(f"{path}/clone", headers=other.headers)).json()["plan"]["title"]
    assert_problem(await get(house, author, clone.json()["plan_id"]), 404, "not_found")
    assert (await put(house, await house.account(Role.ADMIN), plan_id, 1)).status_code == 200


async def test_the_ready_made_plans_are_everybodys_and_nobodys(house: House) -> None:
    recruiter, admin = await house.account(), await house.account(Role.ADMIN)
    assert set(await listed(house, recruiter, which="ready")) == set(ready_made())
    assert await listed(house, recruiter, which="ready", title="TRIAGE") == ["ready:nurse_triage"]
    shown = (await get(house, recruiter, "ready:sales")).json()
    assert (shown["ready_made"], shown["shared"]) == (True, True)
    assert len(shown["plan"]["questions"]) >= 6
    for who in (recruiter, admin):
        assert_problem(await put(house, who, "ready:sales", 1), 403, "not_allowed")
        assert_problem(await house.http.delete("/api/plans/ready:sales", headers=who.headers), 403, "not_allowed")
    clone = await house.http.post("/api/plans/ready:sales/clone", headers=recruiter.headers)
    assert (await put(house, recruiter, clone.json()["plan_id"], 1)).status_code == 200
    assert_problem(await get(house, recruiter, "ready:nothing"), 404, "not_found")


async def test_a_deleted_plan_makes_no_sessions_and_takes_none_away(house: House) -> None:
    author = await house.account()
    plan_id = await house.kept_plan(author, shared=True)
    made = await house.created(author, questions=None, plan_id=plan_id)
    for _ in range(2):
        assert (await house.http.delete(f"/api/plans/{plan_id}", headers=author.headers)).status_code == 204
    assert plan_id not in await listed(house, author)
    assert await listed(house, author, which="archived") == [plan_id]
    assert await listed(house, await house.account(), which="archived") == []
    assert (await get(house, author, plan_id)).json()["archived_at"]
    assert_problem(await get(house, await house.account(), plan_id), 404, "not_found")
    assert_problem(await put(house, author, plan_id, 1), 409, "plan_archived")
    assert (await house.http.post(f"/api/plans/{plan_id}/clone", headers=author.headers)).status_code == 201
    body = {"name": "Ada", "email": "ada@example.com", "plan_id": plan_id}
    refused = await house.http.post(f"{BASE}/create", json=body, headers=author.headers)
    assert_problem(refused, 422, "plan_not_found")
    assert (await house.storage.sessions.get(made["session_id"])).plan.plan_id == plan_id


async def test_a_session_keeps_the_snapshot_that_it_was_made_from(house: House) -> None:
    author = await house.account()
    plan_id = await house.kept_plan(author, title="before")
    made = await house.created(author, questions=None, plan_id=plan_id)
    await put(house, author, plan_id, 1)
    kept = (await house.storage.sessions.get(made["session_id"])).plan
    assert (kept.plan_id, kept.version, kept.title) == (plan_id, 1, "before")
    later = await house.created(author, questions=None, plan_id=plan_id)
    assert (await house.storage.sessions.get(later["session_id"])).plan.version == 2


@pytest.mark.parametrize("plan_id", sorted(ready_made()))
async def test_a_ready_made_plan_makes_a_session_whose_length_can_be_set(house: House, plan_id: str) -> None:
    owner = await house.account()
    made = await house.created(owner, questions=None, plan_id=plan_id, duration_s=1200)
    config = made["interview_config"]
    assert (config["plan_id"], config["duration_s"]) == (plan_id, 1200)
    stored = (await house.storage.sessions.get(made["session_id"])).plan
    assert stored.questions == ready_made()[plan_id].content.questions
    assert stored.competencies[0].rubric == ready_made()[plan_id].content.competencies[0].rubric


async def test_anothers_private_plan_does_not_exist_for_a_session(house: House) -> None:
    plan_id = await house.kept_plan(await house.account())
    body = {"name": "Ada", "email": "ada@example.com", "plan_id": plan_id}
    for given in (body, body | {"plan_id": "ready:nothing"}, body | {"plan_id": "\u2028"}):
        answer = await house.http.post(f"{BASE}/create", json=given, headers=(await house.account()).headers)
        assert_problem(answer, 422, "plan_not_found" if given["plan_id"].strip() else "invalid")
    admin = await house.account(Role.ADMIN)
    assert (await house.http.post(f"{BASE}/create", json=body, headers=admin.headers)).status_code == 201


async def test_a_candidates_accommodations_lengthen_the_interview_and_lie_sealed(house: House) -> None:
    owner = await house.account()
    given = {"extra_time_percent": 50, "captions": True, "typing_only": True, "notes": "quokkas distract"}
    made = await house.created(owner, duration_s=1000, accommodations=given)
    path = f"{BASE}/session/{made['session_id']}"
    shown = (await house.http.get(path, headers=owner.headers)).json()
    assert shown["accommodations"]["notes"] == "quokkas distract"
    assert shown["allowed_s"] == 1500
    view = (await (await house.candidate(made["invite_url"])).get("/api/invites/seat")).json()
    assert (view["duration_s"], view["captions"], view["typing_only"]) == (1500, True, True)
    session = await house.storage.sessions.get(made["session_id"])
    assert session.accommodations == Accommodations.model_validate(given)
    document = house.storage.sessions.collection.to_document(session)
    assert "accommodations" not in document
    assert "quokkas" not in str(document)


async def test_a_plans_accommodations_hold_where_the_candidate_has_none_of_their_own(house: House) -> None:
    owner = await house.account()
    plan_id = await house.kept_plan(owner, duration_s=1000, accommodations={"extra_time_percent": 20})
    plain = await house.created(owner, questions=None, plan_id=plan_id)
    assert (await house.storage.sessions.get(plain["session_id"])).allowed_s == 1200
    own = await house.created(owner, questions=None, plan_id=plan_id, accommodations={})
    assert (await house.storage.sessions.get(own["session_id"])).allowed_s == 1000


# files


async def imported(house: House, who: Account, body: bytes, kind: str = "application/yaml") -> httpx.Response:
    headers = who.headers | {"Content-Type": kind}
    return await house.http.post("/api/plans/import", content=body, headers=headers)


@pytest.mark.parametrize("kind", ["application/yaml", "text/yaml; charset=utf-8"])
async def test_a_plan_goes_out_as_yaml_and_comes_in_as_a_plan(house: House, kind: str) -> None:
    author = await house.account()
    out = await house.http.get("/api/plans/ready:nurse_triage/export", headers=author.headers)
    assert out.headers["content-type"].startswith("application/yaml")
    answer = await imported(house, author, out.content, kind)
    assert answer.status_code == 201, answer.text
    assert answer.json()["plan"] == (await get(house, author, "ready:nurse_triage")).json()["plan"]
    assert answer.json()["plan_id"] in await listed(house, author)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"title: [", "application/yaml", 422, "malformed_yaml"),
        (b"\xff\xfe", "application/yaml", 422, "malformed_yaml"),
        (b"title: &a x\nvoice: *a", "application/yaml", 422, "malformed_yaml"),
        (b"", "application/yaml", 422, "invalid"),
        (b"title: x", "application/yaml", 422, "invalid"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"title: x", "text/plain", 415, "unsupported_media_type"),
        (b"x" * 1_000_001, "application/yaml", 413, "body_too_large"),
    ],
)
async def test_a_file_that_is_no_plan_is_refused(house: House, body: bytes, kind: str, status: int, code: str) -> None:
    author = await house.account()
    assert_problem(await imported(house, author, body, kind), status, code)
    assert await listed(house, author) == []


async def test_what_is_wrong_in_a_file_is_told_by_path(house: House) -> None:
    author = await house.account()
    out = (await house.http.get("/api/plans/ready:sales/export", headers=author.headers)).text
    wrong = out.replace("competency: discipline", "competency: luck").encode()
    problem = assert_problem(await imported(house, author, wrong), 422, "invalid")
    assert [error["where"] for error in problem["details"]["errors"]] == ["questions.5.competency"]
    spoken = out.replace("language: en", "language: xx").encode()
    assert_problem(await imported(house, author, spoken), 422, "language_unknown")


async def test_a_plan_names_providers_that_the_house_has(house: House) -> None:
    author = await house.account()
    known = [provider.name for provider in house.app.state.parts.providers.of(EngineKind.STT)]
    plan_id = await house.kept_plan(author, engines={"stt": known[-1]})
    wrong = {"plan": plan_body(engines={"stt": "nobodys"}), "version": 1}
    answer = await house.http.put(f"/api/plans/{plan_id}", json=wrong, headers=author.headers)
    problem = assert_problem(answer, 422, "engine_unknown")
    assert problem["details"] == {"kind": "stt", "known": known}
    assert "nobodys" in problem["detail"]
    assert known[-1] in problem["detail"]
    out = (await house.http.get(f"/api/plans/{plan_id}/export", headers=author.headers)).text
    misnamed = out.replace(f"stt: {known[-1]}", "stt: nobodys").encode()
    assert_problem(await imported(house, author, misnamed), 422, "engine_unknown")


async def test_what_a_plan_may_name_is_told_to_who_writes_plans(house: House) -> None:
    author = await house.account()
    choices = (await house.http.get("/api/plans/choices", headers=author.headers)).json()
    known = {kind: [one.name for one in house.app.state.parts.providers.of(kind)] for kind in EngineKind}
    assert choices["engines"] == known
    assert choices["languages"] == ["de", "en"]
    assert choices["general_rubric"] == list(DEFAULT_RUBRIC)
    kinds = {one.pop("kind"): one for one in choices["kinds"]}
    assert list(kinds) == list(IncidentKind)
    rule = default_rules().kinds[IncidentKind.CAMERA_DARK]
    given = {"threshold": rule.threshold, "after_s": rule.after_s, "lowest": 0, "highest": 255, "sense": "below"}
    assert kinds["camera_dark"] == given
    proctor = await house.account(Role.PROCTOR)
    assert_problem(await house.http.get("/api/plans/choices", headers=proctor.headers), 403, "not_allowed")


async def test_what_contradicts_itself_in_a_plan_is_told_by_its_path(house: House) -> None:
    author = await house.account()
    too_dark = {"thresholds": {"camera_dark": {"threshold": 300.0}}}
    for changes, where, what in (
        ({"adaptive": True}, "adaptive", "no question has an easier or a harder variant"),
        ({"proctoring": too_dark}, "proctoring.thresholds.camera_dark.threshold", "it lies between 0 and 255"),
        ({"proctoring": {"thresholds": {"paste": {}}}}, "proctoring.thresholds.paste", "give after_s or threshold"),
    ):
        body = {"plan": plan_body(**changes)}
        answer = await house.http.post("/api/plans", json=body, headers=author.headers)
        (error,) = assert_problem(answer, 422, "invalid")["details"]["errors"]
        assert error["where"] == f"body.plan.{where}"
        assert error["what"].startswith(what)


async def test_a_plan_whose_provider_was_taken_out_of_the_file_can_still_be_changed_and_cloned(house: House) -> None:
    author = await house.account()
    content = PlanContent.model_validate(plan_body(engines={"llm": "gone"}))
    before = await add_plan(house.storage, house.clock, content, owner_id=author.user.user_id, actor="test")
    given = {"plan": plan_body(title="after", engines={"llm": "gone"})}
    assert (await put(house, author, before.plan_id, 1, **given)).status_code == 200
    clone = await house.http.post(f"/api/plans/{before.plan_id}/clone", headers=author.headers)
    assert clone.status_code == 201, clone.text
    given = {"plan": plan_body(engines={"llm": "gone", "tts": "gone"})}
    assert_problem(await put(house, author, before.plan_id, 2, **given), 422, "engine_unknown")


async def test_yaml_is_taken_nowhere_else(house: House) -> None:
    headers = (await house.account()).headers | {"Content-Type": "application/yaml"}
    answer = await house.http.post("/api/plans", content=b"plan: {}", headers=headers)
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"plan": plan_body(surprise=1)}, "invalid"),
        ({"plan": plan_body(questions=[])}, "invalid"),
        ({"plan": plan_body(duration_s="900")}, "invalid"),
        ({"plan": plan_body(language="xx")}, "language_unknown"),
        ({"plan": plan_body(engines={"tts": "nobodys"})}, "engine_unknown"),
        ({"plan": plan_body(title="a\x00b")}, "unstorable_text"),
        ({"plan": plan_body(), "shared": 1}, "invalid"),
        ({"plan": plan_body(), "owner_id": "me"}, "invalid"),
        ({}, "invalid"),
    ],
)
async def test_a_wrong_plan_is_refused(house: House, given: dict[str, Any], code: str) -> None:
    author = await house.account()
    answer = await house.http.post("/api/plans", json=given, headers=author.headers)
    assert_problem(answer, 422, code)
    assert await listed(house, author) == []


async def test_every_act_on_a_plan_is_audited(house: House) -> None:
    author = await house.account()
    plan_id = await house.kept_plan(author)
    await put(house, author, plan_id, 1)
    await house.http.delete(f"/api/plans/{plan_id}", headers=author.headers)
    entries = await house.storage.audit.of_subject(f"plan:{plan_id}")
    assert {entry.action for entry in entries} == {"create plan", "change plan", "delete plan"}
    assert {entry.actor for entry in entries} == {f"user:{author.user.user_id}"}


@pytest.mark.parametrize("what", ["create", "import", "clone"])
async def test_making_a_plan_can_be_repeated_under_one_key(house: House, what: str) -> None:
    author = await house.account()
    original = await house.kept_plan(author, title="Original")

    async def make(key: str) -> httpx.Response:
        headers = {**author.headers, "Idempotency-Key": key}
        if what == "create":
            return await house.http.post("/api/plans", json={"plan": plan_body()}, headers=headers)
        if what == "clone":
            return await house.http.post(f"/api/plans/{original}/clone", json={"title": "Copy"}, headers=headers)
        text = (await house.http.get(f"/api/plans/{original}/export", headers=author.headers)).text
        headers["Content-Type"] = "application/yaml"
        return await house.http.post("/api/plans/import", content=text, headers=headers)

    answers = await asyncio.gather(*(make("once") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (await make("another")).json()["plan_id"] != answers[0].json()["plan_id"]
    assert len(await listed(house, author)) == 3
