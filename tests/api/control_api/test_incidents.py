"""Judging incidents: the queue, one proctor at a time, a decision with its reason, and everything that leads to it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from interview.incident import Clip, Incident, Observation, ObservationBatch, Severity
from interview.plan import IncidentKind
from interview.session import Session, Status
from interview.transcript import Speaker
from interview.user import Role
from tests.api.control_api.house import BASE, Account, House, assert_problem
from tests.api.control_api.records import JPEG, store_incident, store_turn

QUEUE = "/api/incidents"
FALSE = {"verdict": "dismissed", "reason": "not_so"}
TRUE = {"verdict": "confirmed", "reason": "as_filed"}


async def filed(house: House, *severities: Severity, owner: Account | None = None) -> tuple[Session, list[Incident]]:
    """A session that runs, and incidents of it, ten seconds apart."""
    session = await house.storage.sessions.get(await house.started(owner or await house.account()))
    incidents = [
        await store_incident(house.storage, session, second=10 * n, severity=severity)
        for n, severity in enumerate(severities or (Severity.MEDIUM,))
    ]
    return session, incidents


async def post(house: House, who: Account, incident: Incident, act: str, body: Any = None) -> httpx.Response:
    return await house.http.post(f"{QUEUE}/{incident.incident_id}/{act}", json=body, headers=who.headers)


async def judged(house: House, who: Account, incident: Incident, **decision: Any) -> dict[str, Any]:
    assert (await post(house, who, incident, "claim")).status_code == 200
    answer = await post(house, who, incident, "decide", decision)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def context(house: House, who: Account, incident: Incident) -> dict[str, Any]:
    answer = await house.http.get(f"{QUEUE}/{incident.incident_id}", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def queue(house: House, who: Account, **query: Any) -> list[dict[str, Any]]:
    answer = await house.http.get(QUEUE, params=query, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["incidents"]


async def audited(house: House, subject: str) -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in await house.storage.audit.of_subject(subject)]


async def test_proctors_find_the_severest_first_and_owners_only_their_own(house: House) -> None:
    owner, proctor = await house.account(), await house.account(Role.PROCTOR)
    session, incidents = await filed(house, Severity.LOW, Severity.HIGH, Severity.MEDIUM, owner=owner)
    _, (other,) = await filed(house)
    wanted = [incidents[1].incident_id, incidents[2].incident_id, incidents[0].incident_id]
    of_session = await queue(house, proctor, session_id=session.session_id)
    assert [one["incident_id"] for one in of_session] == wanted
    assert [one["incident_id"] for one in await queue(house, owner)] == wanted
    assert [one["incident_id"] for one in await queue(house, proctor, session_id=other.session_id)] == [
        other.incident_id
    ]
    first = await house.http.get(QUEUE, params={"session_id": session.session_id, "limit": 2}, headers=proctor.headers)
    cursor = first.json()["next_cursor"]
    assert [one["incident_id"] for one in await queue(house, owner, limit=2, cursor=cursor)] == wanted[2:]
    assert_problem(await house.http.get(QUEUE, params={"cursor": "?"}, headers=proctor.headers), 422, "bad_cursor")


async def test_one_proctor_at_a_time_looks_at_an_incident(house: House) -> None:
    _, (incident,) = await filed(house)
    proctors = [await house.account(Role.PROCTOR) for _ in range(6)]
    answers = await asyncio.gather(*(post(house, who, incident, "claim") for who in proctors))
    listed = await house.http.get(QUEUE, params={"session_id": incident.session_id}, headers=proctors[0].headers)
    (claimed,) = listed.json()["incidents"]
    assert listed.json()["people"] == {claimed["claimed_by"]: "Somebody"}
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    winner = proctors[[answer.status_code for answer in answers].index(200)]
    loser = next(who for who in proctors if who is not winner)
    assert [one["incident_id"] for one in await queue(house, winner, mine=True)] == [incident.incident_id]
    assert_problem(await post(house, loser, incident, "decide", TRUE), 409, "not_claimed")
    refused = assert_problem(await post(house, loser, incident, "claim"), 409, "claimed")
    assert refused["details"]["retry_after_s"] == house.settings.incident_claim_s
    house.clock.advance(house.settings.incident_claim_s)
    assert (await post(house, loser, incident, "claim")).status_code == 200
    assert_problem(await post(house, winner, incident, "decide", TRUE), 409, "not_claimed")
    assert (await post(house, loser, incident, "release")).json()["claimed_by"] is None


async def test_a_decision_needs_a_reason_that_belongs_to_it_and_closes_the_incident(house: House) -> None:
    owner, proctor = await house.account(), await house.account(Role.PROCTOR)
    _, (incident,) = await filed(house, owner=owner)
    await post(house, proctor, incident, "claim")
    for wrong in ({"verdict": "confirmed"}, {"verdict": "confirmed", "reason": "not_so"}, {**TRUE, "mood": "sad"}):
        assert_problem(await post(house, proctor, incident, "decide", wrong), 422, "invalid")
    decided = await post(house, proctor, incident, "decide", {**FALSE, "note": "a poster on the wall"})
    assert (decided.json()["state"], decided.json()["verdict"]) == ("decided", "dismissed")
    assert await queue(house, owner) == []
    assert [one["reason"] for one in await queue(house, owner, state="decided")] == ["not_so"]
    assert_problem(await post(house, proctor, incident, "claim"), 409, "already_decided")
    seen = await context(house, owner, incident)
    assert [(line["act"], line["verdict"], line["note"]) for line in seen["history"]] == [
        ("claimed", None, ""),
        ("decided", "dismissed", "a poster on the wall"),
    ]
    actions = await audited(house, f"incident:{incident.incident_id}")
    me = f"user:{proctor.user.user_id}"
    assert (me, "claim incident") in actions
    assert (me, "decide incident: dismissed") in actions
    assert (f"user:{owner.user.user_id}", "read incident") in actions
    shown = await house.http.get(f"{BASE}/session/{incident.session_id}/incidents", headers=owner.headers)
    assert [(one["state"], one["verdict"], one["reason"]) for one in shown.json()["incidents"]] == [
        ("decided", "dismissed", "not_so")
    ]


async def test_who_gives_a_second_opinion_does_not_know_the_first(house: House) -> None:
    first, second = await house.account(Role.PROCTOR), await house.account(Role.PROCTOR)
    _, (incident,) = await filed(house)
    await judged(house, first, incident, **TRUE, note="seen clearly", second_opinion=True)
    assert_problem(await post(house, first, incident, "claim"), 409, "second_opinion_by_another")
    hidden = await context(house, second, incident)
    assert hidden["incident"]["blind"] is True
    assert hidden["incident"]["verdict"] is hidden["incident"]["decided_by"] is None
    assert hidden["history"] == []
    assert "seen clearly" not in str(hidden)
    assert (await context(house, first, incident))["incident"]["verdict"] == "confirmed"
    done = await judged(house, second, incident, **FALSE)
    assert (done["state"], done["verdict"], done["opinions"], done["blind"]) == ("decided", "dismissed", 2, False)
    open_now = await context(house, second, incident)
    assert [line["note"] for line in open_now["history"] if line["note"]] == ["seen clearly"]
    asked = await post(house, first, incident, "second-opinion", {"note": "once more"})
    assert asked.json()["state"] == "second_opinion"
    assert_problem(await post(house, second, incident, "second-opinion", {}), 409, "not_decided")


async def test_agreement_is_reckoned_from_first_and_second_opinions(empty_house: House) -> None:
    house = empty_house
    first, second = await house.account(Role.PROCTOR), await house.account(Role.PROCTOR)
    session = Session.model_validate(
        {**(await house.storage.sessions.get((await house.created(await house.account()))["session_id"])).model_dump()}
    )
    verdicts = [(TRUE, TRUE), (TRUE, TRUE), (TRUE, FALSE), (FALSE, FALSE)]
    for n, (one, other) in enumerate(verdicts):
        incident = await store_incident(house.storage, session, second=10 * n)
        await judged(house, first, incident, **one, second_opinion=True)
        await judged(house, second, incident, **other)
    await judged(house, first, await store_incident(house.storage, session, second=90), **TRUE)
    figures = (await house.http.get(f"{QUEUE}/agreement", headers=first.headers)).json()
    assert (figures["n"], figures["observed"], figures["expected"], figures["kappa"]) == (4, 0.75, 0.5, 0.5)
    assert figures["pairs"] == {"confirmed/confirmed": 2, "confirmed/dismissed": 1, "dismissed/dismissed": 1}
    assert figures["by_state"] == {"decided": 5}
    assert figures["by_verdict"] == {"confirmed": 3, "dismissed": 2}
    assert figures["by_user"] == {first.user.user_id: 1, second.user.user_id: 4}


async def test_an_incident_is_shown_with_what_is_needed_to_judge_it(house: House) -> None:
    proctor = await house.account(Role.PROCTOR)
    session, (incident, other) = await filed(house, Severity.HIGH, Severity.LOW)
    near = await store_turn(house.storage, session, Speaker.CANDIDATE, "I moved the ledger.")
    for _ in range(20):
        await store_turn(house.storage, session, Speaker.CANDIDATE, "Much later.")
    seen = Observation(at=incident.started_at, detector="yunet", version="1", values={"best": 0.1, "second": 0.0})
    await house.storage.observations.append(
        ObservationBatch(session_id=session.session_id, attempt=1, seq=0, observations=(seen,))
    )
    shown = await context(house, proctor, incident)
    assert shown["transcript"][0]["turn_id"] == near.turn_id
    assert 2 <= len(shown["transcript"]) < 10
    assert shown["figure"] == "best"
    assert [figure["value"] for figure in shown["figures"]] == [0.1]
    assert [one["incident_id"] for one in shown["others"]] == [other.incident_id]
    assert "session IN_PROGRESS" in [entry["what"] for entry in shown["timeline"]]
    assert shown["session"]["title"] == session.plan.title
    assert session.candidate.name not in str(shown)
    assert session.candidate.email not in str(shown)
    (piece,) = shown["evidence"]
    still = await house.http.get(piece["url"], headers=proctor.headers)
    assert (still.content, still.headers["content-type"]) == (JPEG, "image/jpeg")
    me = f"user:{proctor.user.user_id}"
    assert sorted(await audited(house, f"incident:{incident.incident_id}")) == [
        (me, "read evidence at"),
        (me, "read incident"),
    ]
    missing = f"{QUEUE}/{incident.incident_id}/evidence/clip-1"
    assert_problem(await house.http.get(missing, headers=proctor.headers), 404, "evidence_not_found")


async def test_a_clip_of_sound_is_evidence_too(house: House) -> None:
    proctor = await house.account(Role.PROCTOR)
    session, _ = await filed(house)
    clip = Clip(started_at=session.created_at, duration_s=6, file_id=f"clip:{session.session_id}")
    await house.storage.files.put(clip.file_id, b"OggS", session_id=session.session_id, content_type="audio/ogg")
    incident = await store_incident(
        house.storage, session, second=70, kind=IncidentKind.SECOND_VOICE, stills=(), clips=(clip,)
    )
    (piece,) = (await context(house, proctor, incident))["evidence"]
    assert (piece["name"], piece["duration_s"]) == ("clip-1", 6)
    heard = await house.http.get(piece["url"], headers=proctor.headers)
    assert (heard.content, heard.headers["content-type"]) == (b"OggS", "audio/ogg")


async def test_a_candidate_sees_what_was_filed_once_it_is_over_and_contests_it(house: House) -> None:
    owner, proctor = await house.account(), await house.account(Role.PROCTOR)
    made = await house.created(owner)
    session_id = made["session_id"]
    await house.consent(owner, session_id)
    await house.storage.sessions.start(session_id, by="user:1")
    incident = await store_incident(house.storage, await house.storage.sessions.get(session_id))
    candidate = await house.candidate(made["invite_url"])
    noticed = f"{BASE}/session/{session_id}/noticed"
    assert_problem(await candidate.get(noticed), 409, "not_over")
    await judged(house, proctor, incident, **TRUE, note="between colleagues")
    await house.storage.sessions.move(session_id, Status.COMPLETED, by="user:1")
    shown = await candidate.get(noticed)
    (one,) = shown.json()["incidents"]
    assert (one["kind"], one["verdict"], one["contested_at"]) == ("no_face", "confirmed", None)
    assert "between colleagues" not in shown.text
    assert proctor.user.user_id not in shown.text
    contest = {"kind": "incident_contest", "text": "I bent down.", "incident_id": incident.incident_id, "ref": "c1"}
    for _ in range(2):
        raised = await candidate.post(f"{BASE}/session/{session_id}/problems", json=contest)
        assert raised.status_code == 201
    (waiting,) = await queue(house, owner)
    assert waiting["state"] == "contested"
    history = (await context(house, proctor, incident))["history"]
    assert [(line["by"], line["note"]) for line in history if line["act"] == "contested"] == [
        ("candidate", "I bent down.")
    ]
    done = await judged(house, proctor, incident, verdict="dismissed", reason="harmless")
    assert done["state"] == "decided"
    assert (await candidate.get(noticed)).json()["incidents"][0]["verdict"] == "dismissed"


async def test_what_somebody_saw_and_software_did_not_is_filed_once(house: House) -> None:
    proctor = await house.account(Role.PROCTOR)
    session, _ = await filed(house)
    house.clock.advance(60)
    at = house.clock.now() - timedelta(seconds=20)
    body = {"kind": "phone", "started_at": at.isoformat(), "ended_at": house.clock.now().isoformat(), "note": "a phone"}
    path = f"{BASE}/session/{session.session_id}/incidents"
    added = await house.http.post(path, json=body, headers=proctor.headers)
    assert added.status_code == 201, added.text
    assert (added.json()["state"], added.json()["verdict"], added.json()["detector"]) == (
        "decided",
        "confirmed",
        "person",
    )
    assert_problem(await house.http.post(path, json=body, headers=proctor.headers), 409, "already_filed")
    early = body | {"started_at": (session.created_at - timedelta(days=1)).isoformat()}
    assert_problem(await house.http.post(path, json=early, headers=proctor.headers), 422, "not_in_session")
    turned = body | {"ended_at": (at - timedelta(seconds=1)).isoformat()}
    assert_problem(await house.http.post(path, json=turned, headers=proctor.headers), 422, "invalid")


async def test_of_an_anonymised_session_nothing_is_judged_any_more(house: House) -> None:
    owner, proctor = await house.account(), await house.account(Role.PROCTOR)
    session, (incident,) = await filed(house, owner=owner)
    await house.storage.sessions.move(session.session_id, Status.COMPLETED, by="user:1")
    await house.storage.anonymise_session(session.session_id)
    assert_problem(await post(house, proctor, incident, "claim"), 404, "session_deleted")
    assert (await context(house, proctor, incident))["evidence"] == []


async def test_an_incident_goes_to_the_new_owner_with_its_session(house: House) -> None:
    owner, heir, admin = await house.account(), await house.account(), await house.account(Role.ADMIN)
    _, (incident,) = await filed(house, owner=owner)
    body = {"to_user_id": heir.user.user_id}
    path = f"/api/users/{owner.user.user_id}/transfer"
    assert (await house.http.post(path, json=body, headers=admin.headers)).status_code == 200
    assert await queue(house, owner) == []
    assert [one["incident_id"] for one in await queue(house, heir)] == [incident.incident_id]
