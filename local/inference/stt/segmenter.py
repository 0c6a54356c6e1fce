"""From voice-activity probabilities to utterances: pure state, one frame at a time.

A frame is 32 ms (512 samples at 16 kHz). Positions are frame numbers since the stream began; `end` is exclusive.
Speech that pauses is announced early (`Paused`), so that the last decode can begin before it is certain that the
speaker has finished, and taken back (`Resumed`) when it goes on.
"""

from dataclasses import dataclass, replace

FRAME_SAMPLES = 512
SAMPLE_RATE = 16000
FRAME_MS = 1000 * FRAME_SAMPLES / SAMPLE_RATE


def frames(ms: float) -> int:
    """The least number of frames that lasts `ms` milliseconds."""
    return max(1, -int(-ms // FRAME_MS))


@dataclass(frozen=True)
class Rules:
    """When speech begins, pauses and ends; thresholds are probabilities, the rest is frames."""

    start_above: float = 0.5
    stay_above: float = 0.35
    start_frames: int = 3
    pause_frames: int = frames(150)
    end_frames: int = frames(300)
    lead_frames: int = frames(300)
    """Audio kept before the first frame that was surely speech: soft onsets are below the threshold."""
    soft_limit_frames: int = frames(12_000)
    """From this length on a mere pause commits what was said."""
    hard_limit_frames: int = frames(20_000)
    """At this length a cut is made even without a pause; Whisper hears no more than 30 s at once."""
    min_voiced_frames: int = frames(120)


@dataclass(frozen=True)
class Started:
    """Someone began to speak at frame `start`."""

    start: int


@dataclass(frozen=True)
class Paused:
    """Silence has lasted a little since `end`: decode [start, end) now, it may be the whole utterance."""

    start: int
    end: int


@dataclass(frozen=True)
class Resumed:
    """The speaker went on; what was decoded at the pause is not the end."""


@dataclass(frozen=True)
class Committed:
    """[start, end) is complete; voice was detected within [voice_start, voice_end)."""

    start: int
    end: int
    voice_start: int
    voice_end: int
    ends_speech: bool
    """False when the speaker is still within one long utterance."""
    voiced: bool
    """False when too little of it was voice for words to be believed."""


@dataclass(frozen=True)
class Overlong:
    """The utterance has run to its hard limit without a pause: choose a cut in [start, end), then call `cut`."""

    start: int
    end: int


Event = Started | Paused | Resumed | Committed | Overlong


@dataclass(frozen=True)
class State:
    """Where a stream stands between two frames."""

    position: int = 0
    speaking: bool = False
    run: int = 0
    """Consecutive frames of the opposite kind: voice while silent, silence while speaking."""
    start: int = 0
    """First frame of the uncommitted utterance, with its lead."""
    voice_start: int = 0
    voice_end: int = 0
    voiced: int = 0
    paused: bool = False
    floor: int = 0
    """No utterance reaches back before this frame: it was committed already."""


def step(state: State, probability: float, rules: Rules) -> tuple[State, list[Event]]:
    """Take in one frame's probability of voice; return the new state and what it means, in order."""
    state = replace(state, position=state.position + 1)
    if not state.speaking:
        return _step_silent(state, probability, rules)
    if probability >= rules.stay_above:
        return _step_voice(state, rules)
    return _step_pause(state, rules)


def _step_silent(state: State, probability: float, rules: Rules) -> tuple[State, list[Event]]:
    if probability < rules.start_above:
        return replace(state, run=0), []
    if state.run + 1 < rules.start_frames:
        return replace(state, run=state.run + 1), []
    voice_start = state.position - rules.start_frames
    started = replace(
        state,
        speaking=True,
        run=0,
        voice_start=voice_start,
        start=max(state.floor, voice_start - rules.lead_frames),
        voice_end=state.position,
        voiced=rules.start_frames,
        paused=False,
    )
    return started, [Started(voice_start)]


def _step_voice(state: State, rules: Rules) -> tuple[State, list[Event]]:
    events: list[Event] = [Resumed()] if state.paused else []
    if state.voiced == 0:
        # First voice after a soft commit: the utterance begins here, not at the commit.
        state = replace(
            state,
            voice_start=state.position - 1,
            start=max(state.floor, state.position - 1 - rules.lead_frames),
        )
    state = replace(state, run=0, paused=False, voice_end=state.position, voiced=state.voiced + 1)
    if state.position - state.start >= rules.hard_limit_frames:
        events.append(Overlong(state.start, state.position))
    return state, events


def _step_pause(state: State, rules: Rules) -> tuple[State, list[Event]]:
    run = state.run + 1
    state = replace(state, run=run)
    if run >= rules.end_frames:
        return finish(state, rules)
    if run == rules.pause_frames and state.voiced > 0:
        if state.position - state.start >= rules.soft_limit_frames:
            committed = _commit(state, rules, ends_speech=False)
            return replace(state, start=state.position, floor=state.position, voiced=0), [committed]
        return replace(state, paused=True), [Paused(state.start, state.position)]
    return state, []


def finish(state: State, rules: Rules) -> tuple[State, list[Event]]:
    """End whatever is being said at the present frame: after enough silence, or because the client said so."""
    if not state.speaking:
        return state, []
    # Trailing silence stays available as the next utterance's lead, speech does not.
    after = State(position=state.position, floor=max(state.floor, state.voice_end))
    return after, [_commit(state, rules, ends_speech=True)]


def _commit(state: State, rules: Rules, *, ends_speech: bool) -> Committed:
    return Committed(
        start=state.start,
        end=state.position,
        voice_start=state.voice_start,
        voice_end=max(state.voice_end, state.voice_start),
        ends_speech=ends_speech,
        voiced=state.voiced >= rules.min_voiced_frames,
    )


def cut(state: State, at: int) -> State:
    """After `Overlong`: everything before frame `at` is committed, the utterance goes on from there."""
    at = min(max(at, state.start + 1), state.position)
    return replace(state, start=at, voice_start=at, floor=at, voiced=max(1, state.position - at))
