"""What is heard while the interviewer speaks: an interruption, a sound of listening, or its own echo. Pure."""

from enum import StrEnum
from typing import NamedTuple

from agent.dialogue import cues

ECHO_SHARE = 0.7
"""Words of the line itself among the words heard, above which they are its echo."""

ECHO_WORDS = 3
"""Fewer words than this are no proof: people say "yes" and "the bank" too."""

HALF_DUPLEX_AFTER = 2
"""Echoes after which the interviewer stops listening while it speaks, so that it does not interrupt itself."""

LISTENING_BEFORE_END_S = 1.0
"""Whoever says "yes" later than this before a line's end may be answering it."""


class Overheard(StrEnum):
    """What words that came while the interviewer spoke are."""

    SPEECH = "speech"
    BACKCHANNEL = "backchannel"
    ECHO = "echo"


class _Line(NamedTuple):
    words: frozenset[str]
    started_at: float
    duration_s: float | None
    ended_at: float | None


class Overhearing:
    """Follows the interviewer's lines; times are wall-clock seconds. `echoes` and `backchannels` count."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._line: _Line | None = None
        self.echoes = 0
        self.backchannels = 0

    @property
    def half_duplex(self) -> bool:
        """Whether the candidate's device sends back what the interviewer says."""
        return self.echoes >= HALF_DUPLEX_AFTER

    def line_started(self, text: str, at: float, duration_s: float | None) -> None:
        """Note a line whose first audio is played; None is a length that is not known yet."""
        self._line = _Line(frozenset(cues.fold(text).split()), at, duration_s, None)

    def line_ended(self, at: float) -> None:
        """Note the end of the line."""
        if self._line and self._line.ended_at is None:
            self._line = self._line._replace(ended_at=at)

    def judge(self, text: str, started_at: float, ended_at: float) -> Overheard:
        """Say what words are that were spoken from `started_at` to `ended_at`."""
        line = self._line
        if line is None or ended_at <= line.started_at:
            return Overheard.SPEECH
        if line.ended_at is not None and started_at >= line.ended_at:
            return Overheard.SPEECH
        if self._is_echo(line, text) and cues.read(text, self._language) is None:
            self.echoes += 1
            return Overheard.ECHO
        if self._only_listens(line, text, started_at):
            self.backchannels += 1
            return Overheard.BACKCHANNEL
        return Overheard.SPEECH

    def may_be_echo(self, text: str) -> bool:
        """Tell whether words that are still growing look like the line's own, so far."""
        return self._line is not None and self._line.ended_at is None and self._is_echo(self._line, text)

    @staticmethod
    def _is_echo(line: _Line, text: str) -> bool:
        heard = cues.fold(text).split()
        return len(heard) >= ECHO_WORDS and sum(word in line.words for word in heard) >= ECHO_SHARE * len(heard)

    def _only_listens(self, line: _Line, text: str, started_at: float) -> bool:
        if line.duration_s is None or not cues.is_backchannel(text, self._language):
            return False
        return line.started_at <= started_at <= line.started_at + line.duration_s - LISTENING_BEFORE_END_S
