"""Audio measurement, on made audio whose answers are known."""

from pathlib import Path

import numpy as np
import pytest

from local.listening import (
    Interval,
    Samples,
    exchange,
    first_words,
    line_starts,
    percentile_ms,
    read_stereo,
    voice_to_voice,
    voiced_intervals,
)
from local.timeline import write_stereo

RATE = 24_000
TOLERANCE_S = 0.020


def spoken(
    *intervals: tuple[float, float], length_s: float = 12.0, amplitude: float = 0.3, noise: float = 0.0
) -> Samples:
    """Make a channel that carries a syllable-like modulated tone in the given intervals."""
    t = np.arange(round(length_s * RATE)) / RATE
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)
    tone = amplitude * syllables * np.sin(2 * np.pi * 180 * t)
    gate = np.zeros_like(t)
    for start, end in intervals:
        gate[(t >= start) & (t < end)] = 1
    hiss = noise * np.random.default_rng(7).standard_normal(len(t))
    return np.clip((tone * gate + hiss) * 32767, -32768, 32767).astype(np.int16)


def near(found: list[Interval], expected: list[tuple[float, float]]) -> bool:
    return len(found) == len(expected) and all(
        abs(one.start_s - start) <= TOLERANCE_S and abs(one.end_s - end) <= TOLERANCE_S
        for one, (start, end) in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("amplitude", [0.9, 0.3, 0.03])
def test_speech_is_found_within_20_ms_at_any_volume(amplitude: float):
    expected = [(0.5, 1.7), (2.4, 3.1), (8.0, 11.9)]
    assert near(voiced_intervals(spoken(*expected, amplitude=amplitude), RATE), expected)


def test_speech_over_faint_noise_is_found_within_20_ms():
    expected = [(1.0, 2.5), (4.0, 6.0)]
    assert near(voiced_intervals(spoken(*expected, noise=0.002), RATE), expected)


def test_short_gaps_belong_to_the_speech_and_longer_ones_do_not():
    channel = spoken((1.0, 2.0), (2.15, 3.0), (3.5, 4.0))
    assert near(voiced_intervals(channel, RATE), [(1.0, 3.0), (3.5, 4.0)])


def test_silence_and_an_empty_channel_hold_no_speech():
    assert voiced_intervals(spoken(), RATE) == []
    assert voiced_intervals(np.zeros(0, dtype=np.int16), RATE) == []


def test_voice_to_voice_is_measured_from_the_two_channels_within_20_ms():
    candidate = voiced_intervals(spoken((2.0, 4.0), (6.5, 8.0)), RATE)
    interviewer = voiced_intervals(spoken((0.5, 1.5), (4.6, 6.0), (9.1, 10.0)), RATE)
    assert voice_to_voice(candidate, interviewer) == pytest.approx([0.6, 1.1], abs=TOLERANCE_S)


def test_a_pause_in_which_nobody_speaks_is_no_reply():
    candidate = [Interval(1, 2), Interval(2.8, 4)]
    assert voice_to_voice(candidate, [Interval(4.5, 6)]) == pytest.approx([0.5])


def test_an_interviewer_who_speaks_in_a_pause_is_a_cut_off_and_no_reply():
    candidate = [Interval(1, 2), Interval(2.8, 4)]
    found = exchange(candidate, [Interval(2.6, 3.0), Interval(4.5, 6)])
    assert [reply.latency_s for reply in found.replies] == pytest.approx([0.5])
    assert found.cut_off == 1


def test_an_interviewer_who_begins_just_after_the_candidate_went_on_is_a_cut_off():
    found = exchange([Interval(1, 2), Interval(2.6, 4)], [Interval(2.9, 3.2), Interval(4.5, 6)])
    assert [reply.latency_s for reply in found.replies] == pytest.approx([0.5])
    assert found.cut_off == 1


def test_an_interviewer_who_is_interrupted_between_two_sentences_cut_nobody_off():
    assert exchange([Interval(2.1, 4)], [Interval(1, 2), Interval(2.3, 2.6), Interval(4.5, 6)]).cut_off == 0


def test_a_listening_sound_is_the_first_sound_of_a_reply_and_the_line_comes_later():
    (reply,) = exchange([Interval(1, 2)], [Interval(2.5, 2.9), Interval(4.4, 6)], [4.4]).replies
    assert (reply.latency_s, reply.line_latency_s) == (pytest.approx(0.5), pytest.approx(2.4))


def test_a_listening_sound_in_a_pause_cuts_nobody_off():
    candidate = [Interval(1, 2), Interval(3.0, 4)]
    interviewer = [Interval(2.5, 2.9), Interval(4.4, 4.8), Interval(6.5, 8)]
    found = exchange(candidate, interviewer, [6.5])
    assert found.cut_off == 0
    assert [reply.latency_s for reply in found.replies] == pytest.approx([0.4])


def test_a_line_begins_with_the_first_sound_while_it_is_said_and_a_line_without_sound_does_not_begin():
    heard = [Interval(2.5, 2.9), Interval(3.0, 3.4), Interval(3.5, 6.0), Interval(9.0, 9.4)]
    assert line_starts(heard, [Interval(2.95, 6.1), Interval(7.0, 7.2)]) == [3.0]


def test_barging_in_gives_one_reply_after_the_barge_in_ends():
    interviewer = [Interval(1, 4.2), Interval(8.4, 9)]
    assert voice_to_voice([Interval(4, 8)], interviewer) == pytest.approx([0.4])


def test_a_reply_that_is_interrupted_on_purpose_still_counts():
    candidate = [Interval(1, 2), Interval(4, 5)]
    assert voice_to_voice(candidate, [Interval(2.5, 4.1), Interval(5.7, 6)]) == pytest.approx([0.5, 0.7])


def test_an_end_under_the_interviewers_voice_is_no_reply():
    assert voice_to_voice([Interval(1, 2)], [Interval(1.5, 3)]) == []


def test_nobody_answering_gives_no_figure():
    assert voice_to_voice([Interval(1, 2)], []) == []
    assert percentile_ms([], 50) is None


def test_first_words_count_from_the_given_moment():
    assert first_words([Interval(1.5, 3), Interval(4, 5)], after_s=0.25) == pytest.approx(1.25)
    assert first_words([], after_s=0) is None


def test_percentiles_are_whole_milliseconds():
    assert percentile_ms([0.1, 0.2, 0.3], 50) == 200
    assert percentile_ms([0.1, 0.2, 0.3], 95) == 290


def test_a_stereo_file_is_read_back_as_written(tmp_path: Path):
    left, right = spoken((1, 2), length_s=3), spoken((2, 3), length_s=3)
    write_stereo(tmp_path / "both.wav", left, right, RATE)
    read_left, read_right, rate = read_stereo(tmp_path / "both.wav")
    assert rate == RATE
    assert np.array_equal(read_left, left)
    assert np.array_equal(read_right, right)
