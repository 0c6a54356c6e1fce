"""Tells the dialogue when little time is left, and when it is over."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from agent.dialogue.agenda import closing_s
from agent.dialogue.events import Event, TimeAdded, TimeLeft, TimeShort, TimeUp

_TIME_UP_AGAIN_S = 30.0
"""How long somebody who speaks when the time is up may go on, before the last words are said all the same."""


NOTICES_S = (300, 60)
"""How long before the end the candidate is told so, in an interview that is at least `_NOTICE_WITHIN` as long."""

_NOTICE_WITHIN = 2


def epoch_of(clock_started_at: datetime | None, joined_at: datetime, past_s: float | None) -> float:
    """Return the second since 1970 from which the dialogue's time counts, for a candidate who is there at `joined_at`.

    After a failure it goes on from `past_s`, where earlier attempts left it: our own absence, which may have lasted
    until somebody started the session again the next day, takes nothing from the candidate's time.
    """
    if past_s is not None:
        return joined_at.timestamp() - past_s
    return (clock_started_at or joined_at).timestamp()


class Timekeeper:
    """Keeps one interview's time from its `epoch` (seconds since 1970) on. `tell` is handed what makes an event."""

    def __init__(self, allowed_s: float, tell: Callable[[Callable[[float], Event]], None]) -> None:
        self._allowed_s = allowed_s
        self._tell = tell
        self._epoch: float | None = None
        self._timers: list[asyncio.TimerHandle] = []

    def start(self, epoch: float) -> None:
        """Let the time run."""
        self._epoch = epoch
        self._set()

    def allow(self, allowed_s: float) -> None:
        """Allow another length from now on. Less than before changes nothing that was said already."""
        if allowed_s == self._allowed_s:
            return
        added = allowed_s > self._allowed_s
        self._allowed_s = allowed_s
        if self._epoch is None:
            return
        if added:
            self._tell(lambda at_s: TimeAdded(at_s=at_s, allowed_s=allowed_s))
        self._set()

    def left_s(self) -> float | None:
        """Return how much time is left; None before it runs."""
        return None if self._epoch is None else max(0.0, self._epoch + self._allowed_s - time.time())

    def stop(self) -> None:
        """Tell nothing any more."""
        for timer in self._timers:
            timer.cancel()
        self._timers = []

    def _set(self) -> None:
        self.stop()
        left_s = (self._epoch or 0.0) + self._allowed_s - time.time()
        loop = asyncio.get_running_loop()
        self._timers = [
            loop.call_later(max(0.0, left_s - closing_s(self._allowed_s)), self._short),
            loop.call_later(max(0.0, left_s), self._up),
        ]
        for notice_s in NOTICES_S:
            # what lies behind was told by whoever kept the time then
            if self._allowed_s >= _NOTICE_WITHIN * notice_s and left_s > notice_s:
                self._timers.append(loop.call_later(left_s - notice_s, self._left, notice_s))

    def _left(self, left_s: int) -> None:
        self._tell(lambda at_s: TimeLeft(at_s=at_s, left_s=left_s))

    def _short(self) -> None:
        self._tell(lambda at_s: TimeShort(at_s=at_s))

    def _up(self) -> None:
        self._tell(lambda at_s: TimeUp(at_s=at_s))
        self._timers.append(asyncio.get_running_loop().call_later(_TIME_UP_AGAIN_S, self._up))
