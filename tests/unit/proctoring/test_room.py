"""When a proctor comes, and when it leaves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interview.plan import Competency, Plan, ProctoringPolicy, Question
from interview.session import Candidate, Consent, ConsentItem, Progress, Session, Status
from proctoring.room import reason_to_leave

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def session(camera: bool = True, proctored: bool = True, **changes: Any) -> Session:
    values: dict[str, Any] = {
        "session_id": "s",
        "owner_id": "o",
        "candidate": Candidate(name="Ada", email="ada@example.org"),
        "plan": Plan(
            plan_id="p",
            title="A plan",
            competencies=(Competency(id="c", name="Care"),),
            questions=(Question(id="q", text="What did you do?", competency="c"),),
            proctoring=ProctoringPolicy(enabled=proctored),
        ),
        "status": Status.IN_PROGRESS,
        "attempt": 2,
        "livekit_room_name": "interview-s",
        "created_at": NOW,
        "updated_at": NOW,
        "not_after": NOW + timedelta(days=1),
        "consent": Consent(items={ConsentItem.CAMERA: camera}, text_version="1", given_at=NOW, given_by="candidate"),
        "progress": Progress(total=1),
    }
    return Session(**{**values, **changes})


@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.PAUSED])
def test_it_stays_while_the_session_goes_on(status: Status) -> None:
    assert reason_to_leave(session(status=status), 2) is None


@pytest.mark.parametrize("status", [Status.QUEUED, Status.COMPLETED, Status.ABANDONED, Status.FAILED, Status.DELETED])
def test_it_leaves_when_the_session_does_not_go_on(status: Status) -> None:
    assert reason_to_leave(session(status=status), 2) == f"session {status}"


def test_it_leaves_when_a_newer_attempt_has_begun() -> None:
    assert reason_to_leave(session(), 1) == "replaced"


def test_it_does_not_watch_who_declined_or_was_never_asked() -> None:
    assert reason_to_leave(session(camera=False), 2) == "no consent to the camera"
    assert reason_to_leave(session(consent=None), 2) == "no consent to the camera"


def test_it_does_not_watch_where_the_plan_says_not_to() -> None:
    assert reason_to_leave(session(proctored=False), 2) == "proctoring is off"
