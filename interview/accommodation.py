"""What an interview is changed by so that a candidate can show what they can do."""

import math
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from interview.record import Record, Text

MAX_EXTRA_TIME_PERCENT = 100


class Accommodations(Record):
    """Adjustments of one interview. None of them says why it was needed, and none is shown to whoever scores.

    `extra_time_percent` lengthens the interview and the time of each question. The rest are switches, off by default.
    """

    extra_time_percent: Annotated[StrictInt, Field(ge=0, le=MAX_EXTRA_TIME_PERCENT)] = 0
    captions: StrictBool = False
    """The page shows captions from the start."""
    typing_only: StrictBool = False
    """Answers are typed; no microphone is asked for."""
    longer_thinking_time: StrictBool = False
    """Silence is waited through for longer before the interviewer prompts."""
    tic: StrictBool = False
    """Involuntary movements or sounds: neither head, gaze nor a second voice is judged by the usual measure."""
    low_vision: StrictBool = False
    """The page is magnified or read aloud: gaze, nearness and leaving the window are no sign of anything."""
    head_covering: StrictBool = False
    """A covering hides part of the face: detectors of faces are relaxed."""
    helper_present: StrictBool = False
    """Somebody is in the room to help, such as an interpreter: a second face or voice is expected."""
    notes: Annotated[Text, Field(max_length=1000)] = ""
    """For the people involved; no software reads it."""

    def lengthened(self, duration_s: int) -> int:
        """Return a duration with the extra time, in whole seconds, rounded up."""
        return math.ceil(duration_s * (100 + self.extra_time_percent) / 100)
