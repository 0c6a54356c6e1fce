"""What people do with reports: build anew, decide, score first, compare, audit, release, search, correct."""

import csv
import io
import zipfile
from typing import Any

import pytest

from interview.model_reply import ModelReply
from interview.rendering import ReportFormat
from interview.report import ReportStatus
from interview.session import Status
from interview.transcript import Speaker
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import store_turn
from tests.storage.builders import NOON

COMPETENCIES = [{"id": "depth", "name": "Depth"}, {"id": "care", "name": "Care"}]
QUESTIONS = [
    {"id": "why", "text": "Why did you build it?", "competency": "depth"},
    {"id": "how", "text": "How did you test it?", "competency": "care"},
]


def content(depth: int | None = 4, care: int | None = 3) -> dict[str, Any]:
    """As much of a report's content as the API reads."""
    return {
        "session": {"session_id": "s", "candidate_name": "Ada", "plan_title": "Backend engineer", "language": "en"},
        "competencies": [
            {
                "id": name,
                "name": name,
                "level": level,
                "level_words": "words" if level else "",
                "not_scorable": "" if level else "Too little was said.",
                "reason": "It was concrete.",
                "confidence": 0.8 if level else 0,
                "quotes": [{"turn_id": "t", "seq": 2, "start": 0, "end": 5, "text": "I led", "at_s": 3.0}],
                "dropped_quotes": 2,
                "answer_words": 60,
            }
            for name, level in (("depth", depth), ("care", care))
        ],
        "questions": [
            {"question_id": "why", "text": "Why?", "asked": True, "evaluation": {"level": 3, "feedback": "F"}}
        ],
        "transcript": [{"seq": 2, "speaker": "candidate", "text": "I led it."}],
        "incidents": [{"kind": "no_face"}],
        "cost": {"scoring_usd": 1.5},
        "versions": {"models": {"competency_score": "some-model"}},
    }


async def plan(house: House, owner: Account, **more: Any) -> str:
    return await house.kept_plan(owner, competencies=COMPETENCIES, questions=QUESTIONS, **more)


async def over(house: House, owner: Account, plan_id: str, name: str = "Ada") -> str:
    """An interview on the plan that has ended, its report queued."""
    body = {"plan_id": plan_id, "name": name, "email": f"{name.lower()}@example.com"}
    made = await house.http.post(f"{BASE}/create", json=body, headers=owner.headers)
    assert made.status_code == 201, made.text
    session_id = made.json()["session_id"]
    await house.consent(owner, session_id)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    return session_id


async def reported(house: House, owner: Account, plan_id: str, name: str = "Ada", **levels: int | None) -> str:
    """The same, its report ready."""
    session_id = await over(house, owner, plan_id, name)
    await build(house, session_id, **levels)
    return session_id


async def build(house: House, session_id: str, **levels: int | None) -> None:
    """Do what a worker does with the newest version of one report."""
    reports = house.storage.reports
    latest = await reports.latest(session_id) or await reports.enqueue(session_id)
    held = {"status": ReportStatus.BUILDING, "owner": "w", "attempts": 1}
    await reports.collection.change({"_id": latest.report_id}, {"$set": held})
    await reports.finish(latest.report_id, "w", content(**levels), b"<p>Page.</p>")


