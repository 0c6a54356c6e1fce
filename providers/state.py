"""Whether each kind of engine is served, and by whom; tells of each change once."""

import logging
from collections.abc import Callable, Mapping

from interview.clock import Clock
from interview.engines import EngineChange, EngineKind, EngineState

log = logging.getLogger(__name__)

OnChange = Callable[[EngineChange], None]


def ignore(change: EngineChange) -> None:
    """Listen to nothing."""


class EngineStates:
    """The state of each kind; `ok` until something else is seen."""

    def __init__(
        self,
        clock: Clock,
        on_change: OnChange = ignore,
        known: Mapping[EngineKind, EngineState] | None = None,
    ) -> None:
        """`known` is where an earlier attempt has left them."""
        self._clock = clock
        self._on_change = on_change
        self._states = {**dict.fromkeys(EngineKind, EngineState.OK), **(known or {})}

    def of(self, kind: EngineKind) -> EngineState:
        """Return how a kind is served."""
        return self._states[kind]

    def note(self, kind: EngineKind, state: EngineState) -> None:
        """Take in how a kind is served now."""
        if self._states[kind] is state:
            return
        self._states[kind] = state
        log.warning("the engines for %s are %s", kind, state)
        self._on_change(EngineChange(kind=kind, state=state, at=self._clock.now()))
