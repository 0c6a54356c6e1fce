"""The records refuse what could not be stored or would contradict itself."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from interview.accommodation import Accommodations
from interview.clock import SystemClock, VirtualClock, from_epoch, whole_ms
from interview.incident import IncidentKind, incident_id
from interview.invite import hash_secret, new_secret
from interview.names import room_name, session_of_room
from interview.plan import Competency, Plan, Question
from interview.session import (
    ENDED,
    LEGAL,
    STARTED,
    Candidate,
    Consent,
    ConsentItem,
    HistoryEntry,
    Progress,
    Session,
    Status,
    sources_of,
)
from interview.transcript import Speaker, Stage, Turn
from interview.user import Role, User

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DEPTH = Competency(id="depth", name="Depth")
WHY = Question(id="q1", text="Why?", competency="depth")


def plan(**changes: Any) -> Plan:
    return Plan(**{"plan_id": "p", "title": "t", "competencies": (DEPTH,), "questions": (WHY,), **changes})


def turn(**changes: Any) -> Turn:
    values = {
        "turn_id": "s:3",
        "session_id": "s",
        "seq": 3,
        "attempt": 1,
        "speaker": Speaker.CANDIDATE,
        "text": "yes",
        "stage": Stage.QUESTIONS,
        "started_at": NOON,
        "ended_at": NOON,
    }
    return Turn(**{**values, **changes})


@pytest.mark.parametrize(("source", "target"), list(product(Status, Status)))
def test_the_table_decides_every_move(source: Status, target: Status) -> None:
    assert (target in LEGAL[source]) == (source in sources_of(target))


def test_the_table_has_the_shape_of_the_lifecycle() -> None:
    assert sources_of(Status.DELETED) == frozenset(Status) - {Status.DELETED}
    assert sources_of(Status.COMPLETED) == STARTED
    assert not any(LEGAL[ended] - {Status.DELETED} for ended in ENDED - {Status.FAILED})
    assert Status.IN_PROGRESS in LEGAL[Status.FAILED]
    assert not sources_of(Status.INITIALIZED)


def test_times_become_utc_of_whole_milliseconds() -> None:
    east = datetime(2026, 11, 22, 13, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=1)))
    assert turn(started_at=east).started_at == NOON + timedelta(milliseconds=123)
    with pytest.raises(ValidationError, match="no zone"):
        turn(started_at=datetime(2026, 11, 22))


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d"])
def test_text_that_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        turn(text=text)


def test_records_are_frozen_and_know_their_fields() -> None:
    with pytest.raises(ValidationError):
        turn().text = "no"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError):
        turn(mood="glad")
    with pytest.raises(ValidationError):
        turn(confidence=float("nan"))


def test_a_turns_id_is_the_one_of_its_session_and_number() -> None:
    with pytest.raises(ValidationError, match="session_id:seq"):
        turn(turn_id="s:4")


@pytest.mark.parametrize(
    "changes",
    [
        {"questions": ()},
        {"questions": tuple(WHY.model_copy(update={"id": f"q{n}"}) for n in range(51))},
        {"questions": (WHY, WHY)},
        {"competencies": ()},
        {"competencies": (DEPTH, DEPTH)},
        {"title": "  "},
        {"duration_s": 59},
        {"language": "english"},
        {"job_role": "x" * 101},
        {"job_description": "x" * 5001},
    ],
)
def test_a_plan_that_cannot_be_conducted_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plan(**changes)


def test_a_plan_finds_its_questions() -> None:
    assert plan().question("q1") == WHY
    assert plan().question("q2") is None


def a_session(**changes: Any) -> Session:
    values: dict[str, Any] = {
        "session_id": "s",
        "owner_id": "o",
        "candidate": Candidate(name="Rae", email="rae@example.com"),
        "plan": plan(),
        "livekit_room_name": "interview-s",
        "created_at": NOON,
        "updated_at": NOON,
        "not_after": NOON,
        "progress": Progress(total=1),
    }
    return Session(**{**values, **changes})


def test_consent_counts_item_by_item() -> None:
    session = a_session()
    assert not session.consents(ConsentItem.INTERVIEW)
    items = {ConsentItem.INTERVIEW: True, ConsentItem.CAMERA: False}
    consent = Consent(items=items, text_version="1", given_at=NOON, given_by="candidate")
    agreed = session.model_copy(update={"consent": consent})
    assert [item for item in ConsentItem if agreed.consents(item)] == [ConsentItem.INTERVIEW]


def test_a_session_knows_its_status_at_any_moment() -> None:
    moves = [(0, Status.IN_PROGRESS), (10, Status.PAUSED), (20, Status.IN_PROGRESS)]
    history = tuple(
        HistoryEntry(at=NOON + timedelta(seconds=at_s), source=None, target=target, by="user:1")
        for at_s, target in moves
    )
    session = a_session(history=history)
    seen = [session.status_at(NOON + timedelta(seconds=at_s)) for at_s in (-1, 0, 9, 10, 19, 30)]
    running, paused = Status.IN_PROGRESS, Status.PAUSED
    assert seen == [Status.INITIALIZED, running, running, paused, paused, running]


def test_accommodations_of_the_candidate_go_before_those_of_the_plan() -> None:
    slow = Accommodations(extra_time_percent=50)
    planned = a_session(plan=plan(duration_s=100, accommodations=slow))
    assert (planned.adjustments, planned.allowed_s) == (slow, 150)
    own = planned.model_copy(update={"accommodations": Accommodations(captions=True)})
    assert (own.adjustments.captions, own.allowed_s) == (True, 100)


@pytest.mark.parametrize(("answered", "total", "percent"), [(0, 0, 0), (0, 3, 0), (1, 3, 33), (3, 3, 100)])
def test_progress_in_per_cent(answered: int, total: int, percent: int) -> None:
    assert Progress(answered=answered, total=total).percent == percent


def test_an_accounts_email_is_kept_in_lower_case() -> None:
    user = User(user_id="u", email="Rae@Example.COM", name="Rae", role=Role.ADMIN, password_hash="h", created_at=NOON)
    assert user.email == "rae@example.com"


def test_an_incidents_id_follows_from_what_it_is_about() -> None:
    first = incident_id("s", IncidentKind.NO_FACE, NOON)
    assert first == incident_id("s", IncidentKind.NO_FACE, NOON)
    others = {
        incident_id("t", IncidentKind.NO_FACE, NOON),
        incident_id("s", IncidentKind.SECOND_FACE, NOON),
        incident_id("s", IncidentKind.NO_FACE, NOON + timedelta(milliseconds=1)),
    }
    assert len(others | {first}) == 4


def test_an_invites_secret_is_random_and_its_hash_is_stable() -> None:
    secret = new_secret()
    assert len({new_secret() for _ in range(100)} | {secret}) == 101
    assert hash_secret(secret) == hash_secret(secret) != secret


def test_a_room_leads_back_to_its_session() -> None:
    session_id = "0f8fad5b-d9cb-469f-a165-70867728950e"
    assert session_of_room(room_name(session_id)) == session_id
    assert session_of_room("interview-x") is None
    assert session_of_room(f"x{room_name(session_id)}") is None


def test_clocks_tell_aware_times_of_whole_milliseconds() -> None:
    now = SystemClock().now()
    assert now == whole_ms(now)
    assert now.utcoffset() == timedelta(0)
    assert from_epoch(1.5) == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
    clock = VirtualClock(NOON)
    clock.advance(0.5)
    assert clock.now() == NOON + timedelta(milliseconds=500)
