"""`python -m local.inference`: serve on loopback until told to stop."""

import os
import sys

# Before numpy is imported: its own thread pool would only contend with the recogniser's.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import uvicorn

from interview import logs
from interview.errors import ConfigurationError
from local.inference.app import create_app
from local.inference.settings import load
from local.inference.stt.endpoint import MAX_MESSAGE_BYTES


def main() -> int:
    """Serve; returns the exit status."""
    try:
        settings = load()
    except ConfigurationError as error:
        print(error.message, file=sys.stderr)
        return 2
    logs.set_up(settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.inference_host,
        port=settings.inference_port,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=5,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
