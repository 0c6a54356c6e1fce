"""Answers that are files made for the asking, such as a recording: a few are made at once, and none lies in memory.

Making one decrypts and decodes everything about an interview; whoever asked for a hundred would take the API from all.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import IO

from fastapi.responses import StreamingResponse

from interview.errors import TooMany
from interview.settings import Settings

_IN_MEMORY_BYTES = 8_000_000
_BLOCK_BYTES = 1 << 16


class Downloads:
    """How many are made at once. One per application."""

    def __init__(self, settings: Settings) -> None:
        self._places = asyncio.Semaphore(settings.downloads_at_once)
        self._wait_s = settings.downloads_wait_s

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Make one file within the block. Raises `TooMany` (`too_many_downloads`) when no place is free in time."""
        try:
            async with asyncio.timeout(self._wait_s):
                await self._places.acquire()
        except TimeoutError:
            words = "too many recordings and exports are being made just now; try again in a moment"
            raise TooMany(words, code="too_many_downloads", retry_after_s=self._wait_s) from None
        try:
            yield
        finally:
            self._places.release()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Make a further piece of a file within the block, as soon as there is a place: each is held for a moment."""
        async with self._places:
            yield


def new_file() -> IO[bytes]:
    """Return a new file that lies in memory while it is small, and is gone once it is closed."""
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)


def answer_with(made: IO[bytes], media_type: str, headers: Mapping[str, str]) -> StreamingResponse:
    """Stream a file that stands at its beginning, and close it, also when the caller goes away."""

    def blocks() -> Iterator[bytes]:
        with made:
            while block := made.read(_BLOCK_BYTES):
                yield block

    return StreamingResponse(blocks(), media_type=media_type, headers=dict(headers))
