from datetime import UTC, datetime, timedelta

import cv2
import numpy as np

from interview.audio import decode_segment
from interview.incident import Severity, incident_id
from interview.plan import IncidentKind
from interview.rules import IncidentChange
from proctoring.detectors.frame import Frame
from proctoring.evidence import (
    MAX_BYTES,
    MAX_CLIP_S,
    Snapshot,
    SoundRing,
    StillRing,
    blurred,
    closed,
    file_id,
    opened,
    snapshot,
    with_sound,
)

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


def test_bystanders_are_made_unrecognisable_and_the_candidate_is_not() -> None:
    rgb = np.random.default_rng(2).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    candidate, other, at_the_edge = (200, 100, 200, 240), (20, 30, 60, 70), (600, 400, 80, 120)
    shown = blurred(Frame(START, rgb), [other, candidate, at_the_edge]).rgb
    assert np.array_equal(shown[100:340, 200:400], rgb[100:340, 200:400])
    for rows, columns in ((slice(30, 100), slice(20, 80)), (slice(400, 480), slice(600, 640))):
        # a square of noise that is averaged has little left of it
        assert shown[rows, columns].std() < rgb[rows, columns].std() / 3
        assert len(np.unique(shown[rows, columns].reshape(-1, 3), axis=0)) < 60
    assert not np.array_equal(shown, rgb)
    assert np.array_equal(blurred(Frame(START, rgb), [candidate]).rgb, rgb)
    assert np.array_equal(blurred(Frame(START, rgb), [candidate, (-300, -300, 20, 20)]).rgb, rgb)


def test_a_clip_is_what_was_heard_at_its_times_and_silent_where_nothing_was() -> None:
    ring, rate = SoundRing(16_000), 16_000
    tone = np.asarray(np.sin(np.arange(rate) * 2 * np.pi * 440 / rate) / 2, dtype=np.float32)
    for second in range(30):
        if second % 4 != 3:
            ring.keep(at(second + 1), tone)
    sound = ring.clip(at(24), at(29))
    assert sound is not None
    assert (sound.started_at, sound.duration_s) == (at(24), 5)
    assert len(sound.ogg) < 60_000
    heard = decode_segment(sound.ogg, rate)[:, 0].astype(float)
    loud = [float(np.abs(heard[int((n + 0.2) * rate) : int((n + 0.8) * rate)]).mean()) > 1000 for n in range(5)]
    assert loud == [True, True, True, False, True]
    longest = ring.clip(at(0), at(30))
    assert longest is not None
    assert longest.duration_s == MAX_CLIP_S
    assert ring.clip(at(100), at(105)) is None
    ring.clear()
    assert ring.clip(at(24), at(29)) is None


def test_a_clip_is_filed_beside_the_stills_under_a_derived_name() -> None:
    ring = SoundRing(16_000)
    ring.keep(at(1), np.zeros(16_000, np.float32))
    filing = opened(CHANGE, session_id="s", attempt=1, at=at(2), stills={})
    filed = [with_sound(filing, ring.clip(at(0), at(1))) for _ in range(2)]
    assert filed[0].incident == filed[1].incident
    (clip,) = filed[0].incident.clips
    assert (clip.started_at, clip.duration_s) == (at(0), 1)
    assert [name for name, _ in filed[0].sounds] == [clip.file_id] == [f"clip:{filing.incident.incident_id}:0"]
    assert with_sound(filing, None) is filing
