"""`python -m control_api`: the API process."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from control_api.app import create_app
from control_api.custodian.custodian import Custodian
from control_api.outgoing.loop import Courier
from control_api.parts import Parts
from control_api.serving import KEEP_ALIVE_S, Server
from interview import tracing
from interview.clock import SystemClock
from interview.errors import VivaError
from interview.logs import set_up
from interview.settings import Settings, load
from interview.storage import Storage
from rooms.rooms import Rooms

log = logging.getLogger("control_api")


async def serve(settings: Settings) -> None:
    """Serve until a signal comes; then finish what is being answered or delivered, and close the clients."""
    clock = SystemClock()
    storage = await Storage.connect(settings, clock)
    rooms = Rooms.of(settings)
    try:
        app = create_app(settings, storage, rooms, clock, beside=_working)
        config = uvicorn.Config(
            app,
            host=settings.api_host,
            port=settings.api_port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # it would believe whoever calls from loopback; `addresses` knows whom to believe
            timeout_graceful_shutdown=10,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        await Server(config, app.state.parts.monitoring.hub).serve()
    finally:
        await rooms.aclose()
        await storage.close()


@asynccontextmanager
async def _working(parts: Parts) -> AsyncIterator[None]:
    """Deliver what goes out, look after the house, and trace both and the requests where that is configured."""
    end_traces = tracing.set_up(parts.settings.otel_exporter_otlp_endpoint, "control_api")
    try:
        async with Courier.of(parts.settings, parts.storage, parts.clock).running(), Custodian(parts).running():
            yield
    finally:
        await asyncio.to_thread(end_traces)


def main() -> int:
    """Read the settings and serve; an error of ours is told in one line."""
    try:
        settings = load()
        set_up(settings.log_level)
        asyncio.run(serve(settings))
    except VivaError as error:
        print(f"control_api: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