async def post(house: House, who: Account, session_id: str, path: str, body: dict[str, Any], status: int = 201) -> Any:
    answer = await house.http.post(f"{BASE}/session/{session_id}/{path}", json=body, headers=who.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(house: House, who: Account, path: str, status: int = 200, **query: Any) -> Any:
    answer = await house.http.get(path, headers=who.headers, params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_report_is_built_anew_beside_the_old_one_which_is_read_until_then(house: House) -> None:
    owner = await house.account()
    session_id = await reported(house, owner, await plan(house, owner))
    path = f"{BASE}/session/{session_id}/report"
    queued = await post(house, owner, session_id, "report/rebuild", {}, 202)
    assert (queued["version"], queued["stands"], queued["reason"]) == (2, "queued", "asked")
    shown = await get(house, owner, path)
    assert (shown["version"], shown["stands"]) == (1, "ready")
    assert [one["version"] for one in (await get(house, owner, f"{path}/versions"))["versions"]] == [2, 1]
    await build(house, session_id, depth=5)
    shown = await get(house, owner, path)
    assert (shown["version"], shown["content"]["competencies"][0]["level"]) == (2, 5)


async def test_a_report_that_was_given_up_says_why_and_is_requeued(house: House) -> None:
    owner = await house.account()
    session_id = await over(house, owner, await plan(house, owner))
    latest = await house.storage.reports.latest(session_id)
    assert latest is not None
    path = f"{BASE}/session/{session_id}/report"
    refused = await house.http.post(f"{path}/requeue", headers=owner.headers)
    assert_problem(refused, 409, "report_not_failed")
    held = {"status": ReportStatus.BUILDING, "owner": "w"}
    await house.storage.reports.collection.change({"_id": latest.report_id}, {"$set": held})
    await house.storage.reports.fail(latest.report_id, "w", "the template is broken")
    queue = (await get(house, owner, "/api/reports/queue"))["reports"]
    assert [(one["session_id"], one["stands"]) for one in queue] == [(session_id, "failed: the template is broken")]
    assert (await get(house, await house.account(), "/api/reports/queue"))["reports"] == []
    again = await post(house, owner, session_id, "report/requeue", {}, 202)
    assert (again["status"], again["attempts"]) == ("queued", 0)


async def test_nothing_is_decided_until_somebody_decides_and_every_decision_stays(house: House) -> None:
    owner = await house.account()
    session_id = await reported(house, owner, await plan(house, owner))
    path = f"{BASE}/session/{session_id}/decisions"
    assert await get(house, owner, path) == {"session_id": session_id, "current": None, "history": []}
    no_reason = await house.http.post(path, json={"decision": "hold", "reason": " "}, headers=owner.headers)
    assert_problem(no_reason, 422, "invalid")
    await post(house, owner, session_id, "decisions", {"decision": "hold", "reason": "Wait for the second talk."})
    await post(house, owner, session_id, "decisions", {"decision": "advance", "reason": "The talk was good."})
    shown = await get(house, owner, path)
    assert shown["current"]["decision"] == "advance"
    assert [(one["decision"], one["reason"], one["report_version"]) for one in shown["history"]] == [
        ("advance", "The talk was good.", 1),
        ("hold", "Wait for the second talk.", 1),
    ]
    assert shown["current"]["by"] == owner.user.user_id


async def test_an_interview_that_goes_on_is_not_decided_nor_scored(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    path = f"{BASE}/session/{session_id}"
    body = {"decision": "hold", "reason": "Too early."}
    assert_problem(await house.http.post(f"{path}/decisions", json=body, headers=owner.headers), 409, "not_over")
    scores = {"scores": {"general": {"level": 3}}}
    assert_problem(await house.http.post(f"{path}/own-scores", json=scores, headers=owner.headers), 409, "not_over")


async def test_nothing_is_stored_about_an_interview_that_is_gone(house: House) -> None:
    owner = await house.account()
    erased = await reported(house, owner, await plan(house, owner))
    anonymised = await reported(house, owner, await plan(house, owner))
    session = await house.storage.sessions.get(anonymised)
    said = await store_turn(house.storage, session, Speaker.CANDIDATE, "I led it.")
    assert (await house.http.delete(f"{BASE}/session/{erased}", headers=owner.headers)).is_success
    await house.storage.anonymise_session(anonymised)
    asked: dict[str, dict[str, Any]] = {
        "decisions": {"decision": "hold", "reason": "Too early."},
        "own-scores": {"scores": {"depth": {"level": 3}}},
        "report/release": {},
        "corrections": {"turn_id": said.turn_id, "text": "I fed it.", "reason": "I listened."},
    }
    for session_id in (erased, anonymised):
        path = f"{BASE}/session/{session_id}"
        for name, body in asked.items():
            refused = await house.http.post(f"{path}/{name}", json=body, headers=owner.headers)
            assert_problem(refused, 404, "session_deleted")
        for name in ("rebuild", "requeue"):
            refused = await house.http.post(f"{path}/report/{name}", json={}, headers=owner.headers)
            assert_problem(refused, 404, "report_not_found")


async def test_on_a_blind_plan_own_scores_come_before_the_models(house: House) -> None:
    owner = await house.account()
    plan_id = await plan(house, owner, blind_scoring=True)
    session_id = await reported(house, owner, plan_id)
    path = f"{BASE}/session/{session_id}"
    hidden = await get(house, owner, f"{path}/report")
    assert (hidden["status"], hidden["content"]) == ("ready", None)
    forms = [f"report.{form}" for form in ReportFormat]
    for kept in (*forms, "report.csv?version=1", "evaluations", "report/candidate"):
        answer = await house.http.get(f"{path}/{kept}", headers=owner.headers)
        assert_problem(answer, 409, "own_scores_first")
    assert await house.storage.renderings.collection.count({"session_id": session_id}) == 0, "nothing was made"
    (row,) = (await get(house, owner, "/api/reports/comparison", plan_id=plan_id))["rows"]
    assert {(score["level"], score["withheld"]) for score in row["scores"].values()} == {(None, True)}
    await get(house, owner, f"{path}/transcript")
    to_give = await get(house, owner, f"{path}/own-scores")
    assert (to_give["withheld"], to_give["given"]) == (True, [])
    assert [(one["id"], len(one["rubric"])) for one in to_give["competencies"]] == [("depth", 5), ("care", 5)]

    wrong = await house.http.post(f"{path}/own-scores", json={"scores": {"x": {"level": 3}}}, headers=owner.headers)
    assert_problem(wrong, 422, "competency_unknown")
    given = {"scores": {"depth": {"level": 4, "note": "One case."}, "care": {"level": None}}}
    mine = await post(house, owner, session_id, "own-scores", given)
    assert (mine["blind"], mine["scores"]["depth"]) == (True, {"level": 4, "note": "One case."})
    assert (await get(house, owner, f"{path}/report"))["content"]["competencies"][0]["level"] == 4
    for form in ("html", "json"):
        assert (await house.http.get(f"{path}/report.{form}", headers=owner.headers)).status_code == 200

    admin = await house.account(Role.ADMIN)
    assert (await get(house, admin, f"{path}/own-scores"))["given"] == [], "nobody's, before one's own"
    assert (await get(house, admin, f"{path}/report"))["content"] is None
    assert_problem(await house.http.get(f"{path}/report.json", headers=admin.headers), 409, "own_scores_first")
    again = await post(house, owner, session_id, "own-scores", {"scores": {"depth": {"level": 5}}})
    assert again["blind"] is False
    now = await get(house, owner, f"{path}/own-scores")
    assert (now["withheld"], [one["n"] for one in now["given"]]) == (False, [0, 1])


async def test_on_a_blind_plan_an_export_shows_the_models_scores_to_who_has_given_their_own(house: House) -> None:
    owner, admin = await house.account(), await house.account(Role.ADMIN)
    session_id = await reported(house, owner, await plan(house, owner, blind_scoring=True), "Zoe")
    reply = ModelReply(session_id=session_id, asked="a", reply={"level": 4}, model="some-model", replied_at=NOON)
    await house.storage.model_replies.keep(reply)
    await post(house, admin, session_id, "own-scores", {"scores": {"depth": {"level": 4, "note": "some-model, too"}}})

    async def exported(who: Account) -> dict[str, bytes]:
        body = {"email": "zoe@example.com"}
        answer = await house.http.post("/api/privacy/export", json=body, headers=who.headers)
        assert answer.status_code == 200, answer.text
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        return {name.partition("/")[2] or name: archive.read(name) for name in archive.namelist()}

    kept = await exported(owner)
    whole = await exported(admin)
    of_scores = {"report.html", "report.json", "records/reports.json", "records/model_replies.json"}
    assert set(whole) - set(kept) == {*of_scores, "records/own_scores.json"}
    assert all(b"some-model" not in content and b"Page." not in content for content in kept.values())
    assert "give your own scores first" in kept["README.txt"].decode()
    assert "give your own scores first" in kept["index.html"].decode()
    assert {"session.json", "audit.json"} <= set(kept)

    given = {"scores": {"depth": {"level": 4}}}
    assert (await post(house, owner, session_id, "own-scores", given))["blind"] is True, "it showed none of the model's"
    assert set(await exported(owner)) == set(whole)


async def test_scores_that_were_given_after_reading_the_models_are_not_blind(house: House) -> None:
    owner = await house.account()
    session_id = await reported(house, owner, await plan(house, owner))
    await get(house, owner, f"{BASE}/session/{session_id}/report")
    assert (await post(house, owner, session_id, "own-scores", {"scores": {"depth": {"level": 4}}}))["blind"] is False
    other = await reported(house, owner, await plan(house, owner))
    assert (await post(house, owner, other, "own-scores", {"scores": {"depth": {"level": 4}}}))["blind"] is True


async def test_candidates_of_one_plan_stand_side_by_side_without_a_ranking(house: House) -> None:
    owner, stranger = await house.account(), await house.account()
    plan_id = await plan(house, owner, shared=True)
    first = await reported(house, owner, plan_id, "Ada", depth=2, care=None)
    house.clock.advance(1)
    second = await reported(house, owner, plan_id, "Ben", depth=5, care=3)
    await over(house, stranger, plan_id, "Eve")
    await post(house, owner, first, "own-scores", {"scores": {"depth": {"level": 3}}})
    await post(house, owner, first, "decisions", {"decision": "advance", "reason": "Good."})
    shown = await get(house, owner, "/api/reports/comparison", plan_id=plan_id)
    assert [(row["session_id"], row["decision"]) for row in shown["rows"]] == [(second, None), (first, "advance")]
    depth, care = shown["competencies"]
    assert (depth["id"], depth["spread"]) == ("depth", {"n": 2, "lowest": 2, "median": 3.5, "highest": 5})
    assert care["spread"] == {"n": 1, "lowest": 3, "median": 3, "highest": 3}
    ada = shown["rows"][1]["scores"]
    assert (ada["depth"]["level"], ada["depth"]["people"], ada["care"]["not_scorable"]) == (
        2,
        [3],
        "Too little was said.",
    )
    assert not {"total", "rank", "sum", "average"} & set(str(shown).replace("'", " ").split())
    page = await get(house, owner, "/api/reports/comparison", plan_id=plan_id, limit=1)
    rest = await get(house, owner, "/api/reports/comparison", plan_id=plan_id, limit=1, cursor=page["next_cursor"])
    assert [row["session_id"] for row in page["rows"] + rest["rows"]] == [second, first]


async def test_agreement_counts_blind_scores_and_tells_them_from_the_others(house: House) -> None:
    owner, admin = await house.account(), await house.account(Role.ADMIN)
    plan_id = await plan(house, owner)
    for name, level, own in (("A", 1, 1), ("B", 2, 2), ("C", 1, 2)):
        session_id = await reported(house, owner, plan_id, name, depth=level, care=None)
        await post(house, owner, session_id, "own-scores", {"scores": {"depth": {"level": own}}})
        await get(house, admin, f"{BASE}/session/{session_id}/report")
        await post(house, admin, session_id, "own-scores", {"scores": {"depth": {"level": level}}})
    found = await get(house, owner, "/api/reports/agreement", plan_id=plan_id)
    assert (found["sessions"], found["blind"]["n"], found["blind"]["kappa"]) == (3, 3, 0.4), "as ml_metrics has it"
    assert (found["blind"]["low"], found["blind"]["high"]) == (None, None), "three pairs tell no interval"
    assert (found["seen"]["n"], found["seen"]["kappa"]) == (3, 1.0)
    assert found["people"]["n"] == 0
    assert found["by_competency"]["depth"]["n"] == 3


async def test_impact_ratios_are_of_the_groups_that_are_given_and_warn_of_small_numbers(house: House) -> None:
    owner, stranger = await house.account(), await house.account()
    plan_id = await plan(house, owner, shared=True)
    groups = []
    for name, group, decision in (("A", "=x", "advance"), ("B", "=x", "advance"), ("C", "y", "reject"), ("D", "y", "")):
        session_id = await over(house, owner, plan_id, name)
        groups.append({"session_id": session_id, "group": group})
        if decision:
            await post(house, owner, session_id, "decisions", {"decision": decision, "reason": "Because."})
    theirs = await over(house, stranger, plan_id, "E")
    await post(house, stranger, theirs, "decisions", {"decision": "advance", "reason": "Because."})
    body = {"plan_id": plan_id, "groups": [*groups, {"session_id": theirs, "group": "y"}]}
    answer = await house.http.post("/api/reports/impact", json=body, headers=owner.headers)
    found = answer.json()
    assert (found["decided"], found["undecided"], found["unknown"]) == (3, 1, 1), found
    x, y = found["groups"]
    assert (x["group"], x["n"], x["rate"], x["impact_ratio"]) == ("=x", 2, 1.0, 1.0)
    assert (y["n"], y["rate"], y["impact_ratio"]) == (1, 0.0, 0.0)
    assert {"small_group", "few_selected", "below_four_fifths"} <= set(y["warnings"])
    table = await house.http.post("/api/reports/impact.csv", json=body, headers=owner.headers)
    assert table.headers["content-type"].startswith("text/csv")
    head, first, second = csv.reader(io.StringIO(table.content.decode("utf-8-sig")))
    assert head[:4] == ["plan_id", "group", "decided", "selected"]
    assert (first[1], second[1]) == ("'=x", "y"), "no spreadsheet takes it for a formula"
    stored = [document async for document in house.storage.audit.collection.documents()]
    assert "=x" not in str(stored)


async def test_groups_may_be_given_by_email(house: House) -> None:
    owner = await house.account()
    plan_id = await plan(house, owner)
    session_id = await over(house, owner, plan_id, "Zoe")
    await post(house, owner, session_id, "decisions", {"decision": "advance", "reason": "Because."})
    body = {
        "plan_id": plan_id,
        "groups": [{"email": "ZOE@example.com", "group": "a"}, {"email": "nobody@example.com", "group": "a"}],
    }
    found = (await house.http.post("/api/reports/impact", json=body, headers=owner.headers)).json()
    assert (found["decided"], found["unknown"], found["groups"][0]["selected"]) == (1, 1, 1)


async def test_the_candidate_reads_their_version_once_it_is_released_and_no_more_than_that(house: House) -> None:
    owner = await house.account()
    made = await house.created(owner)
    session_id = made["session_id"]
    candidate = await house.candidate(made["invite_url"])
    await house.consent(owner, session_id)
    await house.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    path = f"{BASE}/session/{session_id}/report"
    early = await house.http.post(f"{path}/release", json={}, headers=owner.headers)
    assert_problem(early, 409, "report_not_ready")
    await build(house, session_id)
    assert_problem(await candidate.get(f"{path}/candidate"), 404, "report_not_released")
    assert_problem(await candidate.get(path), 403, "not_allowed")
    preview = await get(house, owner, f"{path}/candidate", with_levels=True)
    assert (preview["released"], preview["content"]["competencies"][0]["level"]) == (False, 4)

    await post(house, owner, session_id, "report/release", {"note": "Thank you."})
    read = (await candidate.get(f"{path}/candidate")).json()
    assert (read["released"], read["note"]) == (True, "Thank you.")
    competency = read["content"]["competencies"][0]
    assert (competency["reason"], competency["quotes"][0]["text"]) == ("It was concrete.", "I led")
    assert "level" not in competency
    assert not {"incidents", "cost", "dropped_quotes", "confidence"} & set(str(read).replace("'", " ").split())
    assert "People decide" in read["content"]["how_it_came_about"]
    assert (await get(house, owner, f"{path}/release"))["version"] == 1

    await post(house, owner, session_id, "report/release", {"with_levels": True})
    assert (await candidate.get(f"{path}/candidate")).json()["content"]["competencies"][0]["level"] == 4
    for _ in range(2):
        gone = await house.http.delete(f"{path}/release", headers=owner.headers)
        assert gone.status_code == 204
    assert_problem(await candidate.get(f"{path}/candidate"), 404, "report_not_released")
    entries = await house.storage.reviews.releases.of(session_id)
    assert [entry.version for entry in entries] == [1, 1, None]


@pytest.mark.parametrize(
    "said", ["We lost no INVOICE, which I’m proud of.", "Wir haben die Straße gesperrt.", "数据库没有丢失。"]
)
async def test_words_are_found_in_ones_own_transcripts_whatever_the_script(house: House, said: str) -> None:
    owner, stranger = await house.account(), await house.account()
    session_id = await house.started(owner)
    turn = await store_turn(house.storage, await house.storage.sessions.get(session_id), Speaker.CANDIDATE, said)
    theirs = await house.started(stranger)
    await store_turn(house.storage, await house.storage.sessions.get(theirs), Speaker.CANDIDATE, said)
    q = {"W": "no invoice which", "数": "没有丢失"}.get(said[0], "x")
    q = "die STRASSE gesp" if "Straße" in said else q
    found = await get(house, owner, "/api/reports/search", q=q)
    (one,) = found["sessions"]
    (hit,) = one["turns"]
    assert (one["session_id"], hit["turn_id"]) == (session_id, turn.turn_id)
    assert hit["excerpt"][hit["start"] : hit["end"]]
    assert found["next_cursor"] is None
    assert (await get(house, owner, "/api/reports/search", q="nvoice"))["sessions"] == [], "no parts from within words"
    blank = await house.http.get("/api/reports/search", params={"q": "?!"}, headers=owner.headers)
    assert_problem(blank, 422, "nothing_to_search")


async def test_a_search_goes_on_where_the_last_call_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("control_api.reports.searching.SESSIONS_A_CALL", 2)
    owner = await house.account()
    wanted = set()
    for _ in range(5):
        session_id = await house.started(owner)
        await store_turn(house.storage, await house.storage.sessions.get(session_id), Speaker.CANDIDATE, "A quokka.")
        wanted.add(session_id)
    found: list[str] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        answer = await get(house, owner, "/api/reports/search", q="quokka", **cursor)
        found += [one["session_id"] for one in answer["sessions"]]
        cursor = {"cursor": answer["next_cursor"]} if answer["next_cursor"] else {}
    assert (cursor, len(found), set(found)) == ({}, 5, wanted)


async def test_a_correction_stands_beside_the_original_and_has_done_again_what_rests_on_it(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    session = await house.storage.sessions.get(session_id)
    turn = await store_turn(house.storage, session, Speaker.CANDIDATE, "It was the correction pool.")
    await house.storage.evaluations.enqueue(session_id, str(turn.question_id))
    await house.http.post(f"{BASE}/session/{session_id}/end", headers=owner.headers)
    await build(house, session_id)
    wrong = await house.http.post(
        f"{BASE}/session/{session_id}/corrections",
        json={"turn_id": f"{session_id}:99", "text": "x"},
        headers=owner.headers,
    )
    assert_problem(wrong, 422, "turn_not_found")
    body = {"turn_id": turn.turn_id, "text": "It was the connection pool.", "reason": "Listened to it."}
    made = await post(house, owner, session_id, "corrections", body)
    assert made["report_version"] == 2
    transcript = await get(house, owner, f"{BASE}/session/{session_id}/transcript")
    assert transcript["turns"][-1]["text"] == "It was the correction pool."
    (shown,) = transcript["corrections"]
    assert (shown["text"], shown["reason"], shown["problem_id"]) == (body["text"], body["reason"], None)
    evaluation = await house.storage.evaluations.get(session_id, str(turn.question_id))
    assert evaluation is not None
    assert evaluation.revision == 2
    found = await get(house, owner, "/api/reports/search", q="connection pool")
    assert [one["session_id"] for one in found["sessions"]] == [session_id]
    kept = await post(house, owner, session_id, "corrections", {**body, "rescore": False})
    assert kept["report_version"] is None
    assert (await house.storage.sessions.get(session_id)).status is Status.COMPLETED
