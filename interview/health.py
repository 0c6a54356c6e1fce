"""A sign of life for whoever supervises the worker."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
_READ_S = 5.0
_REQUEST_BYTES = 4096


@asynccontextmanager
async def answering(port: int) -> AsyncGenerator[None]:
    """Answer 200 to any HTTP request on the loopback's `port` while the context lasts; port 0 answers
    nothing.
    """
    if not port:
        yield
        return
    server = await asyncio.start_server(_answer, "127.0.0.1", port)
    async with server:
        yield


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(_READ_S):
            await reader.read(_REQUEST_BYTES)
            writer.write(_ANSWER)
            await writer.drain()
    except (TimeoutError, ConnectionError):
        pass  # whoever asked has gone; there is nobody to answer
    finally:
        writer.close()
