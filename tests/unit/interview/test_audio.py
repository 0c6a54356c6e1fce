"""Recorded segments come back as one recording on one timeline."""

import io
import wave
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from interview.audio import JOINED_RATE, decode_segment, encode_segment
from interview.errors import Invalid, NotFound
from interview.joined import Joined
from interview.recording import RecordingSegment

RATE = 24_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def segment(seq: int, offset_s: float, duration_s: float = 5.0) -> RecordingSegment:
    return RecordingSegment(
        session_id="s",
        attempt=1,
        seq=seq,
        started_at=START + timedelta(seconds=offset_s),
        duration_s=duration_s,
        sample_rate=RATE,
        file_id=f"recording:s:1:{seq}",
    )


def beep(at_s: float, channel: int, duration_s: float = 5.0) -> bytes:
    samples = np.zeros((round(duration_s * RATE), 2), np.int16)
    start = round(at_s * RATE)
    samples[start : start + RATE // 5, channel] = (9000 * np.sin(np.arange(RATE // 5) / 8)).astype(np.int16)
    return encode_segment(samples, RATE)


def onsets(wav: bytes) -> tuple[float, float]:
    with wave.open(io.BytesIO(wav)) as reader:
        assert (reader.getnchannels(), reader.getframerate()) == (2, JOINED_RATE)
        samples = np.frombuffer(reader.readframes(reader.getnframes()), np.int16).reshape(-1, 2)
    left, right = (int(np.argmax(np.abs(samples[:, channel]) > 2000)) / JOINED_RATE for channel in (0, 1))
    return left, right


def joined(parts: list[tuple[RecordingSegment, bytes]]) -> bytes:
    audio = {one.segment_id: ogg for one, ogg in parts}
    made = Joined([one for one, _ in parts])
    sound = [
        one.bytes_of(None if one.segment is None else decode_segment(audio[one.segment.segment_id]))
        for one in made.stretches
    ]
    return made.header + b"".join(sound)


def seconds(wav: bytes) -> float:
    with wave.open(io.BytesIO(wav)) as reader:
        return reader.getnframes() / reader.getframerate()


def test_sound_stays_in_its_channel_and_its_place():
    samples = decode_segment(beep(2.0, channel=1))
    assert len(samples) == pytest.approx(5 * JOINED_RATE, abs=JOINED_RATE // 50)
    assert np.abs(samples[:, 0]).max() < 500
    assert np.argmax(np.abs(samples[:, 1]) > 2000) / JOINED_RATE == pytest.approx(2.0, abs=0.01)


def test_segments_are_joined_by_their_times_and_gaps_are_silent():
    wav = joined([(segment(0, 0.0), beep(3.0, channel=0)), (segment(1, 12.0), beep(1.0, channel=1))])
    assert seconds(wav) == pytest.approx(17.0)
    assert onsets(wav) == pytest.approx((3.0, 13.0), abs=0.02)


def test_many_segments_do_not_drift():
    parts = [(segment(n, 5.0 * n), beep(0.0, channel=0)) for n in range(19)]
    parts.append((segment(19, 95.0), beep(2.0, channel=1)))
    assert onsets(joined(parts))[1] == pytest.approx(97.0, abs=0.02)


def test_nothing_recorded_is_said_in_words():
    with pytest.raises(NotFound, match="nothing was recorded"):
        Joined([])


def test_mono_is_refused():
    with pytest.raises(Invalid, match="two channels"):
        encode_segment(np.zeros((100, 1), np.int16), RATE)


def test_where_segments_overlap_each_keeps_its_place():
    wav = joined([(segment(0, 0), beep(1, 0)), (segment(1, 4), beep(3, 1))])
    assert onsets(wav) == (pytest.approx(1, abs=0.01), pytest.approx(7, abs=0.01))
