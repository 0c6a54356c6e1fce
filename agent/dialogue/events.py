"""What the dialogue machine is told. Times (`at_s`) are seconds since the candidate first joined."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from interview.engines import EngineKind
from interview.record import Record, Text


class Microphone(StrEnum):
    """What comes from the candidate's microphone."""

    OK = "ok"
    MUTED = "muted"
    """It was switched off, by the page or by the device."""
    SILENT = "silent"
    """It is on, but what it sends is no sound at all, not even a room's."""
    MISSING = "missing"
    """There is none."""


class Began(Record):
    """The candidate is in the room and the interviewer may speak, for `allowed_s` altogether."""

    type: Literal["began"] = "began"
    at_s: float
    allowed_s: float | None = None


class Resumed(Record):
    """The candidate is back, or a new attempt's interviewer has taken over; `paused` after a stopped clock."""

    type: Literal["resumed"] = "resumed"
    at_s: float
    paused: bool = False
    allowed_s: float | None = None


class Left(Record):
    """The candidate has gone from the room; `Resumed` follows if they come back."""

    type: Literal["left"] = "left"
    at_s: float


class SpeechStarted(Record):
    """Voice activity began on the candidate's side."""

    type: Literal["speech_started"] = "speech_started"
    at_s: float


class SpeechPaused(Record):
    """Voice activity ended; the turn may go on."""

    type: Literal["speech_paused"] = "speech_paused"
    at_s: float


class HeardPartial(Record):
    """The words so far of a segment that still goes on."""

    type: Literal["heard_partial"] = "heard_partial"
    at_s: float
    text: Text


class Heard(Record):
    """A final segment of what the candidate said or typed."""

    type: Literal["heard"] = "heard"
    at_s: float
    text: Text
    started_s: float
    ended_s: float
    typed: bool = False


class TurnEnded(Record):
    """Endpointing holds that the candidate has finished."""

    type: Literal["turn_ended"] = "turn_ended"
    at_s: float


class Judged(Record):
    """The model's view of an answer. `words` is how much of the answer it had read."""

    type: Literal["judged"] = "judged"
    at_s: float
    judge_id: int
    complete: bool
    follow_up: Text
    words: int


class JudgingFailed(Record):
    """The model gave no usable judgement."""

    type: Literal["judging_failed"] = "judging_failed"
    at_s: float
    judge_id: int


class DeadlineReached(Record):
    """The reply is due: what is ready is said."""

    type: Literal["deadline_reached"] = "deadline_reached"
    at_s: float
    turn: int


class LineStarted(Record):
    """The first audio of a line reached the room. `lasts_s` is how long all of it takes, where that is known."""

    type: Literal["line_started"] = "line_started"
    at_s: float
    line_id: int
    lasts_s: float | None = None


class LineEnded(Record):
    """A line was said to its end, or was interrupted."""

    type: Literal["line_ended"] = "line_ended"
    at_s: float
    line_id: int
    interrupted: bool


class SilenceReached(Record):
    """Nobody has spoken since the watch was set."""

    type: Literal["silence_reached"] = "silence_reached"
    at_s: float
    watch: int


class VoiceReached(Record):
    """The watch over a voice has run out; `words` is whether any were heard since it was set."""

    type: Literal["voice_reached"] = "voice_reached"
    at_s: float
    voice: int
    words: bool


class TimeLeft(Record):
    """So much time is left, which the candidate should know."""

    type: Literal["time_left"] = "time_left"
    at_s: float
    left_s: int


class TimeShort(Record):
    """Only enough time is left to close properly."""

    type: Literal["time_short"] = "time_short"
    at_s: float


class TimeUp(Record):
    """The plan's time is over. Told again from time to time until the interview has closed."""

    type: Literal["time_up"] = "time_up"
    at_s: float


class TimeAdded(Record):
    """The interview may last longer than it was allowed to."""

    type: Literal["time_added"] = "time_added"
    at_s: float
    allowed_s: float | None = None


class MicrophoneChanged(Record):
    """Something else comes from the candidate's microphone than before."""

    type: Literal["microphone_changed"] = "microphone_changed"
    at_s: float
    microphone: Microphone


class EngineChanged(Record):
    """Nothing is left of an engine and its fallbacks, or it is there again."""

    type: Literal["engine_changed"] = "engine_changed"
    at_s: float
    engine: EngineKind
    down: bool


Event = Annotated[
    Began
    | Resumed
    | Left
    | SpeechStarted
    | SpeechPaused
    | HeardPartial
    | Heard
    | TurnEnded
    | Judged
    | JudgingFailed
    | DeadlineReached
    | LineStarted
    | LineEnded
    | SilenceReached
    | VoiceReached
    | TimeLeft
    | TimeShort
    | TimeUp
    | TimeAdded
    | MicrophoneChanged
    | EngineChanged,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(hide_input_in_errors=True))
