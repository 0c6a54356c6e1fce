"""A backup comes back whole or not at all, and what was erased since stays erased."""

import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.errors import ConfigurationError, Conflict, Invalid
from interview.session import Candidate, Status
from interview.settings import Settings
from interview.storage import Storage
from interview.storage.archive import members_of
from interview.storage.backup import back_up
from interview.storage.crypto import format_keys, new_key, parse_keys
from interview.storage.restore import restore
from interview.storage.verify import verify
from tests.storage.builders import NOON, WORDS, session, settings
from tests.storage.test_privacy import dump, whole_interview

PASSPHRASE = "a long sentence that nobody guesses"


class Place:
    """A database and a key file of its own."""

    def __init__(self, mongo_uri: str, folder: Path, client: AsyncIOMotorClient) -> None:
        self.key_file = folder / f"{uuid4().hex[:8]}.keys"
        self.raw: AsyncIOMotorDatabase = client[f"backup_{uuid4().hex[:12]}"]
        self.settings: Settings = settings(mongo_uri, self.raw.name, encryption_keys_file=self.key_file)

    async def connect(self) -> Storage:
        if not self.key_file.exists():
            self.key_file.write_text(format_keys(dict([new_key()])))
        return await Storage.connect(self.settings, VirtualClock(NOON))


@pytest_asyncio.fixture
async def places(mongo_uri: str, tmp_path: Path) -> AsyncIterator[tuple[Place, Place]]:
    """Where a backup is made, and another place."""
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True)
    both = Place(mongo_uri, tmp_path, client), Place(mongo_uri, tmp_path, client)
    yield both
    for place in both:
        await client.drop_database(place.raw.name)
    client.close()


async def backed_up(place: Place, path: Path, **given: Any) -> list[str]:
    """Store three interviews and a running session, back them up, and return the ids of the three."""
    storage = await place.connect()
    made = [await whole_interview(storage) for _ in range(3)]
    await storage.files.put("big", os.urandom(3_000_000), session_id=made[0].session_id, content_type="audio/ogg")
    await storage.erase_session(made[2].session_id)
    await back_up(storage, path, VirtualClock(NOON), **given)
    await storage.close()
    return [one.session_id for one in made]


def files_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def beside_files(place: Place) -> list[Path]:
    return list(place.key_file.parent.glob(f"{place.key_file.name}.before-*"))


