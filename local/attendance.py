"""What a simulated candidate brings back from an interview: plain records, and how the recording is laid out.

All `_s` are seconds from the candidate's joining the room; what came before is negative.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from interview.record import Moment, Record
from interview.session import Stage
from interview.transcript import LineKind, Speaker
from local.listening import Interval, Samples
from local.script import Cue, ReplyKind
from local.timeline import Chunk, lay_out, write_stereo

_SPEAKING = frozenset({"speaking", "closing"})
"""What the page says of the interviewer while a line is said."""


class Seen(Record):
    """One message of the interviewer to the page: which stage, question and line, and who is at it."""

    at_s: float
    stage: Stage
    question_id: str | None = None
    line: LineKind | None = None
    state: str = ""
    answered: int = 0
    total: int = 0

    @property
    def cue(self) -> Cue:
        """What of it decides what the candidate says."""
        return Cue(self.stage, self.question_id, self.line)


class LineShown(Record):
    """A line of the interviewer's as the page showed it: from its beginning until it was over (None: it was not)."""

    start_s: float
    end_s: float | None
    cue: Cue


class Spoken(Record):
    """One thing that the candidate said (or typed: then it has no length)."""

    kind: ReplyKind
    question_number: int | None
    question_id: str | None
    text: str
    start_s: float
    end_s: float
    interrupting: bool = False
    typed: bool = False


class Caption(Record):
    """One caption as shown; interim ones are followed by a final one."""

    at_s: float
    speaker: Speaker
    text: str


class Away(Record):
    """When the person was out of the camera's view, by the pictures that were published."""

    start_s: float
    end_s: float


class Attendance(Record):
    """One interview as its candidate lived it.

    `ended` says how it ended: `room_deleted` is how it should. `recording` is a stereo WAV (left: own speech as
    published, right: the interviewer as received) whose first sample is at `recording_start_s`.
    """

    session_id: str
    joined_at: Moment
    start_answered_s: float
    recording: Path
    recording_start_s: float
    spoken: tuple[Spoken, ...]
    seen: tuple[Seen, ...]
    captions: tuple[Caption, ...]
    away: Away | None
    ended: str
    trouble: str = ""
    """What went wrong, in words; empty when nothing did."""


def seen_from(message: dict[str, Any], at_s: float) -> Seen:
    """Read a progress message; unknown fields are left to the page. Raises `ValueError` on a wrong one."""
    return Seen.model_validate({key: message[key] for key in Seen.model_fields if key in message} | {"at_s": at_s})


def lines_shown(seen: Sequence[Seen]) -> list[LineShown]:
    """Return the lines that the page showed, in order.

    A listening sound ("Mm-hm.") is none: the page goes on to say that the interviewer listens.
    """
    lines: list[LineShown] = []
    for one in seen:
        going_on = lines[-1] if lines and lines[-1].end_s is None else None
        if going_on and (one.state not in _SPEAKING or one.cue != going_on.cue):
            lines[-1] = going_on.model_copy(update={"end_s": one.at_s})
            going_on = None
        if one.state in _SPEAKING and going_on is None:
            lines.append(LineShown(start_s=one.at_s, end_s=None, cue=one.cue))
    return lines


def lines_from(seen: Sequence[Seen], first_sample_s: float) -> list[Interval]:
    """Return the lines that the page showed, in seconds from a recording's first sample, which came at that time."""
    return [
        Interval(one.start_s - first_sample_s, (float("inf") if one.end_s is None else one.end_s) - first_sample_s)
        for one in lines_shown(seen)
    ]


def line_over_since(seen: Sequence[Seen], since_s: float) -> bool:
    """Tell whether the latest line was over after `since_s`: that wants an answer, a mere sound does not."""
    lines = lines_shown(seen)
    return bool(lines) and lines[-1].end_s is not None and lines[-1].end_s > since_s


def write_recording(
    path: Path, published: Sequence[Chunk], received: Sequence[Sequence[Chunk]], sample_rate: int
) -> float:
    """Write both directions on one timeline, and return the moment of its first sample (the chunks' clock)."""
    everything = [*published, *(chunk for track in received for chunk in track)]
    start_s = min(chunk.at_s for chunk in everything)
    end_s = max(chunk.at_s + len(chunk.samples) / sample_rate for chunk in everything)
    length = round((end_s - start_s) * sample_rate)
    left = lay_out(published, sample_rate, start_s=start_s, length=length)
    right: Samples = np.zeros(length, dtype=np.int16)
    for track in received:
        # A replaced interviewer comes on a track of its own; the two never speak at once.
        heard = lay_out(track, sample_rate, start_s=start_s, length=length)
        right = np.where(heard != 0, heard, right)
    write_stereo(path, left, right, sample_rate)
    return start_s
