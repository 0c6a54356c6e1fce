"""The server that stops in order: streams that stay open by nature are ended first, so that it need not wait."""

import socket

import uvicorn

from control_api.monitoring.hub import Hub


class Server(uvicorn.Server):
    """uvicorn waits for every answer to end before it stops, and only then tells the application."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then finish what is being answered."""
        self._hub.close()
        await super().shutdown(sockets)
