"""A new key takes the old one's place while everything runs, and nothing is lost on the way."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.errors import Conflict
from interview.storage import Storage
from interview.storage.crypto import Keyring, format_keys, new_key, parse_keys
from interview.storage.keyfile import KeyFile
from interview.storage.rotation import Progress, keys_in_use, reseal, rotate, settle_s
from interview.storage.verify import verify
from tests.storage.builders import NOON, WORDS, session, settings, turn
from tests.storage.test_privacy import whole_interview

AUDIO = os.urandom(700_000)
"""Several chunks."""


@pytest_asyncio.fixture
async def key_file(tmp_path: Path) -> KeyFile:
    file = KeyFile(tmp_path / "encryption.keys")
    file.replace(format_keys(dict([new_key()])))
    return file


@pytest_asyncio.fixture
async def house(mongo_uri: str, timed_raw: AsyncIOMotorDatabase, key_file: KeyFile) -> AsyncIterator[Storage]:
    connected = await connect(mongo_uri, timed_raw, key_file)
    yield connected
    await connected.close()


async def connect(mongo_uri: str, raw: AsyncIOMotorDatabase, file: KeyFile) -> Storage:
    return await Storage.connect(settings(mongo_uri, raw.name, encryption_keys_file=file.path), VirtualClock(NOON))


def put_in_front(ring: Keyring) -> str:
    ring.put_new_key_in_front()
    return ring.current


async def test_everything_is_sealed_with_the_new_key_and_the_old_one_can_go(
    house: Storage, mongo_uri: str, timed_raw: AsyncIOMotorDatabase, key_file: KeyFile
) -> None:
    interviews = [await whole_interview(house) for _ in range(3)]
    await house.files.put("big", AUDIO, session_id=interviews[0].session_id, content_type="audio/ogg")
    (old,) = await keys_in_use(house)

    new = put_in_front(house.database.keyring)
    progress = await reseal(house)

    assert progress.lost == []
    assert progress.seen == progress.resealed == sum((await keys_in_use(house)).values())
    assert set(await keys_in_use(house)) == {new}
    assert (await reseal(house)).resealed == 0

    key_file.replace(format_keys({new: house.database.keyring.keys[new]}))
    later = await connect(mongo_uri, timed_raw, key_file)
    assert old not in later.database.keyring.keys
    assert await verify(later) == []
    assert (await later.turns.of(interviews[2].session_id))[0].text == WORDS
    assert await later.files.get("big") == AUDIO
    assert await timed_raw["files.files"].count_documents({"filename": "big"}) == 1
    await later.close()


async def test_a_rotation_that_was_cut_short_is_finished_by_its_repeat(house: Storage, key_file: KeyFile) -> None:
    for _ in range(2):
        await whole_interview(house)
    new = put_in_front(house.database.keyring)

    class Killed(Exception):
        pass

    for last in (1, 4, 7):

        def die(progress: Progress, last: int = last) -> None:
            if progress.seen == last:
                raise Killed

        with pytest.raises(Killed):
            await reseal(house, die)
        assert await verify(house) == []
    await reseal(house)
    assert set(await keys_in_use(house)) == {new}
    assert await verify(house) == []


async def test_writers_and_readers_go_on_while_keys_rotate(
    house: Storage, mongo_uri: str, timed_raw: AsyncIOMotorDatabase, key_file: KeyFile
) -> None:
    other = await connect(mongo_uri, timed_raw, key_file)  # has not seen the new key when it begins to read
    live = session()
    session_id = live.session_id
    await house.sessions.add(live)
    for seq in range(20):
        await house.turns.append(turn(session_id, seq))
        await house.files.put(f"f{seq}", b"first", session_id=session_id, content_type="audio/ogg")
    put_in_front(house.database.keyring)

    async def write() -> None:
        for seq in range(20):
            await other.files.put(f"f{seq}", b"second", session_id=session_id, content_type="audio/ogg")
            await other.turns.append(turn(session_id, 20 + seq))

    async def read() -> None:
        for _ in range(10):
            assert {one.text for one in await other.turns.of(session_id)} == {WORDS}
            assert await other.files.get("f19") in (b"first", b"second")

    await asyncio.gather(reseal(house), write(), read())
    await reseal(house)

    assert set(await keys_in_use(house)) == {house.database.keyring.current}
    for seq in range(20):
        assert await house.files.get(f"f{seq}") == b"second"
    assert len(await house.turns.of(session_id)) == 40
    assert await verify(house) == []
    await other.close()


async def test_what_is_erased_while_keys_rotate_stays_erased(house: Storage, key_file: KeyFile) -> None:
    interviews = [await whole_interview(house) for _ in range(4)]
    put_in_front(house.database.keyring)
    await asyncio.gather(reseal(house), *(house.erase_session(one.session_id) for one in interviews))
    assert await verify(house) == []
    for one in interviews:
        assert await house.files.ids_of(one.session_id) == []


async def test_what_no_key_opens_is_named_and_left_as_it_is(
    house: Storage, timed_raw: AsyncIOMotorDatabase, key_file: KeyFile
) -> None:
    written = await whole_interview(house)
    strange = Keyring(dict([new_key()])).seal(b"{}", "elsewhere")
    key = f"{written.session_id}:0"
    await timed_raw["turns"].update_one({"_id": key}, {"$set": {"sealed": strange}})
    put_in_front(house.database.keyring)

    assert (await reseal(house)).lost == [f"turns:{key}"]
    kept = await timed_raw["turns"].find_one({"_id": key})
    assert kept is not None
    assert kept["sealed"] == strange


async def test_rotating_adds_a_key_and_keeps_the_old_one_until_it_is_asked_to_drop_it(
    house: Storage, key_file: KeyFile
) -> None:
    await whole_interview(house)
    (old,) = house.database.keyring.keys
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    first = await rotate(house, wait_s=30, sleep=sleep)
    assert (first.added, first.left, first.lost, first.dropped, waited) == (True, {}, (), (), [])
    assert list(house.database.keyring.keys) == [first.key_id, old]

    second = await rotate(house, add_key=False, drop_old=True, wait_s=30, sleep=sleep)
    assert (second.key_id, second.added, second.resealed, second.dropped) == (first.key_id, False, 0, (old,))
    assert waited == [settle_s(30)]
    assert list(parse_keys(key_file.read(), "file")) == [first.key_id]
    assert await verify(house) == []


async def test_a_rotation_that_was_cut_short_is_finished_before_another_begins(house: Storage) -> None:
    await whole_interview(house)
    new = put_in_front(house.database.keyring)
    finished = await rotate(house, wait_s=0)
    assert (finished.key_id, finished.added, finished.resumed) == (new, False, True)
    assert set(await keys_in_use(house)) == {new}


async def test_an_old_key_that_something_still_needs_is_not_dropped(
    house: Storage, timed_raw: AsyncIOMotorDatabase
) -> None:
    written = await whole_interview(house)
    (old,) = house.database.keyring.keys
    damaged = house.database.keyring.seal(b"{}", "elsewhere")
    await timed_raw["turns"].update_one({"_id": f"{written.session_id}:0"}, {"$set": {"sealed": damaged}})

    async def sleep(_: float) -> None: ...

    told = await rotate(house, drop_old=True, wait_s=0, sleep=sleep)
    assert (told.left, told.dropped) == ({old: 1}, ())
    assert told.lost == (f"turns:{written.session_id}:0",)
    assert old in house.database.keyring.keys


async def test_two_rotations_do_not_run_at_once(house: Storage) -> None:
    await whole_interview(house)
    told = await asyncio.gather(rotate(house, wait_s=0), rotate(house, wait_s=0), return_exceptions=True)
    refused = [one for one in told if isinstance(one, Conflict)]
    assert [one.code for one in refused] == ["maintenance_underway"]
    await rotate(house, wait_s=0)


async def test_keys_that_are_a_setting_are_sealed_with_and_never_changed(timed: Storage) -> None:
    await whole_interview(timed)
    told = await rotate(timed, drop_old=True, wait_s=0)
    assert (told.added, told.dropped, told.left) == (False, (), {})
