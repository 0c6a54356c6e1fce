"""`python -m local.supervise`: runs everything on this machine until it is told to stop; `viva up` starts it."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from interview.errors import VivaError
from local.services import SERVICES, Stack
from local.user import engines_of, user_environment

FAILURE_FILE = "failure.txt"
"""In the state folder: why the last start failed, in words for the person who asked for it."""

logger = logging.getLogger(__name__)


async def supervise(state_dir: Path, services: list[str]) -> None:
    """Run these services until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop.set)
    user = user_environment()
    stack = Stack(
        state_dir,
        services=services,
        engines=engines_of(user),
        user_environment=user,
        usual_ports=True,
        progress=False,
    )
    starting = asyncio.create_task(stack.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return
    try:
        await starting
        logger.info("everything is ready")
        await stopping
    finally:
        stopping.cancel()
        await stack.stop()


def main() -> int:
    """Read the command line and run; a failure in words goes to the log and to the failure file."""
    parser = argparse.ArgumentParser(prog="python -m local.supervise", description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True)
    parser.add_argument("services", nargs="*", default=SERVICES, help="what to start; everything by default")
    arguments = parser.parse_args()
    state_dir: Path = arguments.state_dir
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(supervise(state_dir, arguments.services))
    except VivaError as error:
        logger.error("%s", error.message)
        (state_dir / FAILURE_FILE).write_text(error.message)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
