"""`python -m local.prepare`: builds the servers and fetches the models that a purpose needs, showing progress."""

import argparse
import sys

from interview.errors import VivaError
from local import models
from local.servers.build import SERVERS, ensure_server

_TEST_MODELS = ("whisper", "whisper_base", "yunet", "astronaut", "faces", "livekit_client", "fonts")
_NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "unit": ((), ("whisper", "yunet", "astronaut", "faces", "fonts")),
    "storage": (("mongo",), ("fonts",)),
    "api": (("mongo", "livekit"), _TEST_MODELS),
    "room": (("mongo", "livekit"), _TEST_MODELS),
    "browser": (("mongo", "livekit"), _TEST_MODELS),
    "all": (tuple(SERVERS), _TEST_MODELS),
    "web": ((), ("livekit_client",)),
    "demo": (tuple(SERVERS), (*_TEST_MODELS, "qwen")),
    "bench": (tuple(SERVERS), (*_TEST_MODELS, "qwen")),
}


def main() -> int:
    """Prepare what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m local.prepare", description=__doc__)
    parser.add_argument("purpose", choices=sorted(_NEEDS), help="a tier of the tests, or a target of the Makefile")
    servers, assets = _NEEDS[parser.parse_args().purpose]
    try:
        for name in servers:
            ensure_server(name)
        models.ensure(assets)
    except VivaError as error:
        print(f"viva: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
