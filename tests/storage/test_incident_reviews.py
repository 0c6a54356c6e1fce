"""The queue of incidents: sorted, claimed by one, decided, doubted, contested; and its evidence, which goes in time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from interview.clock import VirtualClock
from interview.errors import Conflict, Invalid, NotFound, StaleAttempt
from interview.incident import Clip, Incident, Severity, Still, incident_id
from interview.plan import IncidentKind, Plan
from interview.review import Reason, ReviewAct, ReviewState, Verdict, first_two
from interview.session import Session, Status
from interview.storage import Storage
from interview.storage.incident_reviews import Decision, QueueFilter
from tests.storage.builders import NOON, WORDS, incident, plan, session

LEASE_S = 300


async def filed(storage: Storage, of: Session, second: int = 0, **given: Any) -> Incident:
    """File an incident that began so many seconds after noon, and return it as it is stored."""
    at = NOON + timedelta(seconds=second)
    kind = given.get("kind", IncidentKind.NO_FACE)
    values = {"incident_id": incident_id(of.session_id, kind, at), "started_at": at, "filed_at": at, "stills": ()}
    await storage.incidents.file(incident(of.session_id, **(values | given)))
    return await storage.incidents.get(values["incident_id"])


async def running(storage: Storage, **given: Any) -> Session:
    added = session(**given)
    await storage.sessions.add(added)
    return added


def found(by: str, verdict: Verdict = Verdict.CONFIRMED, **given: Any) -> Decision:
    reason = Reason.AS_FILED if verdict is Verdict.CONFIRMED else Reason.NOT_SO
    return Decision(by, verdict, reason, **given)


async def test_the_queue_is_by_severity_then_age_and_comes_in_pages(timed: Storage) -> None:
    of = await running(timed)
    order = [(0, Severity.LOW), (1, Severity.HIGH), (2, Severity.MEDIUM), (3, Severity.HIGH), (4, Severity.MEDIUM)]
    ids = [(await filed(timed, of, second, severity=severity)).incident_id for second, severity in order]
    wanted = [ids[1], ids[3], ids[2], ids[4], ids[0]]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page, cursor = await timed.incident_reviews.page(QueueFilter(), limit=2, after=cursor)
        seen += [one.incident_id for one in page]
    assert seen == wanted
    assert cursor is None
    with pytest.raises(Invalid, match="cursor"):
        await timed.incident_reviews.page(QueueFilter(), after="made up")


async def test_the_queue_is_found_by_owner_state_kind_and_severity(timed: Storage) -> None:
    mine, other = await running(timed), await running(timed, owner_id="owner-2")
    face = await filed(timed, mine, 0, severity=Severity.HIGH, kind=IncidentKind.SECOND_FACE)
    paste = await filed(timed, mine, 1, kind=IncidentKind.PASTE)
    theirs = await filed(timed, other, 2)
    await timed.incident_reviews.claim(paste.incident_id, "p1", NOON, LEASE_S)
    await timed.incident_reviews.decide(paste.incident_id, found("p1"), NOON)

    async def ids(**wanted: Any) -> set[str]:
        return {one.incident_id for one in (await timed.incident_reviews.page(QueueFilter(**wanted)))[0]}

    assert await ids() == {face.incident_id, theirs.incident_id}
    assert await ids(owner_id="owner-1") == {face.incident_id}
    assert await ids(owner_id="owner-1", waiting=None) == {face.incident_id, paste.incident_id}
    assert await ids(state=ReviewState.DECIDED) == {paste.incident_id}
    assert await ids(severity=Severity.HIGH) == {face.incident_id}
    assert await ids(kind=IncidentKind.SECOND_FACE, session_id=mine.session_id) == {face.incident_id}
    assert await timed.incident_reviews.counts("state") == {"open": 2, "decided": 1}
    assert await timed.incident_reviews.counts("decided_by") == {"p1": 1}
    await timed.incidents.hand_over(other.session_id, "owner-1")
    assert theirs.incident_id in await ids(owner_id="owner-1")


async def test_of_many_at_once_one_claims(storage: Storage) -> None:
    one = await filed(storage, await running(storage))
    tries = [storage.incident_reviews.claim(one.incident_id, f"p{n}", NOON, LEASE_S) for n in range(20)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, Incident)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert (len(won), len(lost)) == (1, 19)
    assert {error.code for error in lost} == {"claimed"}
    stored = await storage.incidents.get(one.incident_id)
    assert [entry.act for entry in stored.history] == [ReviewAct.CLAIMED]


async def test_a_claim_runs_out_is_renewed_and_given_back(timed: Storage, clock: VirtualClock) -> None:
    one = await filed(timed, await running(timed))
    reviews = timed.incident_reviews
    await reviews.claim(one.incident_id, "p1", clock.now(), LEASE_S)
    clock.advance(200)
    await reviews.claim(one.incident_id, "p1", clock.now(), LEASE_S)
    clock.advance(200)
    with pytest.raises(Conflict) as refused:
        await reviews.claim(one.incident_id, "p2", clock.now(), LEASE_S)
    assert refused.value.details == {"retry_after_s": 100}
    clock.advance(100)
    await reviews.claim(one.incident_id, "p2", clock.now(), LEASE_S)
    with pytest.raises(Conflict, match="claim this incident first"):
        await reviews.decide(one.incident_id, found("p1"), clock.now())
    await reviews.release(one.incident_id, "p1", clock.now())
    assert (await timed.incidents.get(one.incident_id)).claimed_by == "p2"
    free = await reviews.release(one.incident_id, "p2", clock.now())
    assert free.claimed_by is None
    assert await reviews.release(one.incident_id, "p2", clock.now()) == free
    await reviews.claim(one.incident_id, "p1", clock.now(), LEASE_S)
    acts = [(entry.by, entry.act.value) for entry in (await timed.incidents.get(one.incident_id)).history]
    assert acts == [("p1", "claimed"), ("p2", "claimed"), ("p2", "released"), ("p1", "claimed")]


async def test_a_decision_stands_with_its_note_and_closes_the_incident(timed: Storage, raw_text: Any) -> None:
    one = await filed(timed, await running(timed))
    await timed.incident_reviews.claim(one.incident_id, "p1", NOON, LEASE_S)
    decided = await timed.incident_reviews.decide(one.incident_id, found("p1", Verdict.DISMISSED, note=WORDS), NOON)
    assert decided == await timed.incidents.get(one.incident_id)
    assert (decided.state, decided.waiting, decided.claimed_by) == (ReviewState.DECIDED, False, None)
    assert (decided.verdict, decided.reason, decided.decided_by) == (Verdict.DISMISSED, Reason.NOT_SO, "p1")
    assert decided.note(1) == WORDS
    assert WORDS not in await raw_text("incidents")
    with pytest.raises(Conflict) as refused:
        await timed.incident_reviews.claim(one.incident_id, "p2", NOON, LEASE_S)
    assert refused.value.code == "already_decided"


async def test_a_second_opinion_is_somebody_elses(timed: Storage) -> None:
    one = await filed(timed, await running(timed))
    reviews, key = timed.incident_reviews, one.incident_id
    await reviews.claim(key, "p1", NOON, LEASE_S)
    asked = await reviews.decide(key, found("p1", second_opinion=True, note="look at the mirror"), NOON)
    assert (asked.state, asked.waiting) == (ReviewState.SECOND_OPINION, True)
    with pytest.raises(Conflict) as refused:
        await reviews.claim(key, "p1", NOON, LEASE_S)
    assert refused.value.code == "second_opinion_by_another"
    await reviews.claim(key, "p2", NOON, LEASE_S)
    await reviews.decide(key, found("p2", Verdict.DISMISSED, note="a mirror"), NOON + timedelta(seconds=9))
    done = await timed.incidents.get(key)
    assert done.deciders == ("p1", "p2")
    assert first_two(done.history) == (Verdict.CONFIRMED, Verdict.DISMISSED)
    assert [done.note(n) for n in range(len(done.history))] == ["", "look at the mirror", "", "", "a mirror"]
    assert [one.incident_id for one in await timed.incident_reviews.decided_twice()] == [key]
    again = await reviews.ask_again(key, "p3", NOON)
    assert again.state is ReviewState.SECOND_OPINION
    with pytest.raises(Conflict):
        await reviews.ask_again(key, "p3", NOON)


async def test_what_a_candidate_contests_is_looked_at_again(timed: Storage) -> None:
    one = await filed(timed, await running(timed))
    reviews, key = timed.incident_reviews, one.incident_id
    await reviews.claim(key, "p1", NOON, LEASE_S)
    await reviews.decide(key, found("p1"), NOON)
    contested = await reviews.contest(key, WORDS, NOON + timedelta(hours=1))
    assert (contested.state, contested.waiting, contested.verdict) == (ReviewState.CONTESTED, True, Verdict.CONFIRMED)
    assert contested.note(2) == WORDS
    later = NOON + timedelta(hours=2)
    await reviews.claim(key, "p1", later, LEASE_S)
    done = await reviews.decide(key, found("p1", Verdict.DISMISSED), later)
    assert (done.state, done.verdict, done.contested_at) == (
        ReviewState.DECIDED,
        Verdict.DISMISSED,
        NOON + timedelta(hours=1),
    )


async def test_what_the_worker_files_again_takes_nothing_back(timed: Storage) -> None:
    of = await running(timed)
    one = await filed(timed, of)
    await timed.incident_reviews.claim(one.incident_id, "p1", NOON, LEASE_S)
    decided = await timed.incident_reviews.decide(one.incident_id, found("p1", note=WORDS), NOON)
    late = await filed(timed, of, ended_at=NOON + timedelta(seconds=7), confidence=0.95)
    assert late == decided.model_copy(update={"ended_at": NOON + timedelta(seconds=7), "confidence": 0.95})


async def test_a_history_has_an_end(timed: Storage) -> None:
    one = await filed(timed, await running(timed))
    for n in range(100):
        await timed.incident_reviews.claim(one.incident_id, "p1", NOON, LEASE_S)
        await timed.incident_reviews.release(one.incident_id, "p1", NOON + timedelta(seconds=n))
    with pytest.raises(Conflict) as refused:
        await timed.incident_reviews.claim(one.incident_id, "p1", NOON, LEASE_S)
    assert refused.value.code == "too_many_reviews"
    with pytest.raises(Conflict) as refused:
        await timed.incident_reviews.contest(one.incident_id, "no", NOON)
    assert refused.value.code == "too_many_reviews"


async def test_nothing_is_written_about_an_anonymised_session(timed: Storage) -> None:
    of = await running(timed, status=Status.COMPLETED, ended_at=NOON, attempt=1)
    one = await filed(timed, of)
    await timed.incident_reviews.claim(one.incident_id, "p1", NOON, LEASE_S)
    await timed.incident_reviews.decide(one.incident_id, found("p1", note=WORDS), NOON)
    await timed.anonymise_session(of.session_id)
    kept = await timed.incidents.get(one.incident_id)
    assert (kept.verdict, kept.notes, kept.stills) == (Verdict.CONFIRMED, None, ())
    with pytest.raises(StaleAttempt):
        await timed.incident_reviews.contest(one.incident_id, WORDS, NOON)
    assert (await timed.incidents.get(one.incident_id)).notes is None


async def test_evidence_goes_when_the_plan_says_and_the_incident_stays(timed: Storage, clock: VirtualClock) -> None:
    short = Plan.model_validate({**plan().model_dump(), "proctoring": {"evidence_days": 3}})
    kept, of = await running(timed), await running(timed, plan=short)
    for n, owner in enumerate((kept, of)):
        still = Still(moment="at", taken_at=NOON, file_id=f"still:{n}")
        clip = Clip(started_at=NOON, duration_s=6, file_id=f"clip:{n}")
        for piece in (still, clip):
            await timed.files.put(piece.file_id, b"shown", session_id=owner.session_id, content_type="image/jpeg")
        await filed(timed, owner, stills=(still,), clips=(clip,))
    assert await timed.incidents.drop_old_evidence(clock.now() + timedelta(days=2), 100) == 0
    late = clock.now() + timedelta(days=3, seconds=1)
    assert await timed.incidents.drop_old_evidence(late, 100) == 1
    (one,) = await timed.incidents.of(of.session_id)
    assert (one.stills, one.clips, one.evidence_until) == ((), (), None)
    (other,) = await timed.incidents.of(kept.session_id)
    assert len(other.stills) == len(other.clips) == 1
    assert await timed.files.get("clip:0") == b"shown"
    for gone in ("still:1", "clip:1"):
        with pytest.raises(NotFound):
            await timed.files.get(gone)
    assert await timed.incidents.drop_old_evidence(late, 100) == 0


async def test_incidents_of_an_older_version_come_into_the_queue_and_find_their_owner(
    timed: Storage, timed_raw: Any
) -> None:
    of = await running(timed)
    one = await filed(timed, of, severity=Severity.HIGH)
    newer = ("owner_id", "rank", "waiting", "state", "history", "revision", "deciders", "clips", "evidence_until")
    await timed_raw["incidents"].update_one(
        {"_id": one.incident_id}, {"$unset": dict.fromkeys(newer, ""), "$set": {"schema_version": 1}}
    )
    assert (await timed.incident_reviews.page(QueueFilter()))[0] == []
    await timed_raw["migrations"].delete_many({})
    await timed.migrate()
    assert await timed.incidents.adopt(10) == 1
    (found_again,), _ = await timed.incident_reviews.page(QueueFilter(owner_id="owner-1", severity=Severity.HIGH))
    assert found_again == one
    assert await timed.incidents.adopt(10) == 0


@pytest.fixture
def raw_text(timed_raw: Any) -> Any:
    async def text(collection: str) -> str:
        return str([document async for document in timed_raw[collection].find({})])

    return text
