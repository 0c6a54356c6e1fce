"""Who may use the one language model now.

Interactive requests (an interview waits for them) run one at a time in the order in which they came. Background
requests (scoring) start only while no interactive one runs or waits and nobody speaks, and give way at once when an
interactive one comes: their generation is cancelled and repeated later. What the model has read of their prompt stays
cached, so repeating costs mainly the tokens written so far.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from interview.errors import ProviderUnavailable
from local.inference.floor import Floor
from local.inference.stats import Stats

logger = logging.getLogger(__name__)
T = TypeVar("T")

MAX_INTERACTIVE, MAX_BACKGROUND = 8, 32
MAX_PREEMPTIONS = 100
INTERACTIVE_SLOT, BACKGROUND_SLOT = 0, 1
"""Each kind keeps to its own slot of the engine, so that neither evicts the other's cached prompt."""


class Scheduler:
    """Orders requests to one engine within one event loop."""

    def __init__(self, floor: Floor, stats: Stats, background_wait_s: float) -> None:
        self._floor, self._stats = floor, stats
        self._background_wait_s = background_wait_s
        self._turn, self._background_turn = asyncio.Lock(), asyncio.Lock()
        self._interactive = self._background = 0
        self._no_interactive = asyncio.Event()
        self._no_interactive.set()
        self._wanted = asyncio.Event()
        """Set while an interactive request runs or waits: the background one must stop."""

    @asynccontextmanager
    async def interactive(self) -> AsyncIterator[None]:
        """Hold the engine for one interactive request; raises `ProviderUnavailable` when too many wait."""
        if self._interactive >= MAX_INTERACTIVE:
            raise ProviderUnavailable(f"{MAX_INTERACTIVE} requests already wait for the language model")
        self._interactive += 1
        self._wanted.set()
        self._no_interactive.clear()
        try:
            async with self._turn:
                yield
        finally:
            self._interactive -= 1
            if not self._interactive:
                self._wanted.clear()
                self._no_interactive.set()

    async def background(self, generate: Callable[[], Awaitable[T]]) -> T:
        """Run `generate` when nothing more urgent wants the engine, again from the start when it was interrupted.

        Raises `ProviderUnavailable` when too many wait, or when it was interrupted too often.
        """
        if self._background >= MAX_BACKGROUND:
            raise ProviderUnavailable(f"{MAX_BACKGROUND} background requests already wait for the language model")
        self._background += 1
        try:
            async with self._background_turn:
                for _ in range(MAX_PREEMPTIONS):
                    if not await self._floor.quiet(self._background_wait_s):
                        self._stats.count("llm_background_started_while_speaking")
                    await self._no_interactive.wait()
                    async with self._turn:
                        if self._wanted.is_set():
                            continue
                        done, result = await self._until_wanted(generate)
                    if done:
                        return result  # type: ignore[return-value]
                    self._stats.count("llm_background_preempted")
        finally:
            self._background -= 1
        raise ProviderUnavailable(f"interrupted {MAX_PREEMPTIONS} times by interviews; try again later")

    async def _until_wanted(self, generate: Callable[[], Awaitable[T]]) -> tuple[bool, T | None]:
        work = asyncio.ensure_future(generate())
        wanted = asyncio.create_task(self._wanted.wait(), name="llm-preempt")
        try:
            await asyncio.wait({work, wanted}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return True, work.result()
            return False, None
        finally:
            wanted.cancel()
            work.cancel()
            await asyncio.gather(work, wanted, return_exceptions=True)
