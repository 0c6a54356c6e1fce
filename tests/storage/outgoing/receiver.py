"""A receiver of webhooks: a real HTTP server that keeps what it was sent and answers as it is told."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


class Receiver:
    """Answers with `statuses` in turn, the last of them for ever; `headers` go along. It holds back while `held`."""

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.received: list[Received] = []
        self.statuses = [204]
        self.headers = ""
        self.at_once = 0
        self.most_at_once = 0
        self.held = asyncio.Event()
        self.held.set()
        self._news = asyncio.Condition()
        self._tls = tls
        self._host = host

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.held.set()
        self._server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=1"

    def hold(self) -> None:
        """Answer nothing until `held` is set."""
        self.held.clear()

    async def has(self, count: int) -> list[Received]:
        """Wait until so many requests came."""
        async with asyncio.timeout(15), self._news:
            await self._news.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            async with self._news:
                self.received.append(Received(first.split()[1], headers, body))
                self._news.notify_all()
            await self.held.wait()
            writer.write(f"HTTP/1.1 {status} x\r\n{self.headers}content-length: 2\r\n\r\nok".encode())
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.at_once -= 1
            writer.close()
