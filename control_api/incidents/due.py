"""What becomes an incident later, unless the page tells something else before: looked at again when it is due.

Kept in memory alone. Where a process dies meanwhile, the page's next call or the end of the session files it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


class Due:
    """One per application: at most one look ahead for each session, and none once `running` is left."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        """How many sessions are looked at again."""
        return len(self._waiting)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Give up what still waits when this is left."""
        try:
            yield
        finally:
            waiting = list(self._waiting.values())
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def look(self, session_id: str, in_s: float, look: Callable[[], Awaitable[None]]) -> None:
        """Call `look` in so many seconds, instead of what waited for this session: the newest call knows the most."""
        earlier = self._waiting.get(session_id)
        if earlier is not None and earlier is not asyncio.current_task():  # a look may ask for the next one
            earlier.cancel()
        task = asyncio.create_task(_after(in_s, look), name=f"due-{session_id}")
        self._waiting[session_id] = task
        task.add_done_callback(lambda done: self._over(session_id, done))

    def _over(self, session_id: str, task: asyncio.Task[None]) -> None:
        if self._waiting.get(session_id) is task:
            del self._waiting[session_id]


async def _after(seconds: float, look: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await look()
