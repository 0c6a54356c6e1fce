"""The engines of an interview (who hears, judges and speaks), and how they fared."""

from collections.abc import Sequence
from enum import StrEnum

from interview.record import Moment, Record


class EngineKind(StrEnum):
    """What an engine does."""

    STT = "stt"
    LLM = "llm"
    TTS = "tts"


class EngineState(StrEnum):
    """How a kind of engine is served."""

    OK = "ok"
    DEGRADED = "degraded"
    """By a fallback."""
    DOWN = "down"
    """By nothing: the interview goes on in text, and without follow-ups."""


class EngineChange(Record):
    """From `at` on a kind of engine is in another state."""

    kind: EngineKind
    state: EngineState
    at: Moment


MAX_ENGINE_CHANGES = 100
"""Of one session, that are kept."""


class Condition(Record):
    """A stretch in which a kind of engine was not `ok`; `until` is None where it lasted to the end."""

    kind: EngineKind
    state: EngineState
    since: Moment
    until: Moment | None


def last_states(changes: Sequence[EngineChange]) -> dict[EngineKind, EngineState]:
    """Return how each kind of engine fared at last; `ok` where nothing was noted."""
    last = dict.fromkeys(EngineKind, EngineState.OK)
    for change in sorted(changes, key=lambda change: change.at):
        last[change.kind] = change.state
    return last


def conditions(changes: Sequence[EngineChange]) -> tuple[Condition, ...]:
    """Return the stretches that these changes make, in the order in which they began.

    A change that was written twice, or came late, makes no stretch of its own.
    """
    found: list[Condition] = []
    for kind in EngineKind:
        own = sorted((change for change in changes if change.kind is kind), key=lambda change: change.at)
        open_since: EngineChange | None = None
        for change in own:
            if open_since is not None and change.state is open_since.state:
                continue
            if open_since is not None and open_since.state is not EngineState.OK:
                found.append(Condition(kind=kind, state=open_since.state, since=open_since.at, until=change.at))
            open_since = change
        if open_since is not None and open_since.state is not EngineState.OK:
            found.append(Condition(kind=kind, state=open_since.state, since=open_since.at, until=None))
    return tuple(sorted(found, key=lambda condition: condition.since))
