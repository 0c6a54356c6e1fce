"""What detectors and rules agree on: by which figure of an observation each kind of incident is judged.

A detector measures and writes figures into `Observation.values`; it judges nothing. The rules compare a figure with a
threshold. An observation that carries a kind's figure speaks about that kind, whichever detector made it; one that
does not carry it says nothing about it. So a detector that cannot tell (no baseline yet, no face to look at) leaves its
figure out, and several figures may stand in one observation.

`at` is the moment of the frame. Where a stretch was measured and not a moment (audio, motion), `at` is its end and the
value `window_s` its length: what holds at `at` then counts as having begun `window_s` earlier.
"""

from dataclasses import dataclass
from enum import StrEnum

from interview.incident_kind import IncidentKind

WINDOW = "window_s"
"""The value that says how long a stretch was measured, in seconds."""


class Sense(StrEnum):
    """On which side of its threshold a figure fulfils the condition."""

    AT_LEAST = "at_least"
    BELOW = "below"


@dataclass(frozen=True)
class Signal:
    """One kind's figure: its name in `Observation.values`, the side that counts, and the range of what it may be."""

    figure: str
    sense: Sense
    lowest: float
    highest: float
    meaning: str

    def certainty(self, value: float) -> float:
        """Return how far on the side that counts a value lies within the figure's range, 0 to 1."""
        share = (value - self.lowest) / (self.highest - self.lowest)
        share = min(1.0, max(0.0, share))
        return share if self.sense is Sense.AT_LEAST else 1 - share


def _score(figure: str, meaning: str) -> Signal:
    return Signal(figure, Sense.AT_LEAST, 0, 1, meaning)


SIGNALS: dict[IncidentKind, Signal] = {
    IncidentKind.NO_FACE: Signal("best", Sense.BELOW, 0, 1, "score of the surest face"),
    IncidentKind.SECOND_FACE: _score("second", "score of the second surest face"),
    IncidentKind.DIFFERENT_PERSON: Signal(
        "similarity", Sense.BELOW, -1, 1, "cosine of the face's embedding and that of the person who enrolled"
    ),
    IncidentKind.HEAD_AWAY: Signal(
        "head_away_deg", Sense.AT_LEAST, 0, 90, "degrees between the head's direction and its own baseline"
    ),
    IncidentKind.GAZE_AWAY: _score(
        "gaze_away", "how far the irises are from their own baseline, 1 at the eye's corner"
    ),
    IncidentKind.CAMERA_OFF: Signal("on", Sense.BELOW, 0, 1, "1 while the camera sends, 0 while it does not"),
    IncidentKind.CAMERA_COVERED: _score("camera_covered", "certainty that something lies over the lens"),
    IncidentKind.CAMERA_DARK: Signal(
        "luma", Sense.BELOW, 0, 255, "brightness of the brightest twentieth of the picture (Rec. 601)"
    ),
    IncidentKind.CAMERA_FROZEN: _score("camera_frozen", "certainty that the picture is the one before, again"),
    IncidentKind.STILL_PICTURE: _score("still_picture", "certainty that nothing in the face moves by itself"),
    IncidentKind.PHONE: _score("phone", "score of the surest telephone"),
    IncidentKind.SECOND_VOICE: _score("second_voice", "certainty that somebody else than the candidate speaks"),
    IncidentKind.TAB_HIDDEN: _score("tab_hidden", "1 while the page is hidden, 0 once it is shown"),
    IncidentKind.WINDOW_BLUR: _score("window_blur", "1 while another window has the focus, 0 once the page has it"),
    IncidentKind.FULLSCREEN_LEFT: _score(
        "fullscreen_left", "1 while the page is not full screen any more, 0 once it is"
    ),
    IncidentKind.PASTE: Signal("paste", Sense.AT_LEAST, 0, 1_000_000, "how many characters were pasted; an event"),
    IncidentKind.SECOND_SCREEN: _score("second_screen", "1 while a second screen is there, 0 once it is gone"),
    IncidentKind.SECOND_SEAT: _score("second_seat", "1 when the link was opened elsewhere; an event"),
}

CAMERA = "camera"
"""The detector name under which it is told that the camera sends (`on` 1) or does not (`on` 0: muted, gone).

`on` 0 also ends what was open about the picture. A pause of the session or a lost connection is told with `paused` 1
instead: nothing is known then, and `camera_off` does not hold.
"""
PAUSED = "paused"
"""The value that says that nobody looks just now; whatever is open about picture and sound ends with what was seen."""

PAGE = "page"
"""The detector name of what the candidate's page tells of itself."""
SEAT = "seat"
"""The detector name of what is told when an invite link is opened a second time."""

OF_THE_PICTURE = frozenset(
    {
        IncidentKind.NO_FACE,
        IncidentKind.SECOND_FACE,
        IncidentKind.DIFFERENT_PERSON,
        IncidentKind.HEAD_AWAY,
        IncidentKind.GAZE_AWAY,
        IncidentKind.CAMERA_COVERED,
        IncidentKind.CAMERA_DARK,
        IncidentKind.CAMERA_FROZEN,
        IncidentKind.STILL_PICTURE,
        IncidentKind.PHONE,
    }
)
"""Kinds that are read from frames: with the camera off nothing is known about them."""

OF_THE_PAGE = frozenset(
    {
        IncidentKind.TAB_HIDDEN,
        IncidentKind.WINDOW_BLUR,
        IncidentKind.FULLSCREEN_LEFT,
        IncidentKind.PASTE,
        IncidentKind.SECOND_SCREEN,
        IncidentKind.SECOND_SEAT,
    }
)
"""What the candidate's page and seat notice without camera or microphone."""
OF_THE_ROOM = frozenset(IncidentKind) - OF_THE_PAGE
"""What a proctor in the room can find."""

_OF_A_FACE = frozenset({IncidentKind.DIFFERENT_PERSON, IncidentKind.HEAD_AWAY, IncidentKind.GAZE_AWAY})

BLINDS: dict[IncidentKind, frozenset[IncidentKind]] = {
    IncidentKind.CAMERA_OFF: OF_THE_PICTURE,
    IncidentKind.CAMERA_COVERED: OF_THE_PICTURE - {IncidentKind.CAMERA_COVERED},
    IncidentKind.CAMERA_DARK: OF_THE_PICTURE - {IncidentKind.CAMERA_COVERED, IncidentKind.CAMERA_DARK},
    IncidentKind.CAMERA_FROZEN: OF_THE_PICTURE
    - {IncidentKind.CAMERA_COVERED, IncidentKind.CAMERA_DARK, IncidentKind.CAMERA_FROZEN},
    IncidentKind.STILL_PICTURE: _OF_A_FACE,
    IncidentKind.NO_FACE: _OF_A_FACE,
    IncidentKind.SECOND_FACE: frozenset({IncidentKind.DIFFERENT_PERSON}),
    # the baseline of head and eyes is that of the one who enrolled
    IncidentKind.DIFFERENT_PERSON: frozenset({IncidentKind.HEAD_AWAY, IncidentKind.GAZE_AWAY}),
    IncidentKind.HEAD_AWAY: frozenset({IncidentKind.GAZE_AWAY}),
    IncidentKind.TAB_HIDDEN: frozenset({IncidentKind.WINDOW_BLUR}),
}
"""While one kind's condition holds, nothing is known about these others: so that one event gives one incident."""
