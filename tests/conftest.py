"""What all tests share: their tier by folder, and the servers that they run on."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

TIERS = ("unit", "storage", "api", "room", "browser")
_HOUSES = ("room", "browser")
_TESTS = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    for tier in TIERS:
        config.addinivalue_line("markers", f"{tier}: a test of this tier, by its folder tests/{tier}")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tiers, and share the tests out between two processes (`make test`).

    A file stays together, for its fixtures. What runs whole houses stays in one process, which begins with it: two
    of them at a time would be too much for two cores, and the others fit beside it, since it mostly waits.
    """
    for item in items:
        tier = _tier(item)
        if tier in TIERS:
            item.add_marker(tier)
        item.add_marker(pytest.mark.xdist_group("houses" if tier in _HOUSES else str(item.path)))
    items.sort(key=lambda item: _tier(item) not in _HOUSES)


def _tier(item: pytest.Item) -> str:
    return item.path.relative_to(_TESTS).parts[0]


@pytest_asyncio.fixture(scope="session")
async def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A MongoDB server for the whole run: the one that `MONGODB_URI` names, or the embedded database."""
    given = os.environ.get("MONGODB_URI")
    if given:
        yield given
        return
    from local.services import Stack  # tests that need no server must not pay for it

    async with Stack(tmp_path_factory.mktemp("mongo"), services=["mongo"]) as stack:
        yield stack.url("mongo")
