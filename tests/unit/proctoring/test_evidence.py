from datetime import UTC, datetime, timedelta

import cv2
import numpy as np

from interview.incident import Severity, incident_id
from interview.plan import IncidentKind
from interview.rules import IncidentChange
from proctoring.detectors.frame import Frame
from proctoring.evidence import MAX_BYTES, Snapshot, StillRing, closed, file_id, opened, snapshot

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CHANGE = IncidentChange(IncidentKind.NO_FACE, START, None, Severity.MEDIUM, 0.9, 0.6, "yunet", "1")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def still(seconds: float) -> Snapshot:
    return Snapshot(at(seconds), f"jpeg {seconds}".encode())


def test_a_still_fits_its_bound_even_where_nothing_compresses() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    taken = snapshot(Frame(START, noise))
    assert len(taken.jpeg) <= MAX_BYTES
    assert cv2.imdecode(np.frombuffer(taken.jpeg, np.uint8), cv2.IMREAD_COLOR) is not None


def test_a_still_keeps_colours_and_size() -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    rgb[:, :, 0] = 200
    image = cv2.imdecode(np.frombuffer(snapshot(Frame(START, rgb)).jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (480, 640, 3)
    blue, _, red = image.mean(axis=(0, 1))
    assert red > 190
    assert blue < 10


def test_the_still_before_is_clear_of_the_beginning() -> None:
    ring = StillRing()
    for seconds in (0, 0.5, 1.0, 1.5, 2.0):
        ring.keep(still(seconds))
    before = ring.before(at(1.6))
    assert before is not None
    assert before.taken_at == at(1.0)
    assert ring.before(at(0.1)) is None


def test_stills_are_taken_twice_a_second_and_only_the_last_are_kept() -> None:
    ring = StillRing()
    for tenth in range(1000):
        if ring.wants(at(tenth / 10)):
            ring.keep(still(tenth / 10))
    assert not ring.wants(at(99.8))
    assert ring.wants(at(100.0))
    assert ring.before(at(50)) is None
    assert ring.before(at(99)) is not None


def test_the_same_event_is_filed_under_the_same_id_with_its_stills() -> None:
    filings = [
        opened(CHANGE, session_id="s", attempt=1, at=at(filed), stills={"before": still(-1), "at": still(2)})
        for filed in (2, 3)
    ]
    first, again = (filing.incident for filing in filings)
    assert first.incident_id == again.incident_id == incident_id("s", IncidentKind.NO_FACE, START)
    assert first.severity is Severity.MEDIUM
    assert first.ended_at is None
    assert [(s.moment, s.file_id) for s in first.stills] == [
        ("before", file_id(first.incident_id, "before")),
        ("at", file_id(first.incident_id, "at")),
    ]
    assert filings[0].pictures[1] == (file_id(first.incident_id, "at"), still(2).jpeg)


def test_the_end_adds_a_still_and_keeps_the_others() -> None:
    incident = opened(CHANGE, session_id="s", attempt=1, at=at(2), stills={"at": still(2)}).incident
    over = IncidentChange(IncidentKind.NO_FACE, START, at(5), Severity.MEDIUM, 0.8, 0.6, "yunet", "1")
    filing = closed(incident, over, {"after": still(6)})
    assert filing.incident.ended_at == at(5)
    assert [s.moment for s in filing.incident.stills] == ["at", "after"]
    assert [name for name, _ in filing.pictures] == [file_id(incident.incident_id, "after")]
