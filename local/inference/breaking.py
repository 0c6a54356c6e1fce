"""Engines that fail on purpose, one kind at a time, as a provider does: for benchmarks and tests of what follows."""

import asyncio
from enum import StrEnum
from typing import Literal

from interview.errors import ProviderUnavailable

Kind = Literal["stt", "llm", "tts"]
KINDS: tuple[Kind, ...] = ("stt", "llm", "tts")


class Mode(StrEnum):
    """How an engine behaves."""

    WELL = "well"
    DOWN = "down"
    """Nothing is accepted, and what goes on is broken off."""
    STUCK = "stuck"
    """Everything is accepted, and nothing is answered."""


class Breaking:
    """Which kinds are broken, and how."""

    def __init__(self) -> None:
        self._modes: dict[Kind, Mode] = dict.fromkeys(KINDS, Mode.WELL)
        self._changed: dict[Kind, asyncio.Event] = {kind: asyncio.Event() for kind in KINDS}

    def set(self, kind: Kind, mode: Mode) -> None:
        """Break a kind, or mend it."""
        self._modes[kind] = mode
        changed, self._changed[kind] = self._changed[kind], asyncio.Event()
        changed.set()

    async def passes(self, kind: Kind) -> None:
        """Return while the kind is well; wait while it is stuck. Raises `ProviderUnavailable` where it is down."""
        while self._modes[kind] is Mode.STUCK:
            await self._changed[kind].wait()
        if self._modes[kind] is Mode.DOWN:
            raise ProviderUnavailable(f"{kind} is broken on purpose")

    async def breaks(self, kind: Kind) -> None:
        """Wait until the kind is down."""
        while self._modes[kind] is not Mode.DOWN:
            await self._changed[kind].wait()
