"""Who has the floor: while anyone speaks, work in the background waits."""

import asyncio


class Floor:
    """Counts the streams in which someone is speaking now."""

    def __init__(self) -> None:
        self._speaking = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def speaking(self) -> int:
        """How many streams are in speech."""
        return self._speaking

    def enter(self) -> None:
        """Someone began to speak."""
        self._speaking += 1
        self._quiet.clear()

    def leave(self) -> None:
        """Someone who had begun is silent again."""
        self._speaking -= 1
        if self._speaking <= 0:
            self._speaking = 0
            self._quiet.set()

    async def quiet(self, within_s: float) -> bool:
        """Wait until nobody speaks, at most `within_s` seconds; return whether that came."""
        try:
            async with asyncio.timeout(within_s):
                await self._quiet.wait()
        except TimeoutError:
            return False
        return True
