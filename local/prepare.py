"""`python -m local.prepare`: builds the servers and fetches the models that a purpose needs, showing progress."""

import argparse
import sys

from interview.errors import VivaError
from local import browser, models, node, pages
from local.servers.build import SERVERS, ensure_server

_TEST_MODELS = ("whisper", "whisper_base", "yunet", "human", "campplus", "astronaut", "faces", "fonts")
_NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "unit": ((), ("whisper", "yunet", "human", "campplus", "astronaut", "faces", "speech", "telephone", "fonts")),
    "storage": (("mongo",), ("fonts",)),
    "api": (("mongo", "livekit"), _TEST_MODELS),
    "room": (("mongo", "livekit"), _TEST_MODELS),
    "browser": (("mongo", "livekit"), _TEST_MODELS),
    "all": (tuple(SERVERS), _TEST_MODELS),
    "web": ((), ()),
    "demo": (tuple(SERVERS), (*_TEST_MODELS, "qwen")),
    "bench": (tuple(SERVERS), (*_TEST_MODELS, "qwen", "pausing")),
}


_WITH_PAGES = ("browser", "all", "web")
_WITH_BROWSER = ("browser", "all")


def main() -> int:
    """Prepare what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m local.prepare", description=__doc__)
    parser.add_argument("purpose", choices=sorted(_NEEDS), help="a tier of the tests, or a target of the Makefile")
    purpose = parser.parse_args().purpose
    servers, assets = _NEEDS[purpose]
    try:
        for name in servers:
            ensure_server(name)
        models.ensure(assets)
        if purpose in _WITH_PAGES:
            pages.ensure()
        if purpose in _WITH_BROWSER:
            node.install()  # the tests read packages of web/, also where the pages were built before
        if purpose in _WITH_BROWSER and browser.ensure() is None:
            print(f"viva: {browser.HOW}; without it the browser tests are skipped", file=sys.stderr)
    except VivaError as error:
        print(f"viva: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
