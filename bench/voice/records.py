"""What one interview gave, as it is kept: plain records, written as JSON beside the recording."""

from typing import Literal

from interview.record import Record

System = Literal["ours", "plain"]


class ReplyHeard(Record):
    """A reply to somebody who had finished: seconds from their last sound.

    `first_s` is to the interviewer's first sound, which may be a listening sound ("Mm-hm."), `line_s` to its line.
    `person` names whose recording the answer was; None for a synthetic voice. `line` is what the line was for, as the
    page showed it (empty for the plain pipeline, which has no page).
    """

    first_s: float
    line_s: float
    line: str = ""
    person: str | None = None


class PauseHeard(Record):
    """A pause inside an answer: its length, and whether a line, or a mere listening sound, began in it."""

    length_s: float
    cut: bool
    sound: bool
    person: str | None = None


class FollowUp(Record):
    """An answer that was complete or not, and whether it got a follow-up."""

    complete: bool
    followed: bool


class Held(Record):
    """One interview, measured. `settings` are those that differ from the defaults; `late` counts broken promises.

    `barge_in_s` are seconds from the first sample of somebody who interrupts to the interviewer's last one;
    `backchannels` tells of each whether the line went on to its end. `spoken_over` counts lines that began while the
    candidate was speaking, outside of the moments after a pause that count as cut-offs. `torn` counts what the busy
    machine sent with holes, which is in no figure.
    """

    part: str
    system: System
    settings: dict[str, str] = {}
    engines: dict[str, str] = {}
    late: dict[str, int] = {}
    first_words_s: float | None = None
    replies: tuple[ReplyHeard, ...] = ()
    pauses: tuple[PauseHeard, ...] = ()
    barge_in_s: tuple[float, ...] = ()
    backchannels: tuple[bool, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    spoken_over: int = 0
    torn: int = 0
