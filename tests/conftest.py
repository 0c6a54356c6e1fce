"""What all tests share: their tier by folder, and the servers that they run on."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from xdist.scheduler import LoadScopeScheduling

TIERS = ("unit", "storage", "api", "room", "browser")
_HOUSES = ("room", "browser")
_TESTS = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    for tier in TIERS:
        config.addinivalue_line("markers", f"{tier}: a test of this tier, by its folder tests/{tier}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tiers. What runs whole houses comes first, rooms before browsers: see `TwoProcesses`."""
    for item in items:
        tier = item.path.relative_to(_TESTS).parts[0]
        if tier in TIERS:
            item.add_marker(tier)
    items.sort(key=lambda item: _when(item.path.relative_to(_TESTS).parts[0]))


def _when(tier: str) -> int:
    return _HOUSES.index(tier) if tier in _HOUSES else len(_HOUSES)


class TwoProcesses(LoadScopeScheduling):
    """Shares the tests out between the processes of `make test`.

    A file stays together, for its fixtures. The rooms stay in one process, which begins with them, and the browsers in
    the other, which goes on with everything else: more houses at a time would be too much for two cores, and the
    others fit beside them, since they mostly wait.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return next((tier for tier in _HOUSES if f"tests/{tier}/" in path), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TwoProcesses:
    return TwoProcesses(config, log)


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
