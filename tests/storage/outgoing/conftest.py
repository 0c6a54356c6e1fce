"""The parts of an API process over a virtual clock, and receivers of webhooks and mails."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorDatabase

from control_api.app import create_app
from control_api.parts import Parts
from interview.clock import VirtualClock
from interview.storage import Storage
from rooms.rooms import Rooms
from tests.storage.builders import settings
from tests.storage.outgoing.mailbox import Mailbox
from tests.storage.outgoing.receiver import Receiver


@pytest.fixture
def parts_with(
    mongo_uri: str, timed: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock
) -> Callable[..., Parts]:
    """Make the parts of a process with these settings; nothing is asked of LiveKit."""

    def make(**given: Any) -> Parts:
        usual = {"webhook_allow_private": True, "delivery_poll_s": 0.05, "jwt_secret": "s" * 32}
        chosen = settings(mongo_uri, timed_raw.name, **usual | given)
        return create_app(chosen, timed, Rooms.of(chosen), clock).state.parts

    return make


@pytest.fixture
def parts(parts_with: Callable[..., Parts]) -> Parts:
    return parts_with()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as running:
        yield running


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()
