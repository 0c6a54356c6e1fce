"""Segments of the room's audio as they are stored."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from interview.record import Moment, Record


class RecordingSegment(Record):
    """One segment of stereo audio (left: candidate, right: interviewer), about 5 s, Opus in Ogg, encrypted.

    `started_at` is the wall-clock time of its first sample as heard in the room; segments are joined by these
    times. The key is `session_id:attempt:seq`.
    """

    session_id: str
    attempt: int
    seq: int
    started_at: Moment
    duration_s: Annotated[float, Field(gt=0, le=60)]
    sample_rate: int
    file_id: str
    schema_version: int = 1

    @property
    def ended_at(self) -> datetime:
        """The wall-clock time at which it ends."""
        return self.started_at + timedelta(seconds=self.duration_s)

    @property
    def segment_id(self) -> str:
        """The derived id."""
        return f"{self.session_id}:{self.attempt}:{self.seq}"
