"""When arriving audio was spoken. Pure: the caller tells the time.

Frames carry no time of their own, so their arrival is the clock; but a busy process takes several at once, late.
Audio that comes late was spoken on time: only a real hole, such as a muted microphone, moves the clock forward.
"""

LATE_S = 0.5
"""Audio this late has a hole before it; what is less late is jitter."""

EARLY_S = 0.05
"""Audio this early shows that the clock was set by frames that were late themselves."""


class ArrivalClock:
    """Gives each frame of one stream the wall-clock second of its first sample."""

    def __init__(self) -> None:
        self._next: float | None = None

    def begin_of(self, duration_s: float, arrived_at: float) -> float:
        """Return when a frame of `duration_s` began, whose last sample arrived at `arrived_at` (since 1970)."""
        began = arrived_at - duration_s
        if self._next is None or not -EARLY_S <= began - self._next <= LATE_S:
            self._next = began
        began = self._next
        self._next += duration_s
        return began
