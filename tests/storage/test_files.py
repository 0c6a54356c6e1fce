"""Encrypted files: whole or not there, bound to their place, openable after a rotation."""

import asyncio
import os
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import SystemClock
from interview.errors import CannotDecrypt, NotFound, StorageError
from interview.settings import Settings
from interview.storage import Storage
from tests.storage.builders import new_key, settings, turn

SEVERAL_CHUNKS = 700_000
"""Bytes; GridFS cuts at 255 KiB."""


@pytest.mark.parametrize("size", [0, 1, SEVERAL_CHUNKS])
async def test_a_file_is_read_as_it_was_written(storage: Storage, size: int) -> None:
    file_id, content = f"still:{uuid4()}", os.urandom(size)
    await storage.files.put(file_id, content, session_id="s", content_type="image/jpeg")
    assert await storage.files.get(file_id) == content


async def test_a_file_that_is_not_there_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound):
        await storage.files.get("nothing")


async def test_a_repeat_replaces_and_leaves_one_file(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    file_id, session_id = f"still:{uuid4()}", str(uuid4())
    for content in (b"one", b"two", b"two"):
        await storage.files.put(file_id, content, session_id=session_id, content_type="image/jpeg")
    assert await storage.files.get(file_id) == b"two"
    assert await storage.files.ids_of(session_id) == [file_id]
    assert await raw["files.files"].count_documents({"filename": file_id}) == 1


async def test_puts_of_one_file_at_once_do_not_mix(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    file_id, session_id = f"still:{uuid4()}", str(uuid4())
    contents = [bytes([n]) * SEVERAL_CHUNKS for n in range(4)]
    await asyncio.gather(
        *(storage.files.put(file_id, content, session_id=session_id, content_type="image/jpeg") for content in contents)
    )
    assert await storage.files.get(file_id) in contents
    assert await raw["files.files"].count_documents({"filename": file_id}) == 1


async def test_an_upload_that_was_cut_short_is_invisible_and_not_in_the_way(
    storage: Storage, raw: AsyncIOMotorDatabase
) -> None:
    file_id, session_id = f"recording:{uuid4()}", str(uuid4())
    # As GridFS writes it: the chunks, and only then the entry. The process died between the two.
    upload_id = f"{session_id}/{file_id}/0123456789abcdef"
    left = [{"files_id": upload_id, "n": n, "data": os.urandom(255 * 1024)} for n in range(2)]
    await raw["files.chunks"].insert_many(left)

    assert await storage.files.ids_of(session_id) == []
    with pytest.raises(NotFound):
        await storage.files.get(file_id)
    await storage.files.put(file_id, b"whole", session_id=session_id, content_type="audio/ogg")
    assert await storage.files.get(file_id) == b"whole"

    assert await storage.files.delete_of(session_id) == 1
    assert await raw["files.chunks"].count_documents({"files_id": {"$regex": f"^{session_id}/"}}) == 0


async def test_deleting_takes_one_sessions_files_and_no_others(storage: Storage) -> None:
    mine, other = str(uuid4()), str(uuid4())
    ids = sorted(f"still:{uuid4()}" for _ in range(3))
    for file_id in ids:
        await storage.files.put(file_id, b"jpeg", session_id=mine, content_type="image/jpeg")
    await storage.files.put(f"still:{other}", b"jpeg", session_id=other, content_type="image/jpeg")
    assert await storage.files.ids_of(mine) == ids
    assert await storage.files.delete_of(mine) == 3
    assert await storage.files.delete_of(mine) == 0
    assert await storage.files.ids_of(mine) == []
    assert await storage.files.get(f"still:{other}") == b"jpeg"


async def test_a_file_with_an_altered_byte_does_not_open(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    file_id, session_id = f"still:{uuid4()}", str(uuid4())
    await storage.files.put(file_id, b"jpeg" * 100, session_id=session_id, content_type="image/jpeg")
    entry = await raw["files.files"].find_one({"filename": file_id})
    assert entry is not None
    chunk = await raw["files.chunks"].find_one({"files_id": entry["_id"]})
    assert chunk is not None
    altered = bytearray(chunk["data"])
    altered[50] ^= 1
    await raw["files.chunks"].update_one({"_id": chunk["_id"]}, {"$set": {"data": bytes(altered)}})
    with pytest.raises(CannotDecrypt):
        await storage.files.get(file_id)


async def test_a_file_put_in_anothers_place_does_not_open(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    file_id = f"still:{uuid4()}"
    await storage.files.put(file_id, b"jpeg", session_id="s", content_type="image/jpeg")
    await raw["files.files"].update_one({"filename": file_id}, {"$set": {"filename": f"{file_id}-other"}})
    with pytest.raises(CannotDecrypt):
        await storage.files.get(f"{file_id}-other")


async def test_a_file_that_lost_a_chunk_is_reported_as_damaged(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    file_id = f"still:{uuid4()}"
    await storage.files.put(file_id, os.urandom(SEVERAL_CHUNKS), session_id="s", content_type="image/jpeg")
    entry = await raw["files.files"].find_one({"filename": file_id})
    assert entry is not None
    await raw["files.chunks"].delete_one({"files_id": entry["_id"], "n": 1})
    with pytest.raises(StorageError) as damaged:
        await storage.files.get(file_id)
    assert damaged.value.code == "file_damaged"


async def test_text_that_was_altered_or_moved_does_not_open(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    first, second = turn(str(uuid4())), turn(str(uuid4()))
    for one in (first, second):
        await storage.turns.append(one)
    stored = await raw["turns"].find_one({"_id": first.turn_id})
    assert stored is not None
    await raw["turns"].update_one({"_id": second.turn_id}, {"$set": {"sealed": stored["sealed"]}})
    with pytest.raises(CannotDecrypt):
        await storage.turns.of(second.session_id)
    assert await storage.turns.of(first.session_id) == [first]


async def test_after_a_rotation_old_and_new_both_open_and_without_the_key_neither(
    mongo_uri: str, database_name: str
) -> None:
    old, new = new_key("old"), new_key("new")
    session_id = str(uuid4())

    async def connect(keys: str) -> Storage:
        changed: Settings = settings(mongo_uri, database_name, encryption_keys=keys)
        return await Storage.connect(changed, SystemClock())

    before, after, without = await connect(old), await connect(f"{new},{old}"), await connect(new_key("new"))
    written = [turn(session_id, 0), turn(session_id, 1)]
    await before.turns.append(written[0])
    await before.files.put(f"old:{session_id}", b"old", session_id=session_id, content_type="audio/ogg")
    await after.turns.append(written[1])
    await after.files.put(f"new:{session_id}", b"new", session_id=session_id, content_type="audio/ogg")

    assert await after.turns.of(session_id) == written
    assert await after.files.get(f"old:{session_id}") == b"old"
    with pytest.raises(CannotDecrypt):
        await before.files.get(f"new:{session_id}")
    for unreadable in (
        without.turns.of(session_id),
        without.files.get(f"old:{session_id}"),
        without.files.get(f"new:{session_id}"),
    ):
        with pytest.raises(CannotDecrypt):
            await unreadable
    for one in (before, after, without):
        await one.close()
