"""When speech begins, pauses, goes on and ends."""

from local.inference.stt import segmenter
from local.inference.stt.segmenter import Committed, Overlong, Paused, Resumed, Rules, Started, State, frames

VOICE, SILENCE = 0.9, 0.05
RULES = Rules()


def play(*spans: tuple[float, float], state: State | None = None) -> tuple[State, list[segmenter.Event]]:
    """Play spans of (probability, milliseconds)."""
    state = state or State()
    events: list[segmenter.Event] = []
    for probability, ms in spans:
        for _ in range(round(ms / segmenter.FRAME_MS)):
            state, new = segmenter.step(state, probability, RULES)
            events += new
    return state, events


def kinds(events: list[segmenter.Event]) -> list[type]:
    return [type(event) for event in events]


def test_silence_is_nothing():
    state, events = play((SILENCE, 10_000))
    assert events == []
    assert not state.speaking


def test_a_click_is_nothing():
    assert play((SILENCE, 320), (VOICE, 64), (SILENCE, 1000))[1] == []


def test_an_utterance_starts_pauses_and_is_committed_once():
    _, events = play((SILENCE, 992), (VOICE, 1600), (SILENCE, 2000))
    assert kinds(events) == [Started, Paused, Committed]
    started, paused, committed = events
    assert isinstance(started, Started)
    assert isinstance(paused, Paused)
    assert isinstance(committed, Committed)
    assert started.start == 31
    assert (committed.voice_start, committed.voice_end) == (31, 81)
    assert committed.start == 31 - RULES.lead_frames, "soft onsets before the first sure frame are kept"
    assert paused.start == committed.start
    assert committed.end == 81 + RULES.end_frames
    assert committed.ends_speech
    assert committed.voiced


def test_the_pause_is_announced_before_the_end_so_that_decoding_can_begin():
    assert RULES.pause_frames < RULES.end_frames
    state, events = play((VOICE, 1600), (SILENCE, RULES.pause_frames * segmenter.FRAME_MS))
    assert kinds(events) == [Started, Paused]
    assert state.paused


def test_a_short_pause_is_taken_back():
    _, events = play((VOICE, 1600), (SILENCE, 224), (VOICE, 960), (SILENCE, 400))
    assert kinds(events) == [Started, Paused, Resumed, Paused, Committed]


def test_two_utterances_never_share_a_frame_of_voice():
    _, events = play((VOICE, 960), (SILENCE, 352), (VOICE, 960), (SILENCE, 640))
    first, second = [event for event in events if isinstance(event, Committed)]
    assert second.start >= first.voice_end


def test_a_long_utterance_is_committed_at_a_mere_pause_and_goes_on():
    state, events = play((VOICE, 13_000), (SILENCE, 224), (VOICE, 2000), (SILENCE, 400))
    commits = [event for event in events if isinstance(event, Committed)]
    assert [commit.ends_speech for commit in commits] == [False, True]
    assert kinds(events).count(Started) == 1
    assert commits[1].start >= commits[0].end
    assert not state.speaking


def test_after_a_soft_commit_silence_ends_speech_without_inventing_an_utterance():
    _, events = play((VOICE, 13_000), (SILENCE, 1000))
    last = events[-1]
    assert isinstance(last, Committed)
    assert last.ends_speech
    assert not last.voiced


def test_speech_without_a_pause_asks_for_a_cut_and_goes_on_from_it():
    state, events = play((VOICE, 20_000))
    overlong = events[-1]
    assert isinstance(overlong, Overlong)
    assert (overlong.end - overlong.start) * segmenter.FRAME_MS < 25_000
    state = segmenter.cut(state, overlong.end - 50)
    _, events = play((VOICE, 3200), (SILENCE, 640), state=state)
    committed = events[-1]
    assert isinstance(committed, Committed)
    assert committed.start == overlong.end - 50
    assert committed.voiced


def test_finish_ends_speech_now_and_does_nothing_in_silence():
    state, _ = play((VOICE, 1600))
    state, events = segmenter.finish(state, RULES)
    assert kinds(events) == [Committed]
    assert not state.speaking
    assert segmenter.finish(state, RULES)[1] == []


def test_frames_rounds_up_and_is_never_zero():
    assert [frames(ms) for ms in (0, 1, 32, 33, 300)] == [1, 1, 1, 2, 10]