def without_moment(dumped: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in dumped.items() if name not in ("leases", "rate_windows") and content}


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
async def test_everything_comes_back_into_an_empty_database_with_an_empty_key_file(
    places: tuple[Place, Place], tmp_path: Path, passphrase: str | None
) -> None:
    there, here = places
    path = tmp_path / "viva.backup"
    ids = await backed_up(there, path, passphrase=passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    here.key_file.write_text("")

    told = await restore(path, here.settings, VirtualClock(NOON), passphrase=passphrase)
    assert told.problems == ()
    assert here.key_file.read_text() == there.key_file.read_text()
    assert stat.S_IMODE(here.key_file.stat().st_mode) == 0o600
    storage = await here.connect()
    assert (await storage.turns.of(ids[0]))[0].text == WORDS
    assert len(await storage.files.get("big")) == 3_000_000
    assert (await storage.sessions.get(ids[2])).status is Status.DELETED
    assert await verify(storage) == []
    await storage.close()
    before, after = without_moment(await dump(there.raw)), without_moment(await dump(here.raw))
    assert {name: sorted(content) for name, content in after.items()} == {
        name: sorted(content) for name, content in before.items()
    }


async def test_an_archive_that_is_encrypted_shows_nothing_and_opens_with_its_passphrase_only(
    places: tuple[Place, Place], tmp_path: Path
) -> None:
    there, here = places
    path = tmp_path / "viva.backup"
    await backed_up(there, path, passphrase=PASSPHRASE)
    content = path.read_bytes()
    for word in (b"quokka", b"manifest", *there.key_file.read_bytes().split(b":")):
        assert word not in content
    for passphrase, code in ((None, "passphrase_missing"), ("another", "passphrase_wrong")):
        with pytest.raises(Invalid) as refused:
            await restore(path, here.settings, VirtualClock(NOON), passphrase=passphrase)
        assert refused.value.code == code


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
async def test_a_damaged_archive_restores_nothing(
    places: tuple[Place, Place], tmp_path: Path, passphrase: str | None
) -> None:
    there, here = places
    path = tmp_path / "viva.backup"
    await backed_up(there, path, passphrase=passphrase)
    whole = path.read_bytes()
    assert len(whole) > 3_000_000
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for spoiled in (whole[: len(whole) // 2], whole[: -(1 << 20)], bytes(flipped), whole[:100], b""):
        path.write_bytes(spoiled)
        with pytest.raises(Invalid) as refused:
            await restore(path, here.settings, VirtualClock(NOON), passphrase=passphrase)
        assert refused.value.code in ("archive_damaged", "passphrase_wrong")
        assert not here.key_file.exists()
        assert await here.raw.list_collection_names() == []


async def test_a_backup_never_replaces_a_file_and_leaves_none_that_is_half(
    places: tuple[Place, Place], tmp_path: Path
) -> None:
    storage = await places[0].connect()
    await whole_interview(storage)
    path = tmp_path / "viva.backup"
    path.write_text("mine")
    with pytest.raises(Conflict) as refused:
        await back_up(storage, path, VirtualClock(NOON))
    assert refused.value.code == "file_exists"
    assert path.read_text() == "mine"

    def dies(*_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await back_up(storage, tmp_path / "other", VirtualClock(NOON), on_progress=dies)
    assert files_in(tmp_path) == sorted([path.name, places[0].key_file.name])
    await storage.close()


async def test_a_database_that_is_not_empty_is_left_alone_unless_it_is_to_be_replaced(
    places: tuple[Place, Place], tmp_path: Path
) -> None:
    there, here = places
    path = tmp_path / "viva.backup"
    ids = await backed_up(there, path)
    storage = await here.connect()
    mine = session()
    await storage.sessions.add(mine)
    await storage.audit.add("user:1", "create session", f"session:{mine.session_id}")
    own_key = here.key_file.read_text()

    with pytest.raises(Conflict) as refused:
        await restore(path, here.settings, VirtualClock(NOON))
    assert refused.value.code == "database_not_empty"
    assert await storage.sessions.get(mine.session_id) == mine
    assert here.key_file.read_text() == own_key

    told = await restore(path, here.settings, VirtualClock(NOON), replace=True)
    assert told.problems == ()
    assert list(parse_keys(here.key_file.read_text(), "")) == [
        *parse_keys(own_key, ""),
        *parse_keys(there.key_file.read_text(), ""),
    ]
    assert await storage.sessions.collection.get(mine.session_id) is None
    assert len(await storage.audit.of_subject(f"session:{mine.session_id}")) == 1
    assert (await storage.turns.of(ids[0]))[0].text == WORDS
    await storage.close()


async def test_what_was_erased_or_anonymised_after_the_backup_is_so_again(
    places: tuple[Place, Place], tmp_path: Path
) -> None:
    here, _ = places
    path = tmp_path / "viva.backup"
    erased, anonymised, _ = await backed_up(here, path)
    storage = await here.connect()
    await storage.erase_session(erased)
    await storage.anonymise_session(anonymised)
    newer = await whole_interview(storage, candidate=Candidate(name="Newer", email="newer@x.com"))
    await storage.erase_session(newer.session_id)
    kept_audit = await storage.audit.collection.count({})

    told = await restore(path, here.settings, VirtualClock(NOON), replace=True)
    assert (told.erased_again, told.anonymised_again, told.problems) == (1, 1, ())
    for session_id in (erased, newer.session_id):
        assert (await storage.sessions.get(session_id)).status is Status.DELETED
        assert await storage.turns.of(session_id) == []
        assert await storage.files.ids_of(session_id) == []
    assert (await storage.sessions.get(anonymised)).candidate.name == "anonymised"
    assert [turn.text for turn in await storage.turns.of(anonymised)] == [""]
    assert await storage.audit.collection.count({}) >= kept_audit
    content = b"".join((await dump(here.raw)).values())
    assert b"zephyrine@" not in content.lower()
    await storage.close()


async def test_an_old_backup_is_brought_up_to_date(places: tuple[Place, Place], tmp_path: Path) -> None:
    there, here = places
    storage = await there.connect()
    old = session()
    await storage.sessions.add(old)
    update = {"$unset": {"candidate_email": "", "retention_mark": ""}, "$set": {"schema_version": 1}}
    await there.raw["sessions"].update_one({"_id": old.session_id}, update)
    await there.raw["migrations"].delete_many({})
    await back_up(storage, tmp_path / "old", VirtualClock(NOON))
    await storage.close()

    await restore(tmp_path / "old", here.settings, VirtualClock(NOON))
    storage = await here.connect()
    assert [one.session_id for one in await storage.sessions.of_email(old.candidate.email)] == [old.session_id]
    await storage.close()


async def test_a_backup_of_a_newer_viva_is_refused(
    places: tuple[Place, Place], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, here = places
    monkeypatch.setattr("interview.storage.backup.schema_versions", lambda _: {"sessions": 99})
    await backed_up(there, tmp_path / "newer")
    with pytest.raises(Invalid) as refused:
        await restore(tmp_path / "newer", here.settings, VirtualClock(NOON))
    assert refused.value.code == "archive_newer"
    assert not here.key_file.exists()


async def test_keys_that_are_a_setting_must_open_the_archive(
    mongo_uri: str, places: tuple[Place, Place], tmp_path: Path
) -> None:
    there, here = places
    await backed_up(there, tmp_path / "b")
    with pytest.raises(ConfigurationError, match="lacks the archive's keys"):
        await restore(tmp_path / "b", settings(mongo_uri, here.raw.name), VirtualClock(NOON))
    own = settings(mongo_uri, here.raw.name, encryption_keys=there.key_file.read_text().replace("\n", ",").strip(","))
    assert (await restore(tmp_path / "b", own, VirtualClock(NOON))).problems == ()


async def test_a_key_with_a_taken_id_gives_way_and_is_kept_beside(places: tuple[Place, Place], tmp_path: Path) -> None:
    there, here = places
    there.key_file.write_text(format_keys({"k1": bytes(32)}))
    here.key_file.write_text(format_keys({"k1": bytes(31) + b"x"}))
    await backed_up(there, tmp_path / "b")
    assert (await restore(tmp_path / "b", here.settings, VirtualClock(NOON))).problems == ()
    (beside,) = beside_files(here)
    assert parse_keys(beside.read_text(), "") == {"k1": bytes(31) + b"x"}
    assert parse_keys(here.key_file.read_text(), "") == {"k1": bytes(32)}


async def test_members_are_bounded(places: tuple[Place, Place], tmp_path: Path) -> None:
    storage = await places[0].connect()
    one = await whole_interview(storage)
    for n in range(5):
        await storage.files.put(f"f{n}", os.urandom(8_000_000), session_id=one.session_id, content_type="audio/ogg")
    await back_up(storage, tmp_path / "b", VirtualClock(NOON))
    await storage.close()
    sizes = [len(content) for _, content in members_of(tmp_path / "b", None)]
    assert max(sizes) <= 16 << 20
    assert sum(sizes) > 40_000_000
