"""Where a recording has nothing, and why."""

from datetime import UTC, datetime, timedelta

from interview.gaps import GapReason, gaps_of
from interview.plan import ConsentItem
from interview.recording import RecordingSegment
from interview.session import BY_CANDIDATE, Consent, ConsentEntry, HistoryEntry, Session, Status
from interview.transcript import Turn
from tests.storage.builders import segment as stored_segment
from tests.storage.builders import session as stored_session
from tests.storage.builders import turn as stored_turn

ZERO = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def recorded(*starts: float, attempt: int = 1) -> list[RecordingSegment]:
    """Segments of 5 s each."""
    return [
        stored_segment("s", seq, attempt).model_copy(update={"started_at": at(start)})
        for seq, start in enumerate(starts)
    ]


def talk(*times: tuple[float, float]) -> list[Turn]:
    return [stored_turn("s", seq, started_at=at(begin), ended_at=at(end)) for seq, (begin, end) in enumerate(times)]


def moved(*moves: tuple[float, Status, Status]) -> Session:
    history = tuple(HistoryEntry(at=at(when), source=a, target=b, by="user:1") for when, a, b in moves)
    return stored_session(history=history)


def found(
    session: Session, segments: list[RecordingSegment], turns: list[Turn]
) -> list[tuple[float, float, GapReason]]:
    return [
        ((gap.started_at - ZERO).total_seconds(), (gap.ended_at - ZERO).total_seconds(), gap.reason)
        for gap in gaps_of(session, segments, turns)
    ]


def test_segments_that_follow_each_other_to_the_millisecond_leave_no_gap() -> None:
    segments = recorded(0, 5.001, 10, 15)
    assert found(stored_session(), segments, talk((1, 18))) == []


def test_without_any_segment_there_is_no_recording_to_have_gaps() -> None:
    assert found(stored_session(), [], talk((1, 18))) == []


def test_what_a_dead_interviewer_did_not_record_is_an_outage() -> None:
    segments = recorded(0, 5) + recorded(27, 32, attempt=2)
    assert found(stored_session(), segments, talk((1, 9), (28, 36))) == [(10, 27, GapReason.OUTAGE)]


def test_a_talk_that_began_before_or_went_on_after_the_recording_has_gaps_there() -> None:
    assert found(stored_session(), recorded(10), talk((2, 4), (11, 40))) == [
        (2, 10, GapReason.OUTAGE),
        (15, 40, GapReason.OUTAGE),
    ]


def test_a_pause_explains_its_gap_with_the_moments_around_it() -> None:
    paused = moved(
        (0, Status.INITIALIZED, Status.IN_PROGRESS),
        (12, Status.IN_PROGRESS, Status.PAUSED),
        (600, Status.PAUSED, Status.QUEUED),
        (660, Status.QUEUED, Status.IN_PROGRESS),
    )
    segments = recorded(0, 5) + recorded(663, attempt=2)
    assert found(paused, segments, talk((1, 9), (664, 668))) == [(10, 663, GapReason.PAUSED)]


def test_nobody_spoke_between_a_failure_and_the_next_start() -> None:
    failed = moved(
        (0, Status.INITIALIZED, Status.IN_PROGRESS),
        (10, Status.IN_PROGRESS, Status.FAILED),
        (14_000, Status.FAILED, Status.IN_PROGRESS),
    )
    segments = recorded(0, 5) + recorded(14_004, attempt=2)
    assert found(failed, segments, talk((1, 9), (14_005, 14_009))) == [(10, 14_004, GapReason.PAUSED)]


def test_an_outage_beside_a_pause_is_told_apart_from_it() -> None:
    paused = moved((100, Status.IN_PROGRESS, Status.PAUSED), (200, Status.PAUSED, Status.IN_PROGRESS))
    segments = recorded(0, 5) + recorded(240, attempt=3)
    assert found(paused, segments, talk((1, 9), (241, 244))) == [
        (10, 100, GapReason.OUTAGE),
        (100, 200, GapReason.PAUSED),
        (200, 240, GapReason.OUTAGE),
    ]


def test_consent_that_was_taken_back_explains_the_rest() -> None:
    entry = ConsentEntry(item=ConsentItem.RECORDING, agreed=False, text_version="v1", at=at(13), by=BY_CANDIDATE)
    consent = Consent(
        items={ConsentItem.RECORDING: False},
        text_version="v1",
        given_at=at(-60),
        given_by=BY_CANDIDATE,
        entries=(entry,),
    )
    declined = stored_session(consent=consent)
    assert found(declined, recorded(0, 5), talk((1, 9), (11, 300))) == [(10, 300, GapReason.DECLINED)]
