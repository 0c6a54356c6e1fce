"""The server that stops in order: streams that stay open by nature are ended first, so that it need not wait."""

import socket

import uvicorn

from control_api.monitoring.hub import Hub

KEEP_ALIVE_S = 75
"""How long an idle connection stays open: longer than proxies and clients keep theirs (nginx 60 s, httpx 5 s). Who asks
must be the first to close; otherwise a request may meet a connection that is just being closed, and is lost."""


class Server(uvicorn.Server):
    """uvicorn waits for every answer to end before it stops, and only then tells the application."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then finish what is being answered."""
        self._hub.close()
        await super().shutdown(sockets)
