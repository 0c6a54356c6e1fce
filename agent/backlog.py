"""Audio that no recogniser has turned into final words yet, kept so that another one can. Pure."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class _Timed(Protocol):
    @property
    def duration(self) -> float: ...


F = TypeVar("F", bound=_Timed)

LONGEST_S = 30.0
"""More is not kept: words that come later than this are of no use to a talk."""


class Backlog(Generic[F]):
    """Frames in the order in which they came. Seconds count from the first frame that was ever added."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._frames: deque[F] = deque()
        self.begins_s = 0.0
        """Where the first frame that is kept begins."""
        self.ends_s = 0.0

    def add(self, frame: F) -> None:
        """Keep a frame; the oldest goes when there is too much."""
        self._frames.append(frame)
        self.ends_s += frame.duration
        if self.ends_s - self.begins_s > self._longest_s:
            self.begins_s += self._frames.popleft().duration

    def done_until(self, moment_s: float) -> None:
        """Forget what ends before `moment_s`: its words are there."""
        frames = self._frames
        while frames and self.begins_s + frames[0].duration <= moment_s:
            self.begins_s += frames.popleft().duration

    def frames(self) -> list[F]:
        """Return what is kept."""
        return list(self._frames)
