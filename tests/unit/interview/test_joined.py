"""Any part of a joined recording is the same part of the whole."""

import io
import random
import wave
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from interview.audio import JOINED_RATE, Samples
from interview.errors import Invalid, NotFound
from interview.joined import HEADER_BYTES, Joined
from interview.recording import RecordingSegment

START = datetime(2026, 1, 1, tzinfo=UTC)


def segment(seq: int, offset_s: float, duration_s: float = 5.0) -> RecordingSegment:
    return RecordingSegment(
        session_id="s",
        attempt=1,
        seq=seq,
        started_at=START + timedelta(seconds=offset_s),
        duration_s=duration_s,
        sample_rate=24_000,
        file_id=f"recording:s:1:{seq}",
    )


def sound(one: RecordingSegment, short_by: int = 0) -> Samples:
    """Samples that say whose they are: the segment's number to the left, the frame's to the right."""
    frames = round(one.duration_s * JOINED_RATE) - short_by
    numbers = np.arange(frames) % 30_000
    return np.stack([np.full(frames, one.seq + 1), numbers], axis=1).astype(np.int16)


def read(joined: Joined, first: int, last: int, short_by: int = 0) -> bytes:
    made = []
    for stretch, start, end in joined.within(first, last):
        whole = (
            joined.header if stretch is None else stretch.bytes_of(stretch.segment and sound(stretch.segment, short_by))
        )
        made.append(whole[start:end])
    return b"".join(made)


SEGMENTS = [segment(0, 0), segment(1, 5), segment(2, 8.2, 2.5), segment(3, 40), segment(4, 41, 1)]
"""One after the other, overlapping, after a gap, and within another."""


def whole() -> tuple[Joined, bytes]:
    joined = Joined(SEGMENTS)
    return joined, read(joined, 0, joined.size_bytes - 1)


def test_the_whole_is_a_wav_of_the_length_that_its_header_says() -> None:
    joined, made = whole()
    assert len(made) == joined.size_bytes
    with wave.open(io.BytesIO(made)) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (2, 2, JOINED_RATE)
        assert reader.getnframes() == joined.frames == 45 * JOINED_RATE


def test_each_segment_is_in_its_place_the_earlier_is_heard_and_gaps_are_silent() -> None:
    _, made = whole()
    samples = np.frombuffer(made[HEADER_BYTES:], np.int16).reshape(-1, 2)

    def at(seconds: float) -> tuple[int, int]:
        whose, frame = samples[round(seconds * JOINED_RATE)]
        return int(whose), int(frame)

    assert at(0) == (1, 0)
    assert at(4.999)[0] == 1
    assert at(5) == (2, 0)
    assert at(9.9)[0] == 2, "the earlier of two is heard"
    assert at(10.5) == (3, round(2.3 * JOINED_RATE) % 30_000), "the later one goes on where it is by then"
    assert at(11) == at(39.9) == (0, 0)
    assert at(40) == (4, 0)
    assert at(41.5)[0] == 4


def test_any_range_is_that_part_of_the_whole() -> None:
    joined, made = whole()
    chance = random.Random(3)
    places = [0, 1, 43, 44, 45, 47, 48, len(made) - 1, HEADER_BYTES + 4 * 5 * JOINED_RATE - 1]
    cases = [(0, 0), (0, 43), (10, 50), (44, 44), (len(made) - 1, len(made) - 1), (0, len(made) - 1)]
    cases += [(first, chance.randrange(first, len(made))) for first in places]
    cases += [tuple(sorted(chance.sample(range(len(made)), 2))) for _ in range(40)]
    for first, last in cases:
        assert read(joined, first, last) == made[first : last + 1], (first, last)


def test_what_a_segments_sound_is_short_of_is_silent() -> None:
    joined = Joined([segment(0, 0, 1), segment(1, 1, 1)])
    made = read(joined, 0, joined.size_bytes - 1, short_by=2400)
    samples = np.frombuffer(made[HEADER_BYTES:], np.int16).reshape(-1, 2)
    assert len(samples) == 2 * JOINED_RATE
    assert not samples[JOINED_RATE - 2400 : JOINED_RATE].any()
    assert samples[JOINED_RATE, 0] == 2


def test_no_piece_is_longer_than_a_segment_may_be() -> None:
    joined = Joined([segment(0, 0), segment(1, 3600)])
    assert max(one.end - one.start for one in joined.stretches) == 5 * JOINED_RATE


def test_the_tag_changes_with_the_recording() -> None:
    assert Joined(SEGMENTS).tag == Joined(list(reversed(SEGMENTS))).tag
    others = (SEGMENTS[:-1], SEGMENTS[1:], [*SEGMENTS, segment(9, 60)], [*SEGMENTS[1:], segment(0, 0.1)])
    assert len({Joined(SEGMENTS).tag, *(Joined(one).tag for one in others)}) == 4, "the last lies within another"


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(NotFound, match="nothing was recorded"):
        Joined([])
    with pytest.raises(Invalid, match="more than"):
        Joined([segment(0, 0), segment(1, 7 * 3600)])
