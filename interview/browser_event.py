"""What the candidate's page noticed about itself: that it was hidden, left, pasted into. Never what was in it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.plan import IncidentKind
from interview.record import Moment, Record

MAX_LENGTH = 1_000_000
MAX_EVENTS = 5000
"""Events of one session that are stored; later ones are acknowledged and dropped."""


class BrowserEventKind(StrEnum):
    """What happened on the page; where something lasts, its end is an event too."""

    TAB_HIDDEN = "tab_hidden"
    TAB_SHOWN = "tab_shown"
    WINDOW_BLUR = "window_blur"
    WINDOW_FOCUS = "window_focus"
    FULLSCREEN_LEFT = "fullscreen_left"
    FULLSCREEN_ENTERED = "fullscreen_entered"
    PASTE = "paste"
    SECOND_SCREEN = "second_screen"
    SECOND_SCREEN_GONE = "second_screen_gone"

    @property
    def concerns(self) -> IncidentKind:
        """The kind of incident that this begins or ends: only what the plan looks for is stored."""
        return _CONCERNS[self]


_CONCERNS = {
    BrowserEventKind.TAB_HIDDEN: IncidentKind.TAB_HIDDEN,
    BrowserEventKind.TAB_SHOWN: IncidentKind.TAB_HIDDEN,
    BrowserEventKind.WINDOW_BLUR: IncidentKind.WINDOW_BLUR,
    BrowserEventKind.WINDOW_FOCUS: IncidentKind.WINDOW_BLUR,
    BrowserEventKind.FULLSCREEN_LEFT: IncidentKind.FULLSCREEN_LEFT,
    BrowserEventKind.FULLSCREEN_ENTERED: IncidentKind.FULLSCREEN_LEFT,
    BrowserEventKind.PASTE: IncidentKind.PASTE,
    BrowserEventKind.SECOND_SCREEN: IncidentKind.SECOND_SCREEN,
    BrowserEventKind.SECOND_SCREEN_GONE: IncidentKind.SECOND_SCREEN,
}


class BrowserEvent(Record):
    """One event, stored once under `session_id:seq`; `seq` is the page's own count.

    `at` is when it happened in the server's time, `page_at` what the page's clock said, `received_at` when it came.
    """

    session_id: str
    seq: int
    kind: BrowserEventKind
    at: Moment
    received_at: Moment
    page_at: Moment | None = None
    length: Annotated[int, Field(ge=0, le=MAX_LENGTH)] | None = None
    """How many characters were pasted. What they were is never sent."""
    schema_version: int = 1
