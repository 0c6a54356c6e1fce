"""A provider's streams are counted over all processes, and what a dead one held comes back."""

import asyncio
import subprocess
import sys
from pathlib import Path

from interview.clock import VirtualClock
from interview.settings import Settings
from interview.storage import Storage
from tests.storage.builders import session

LIMITS = {"main": 3, "second": 2}
_ROOT = Path(__file__).parents[3]

_PROCESS = """
import asyncio, os, sys
from interview.clock import SystemClock
from interview.settings import Settings
from interview.storage import Storage

async def take():
    storage = await Storage.connect(Settings(), SystemClock())
    take, limits = storage.provider_slots.take, {"main": 3, "second": 2}
    slots = await asyncio.gather(*(take("p", limits, owner=f"{os.getpid()}-{n}", ttl_s=60) for n in range(4)))
    print("\\n".join(slot.slot_id for slot in slots if slot))
    await storage.close()

asyncio.run(take())
"""


async def take(storage: Storage, owner: str, session_id: str = "") -> str | None:
    slot = await storage.provider_slots.take("p", LIMITS, owner=owner, ttl_s=60, session_id=session_id)
    return slot.slot_id if slot else None


async def test_many_at_once_take_each_slot_once_and_the_least_used_key_first(timed: Storage) -> None:
    assert await take(timed, "a") == "p:main:0"
    assert await take(timed, "b") == "p:second:0"
    assert await take(timed, "c") == "p:main:1"
    taken = await asyncio.gather(*(take(timed, f"more-{n}") for n in range(12)))
    assert sorted(filter(None, taken)) == ["p:main:2", "p:second:1"]
    assert len(await timed.provider_slots.in_use()) == 5


async def test_several_processes_take_no_more_than_there_are(storage: Storage, storage_settings: Settings) -> None:
    names = ("mongodb_uri", "mongodb_database", "livekit_api_key")
    environment = {name.upper(): str(getattr(storage_settings, name)) for name in names}
    environment["ENCRYPTION_KEYS"] = storage_settings.encryption_keys.get_secret_value()
    environment["LIVEKIT_API_SECRET"] = environment["JWT_SECRET"] = "secret"

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", _PROCESS], env=environment, capture_output=True, text=True, cwd=_ROOT, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    printed = await asyncio.gather(*(asyncio.to_thread(run) for _ in range(3)))

    taken = sorted(line for text in printed for line in text.split())
    assert taken == ["p:main:0", "p:main:1", "p:main:2", "p:second:0", "p:second:1"]


async def test_a_slot_is_held_for_as_long_as_it_is_renewed(timed: Storage, clock: VirtualClock) -> None:
    slot = await timed.provider_slots.take("q", {"main": 1}, owner="a", ttl_s=60)
    assert slot is not None
    clock.advance(50)
    assert await timed.provider_slots.renew(slot, 60)
    clock.advance(50)
    assert await timed.provider_slots.take("q", {"main": 1}, owner="b", ttl_s=60) is None
    clock.advance(11)
    stolen = await timed.provider_slots.take("q", {"main": 1}, owner="b", ttl_s=60)
    assert stolen is not None
    assert not await timed.provider_slots.renew(slot, 60)
    await timed.provider_slots.release(slot)  # it is another's by now
    assert len(await timed.provider_slots.in_use()) == 1
    await timed.provider_slots.release(stolen)
    assert await timed.provider_slots.in_use() == []


async def test_the_next_attempt_of_a_session_takes_over_what_the_dead_one_held(timed: Storage) -> None:
    record = session()
    await timed.sessions.add(record)
    dead = await timed.provider_slots.take("r", {"main": 1}, owner="dead", ttl_s=60, session_id=record.session_id)
    again = await timed.provider_slots.take("r", {"main": 1}, owner="next", ttl_s=60, session_id=record.session_id)
    assert dead is not None
    assert again is not None
    assert dead.slot_id == again.slot_id
    assert not await timed.provider_slots.renew(dead, 60)
    await timed.erase_session(record.session_id)
    assert await timed.provider_slots.in_use() == []
