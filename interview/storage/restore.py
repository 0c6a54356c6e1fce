"""Putting a backup back: checked to its end before the first write, and with what was erased since erased again."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bson.raw_bson import RawBSONDocument
from pymongo.errors import BulkWriteError

from interview.clock import Clock
from interview.errors import ConfigurationError, Conflict, Invalid
from interview.session import Status
from interview.settings import Settings
from interview.storage import archive
from interview.storage.archive import Manifest
from interview.storage.audit import SHAPE as AUDIT
from interview.storage.backup import NOT_KEPT, raw_collection, raw_documents, schema_versions
from interview.storage.crypto import Keyring, format_keys, parse_keys
from interview.storage.keyfile import KeyFile
from interview.storage.maintenance import alone
from interview.storage.migrations import SHAPE as MIGRATIONS
from interview.storage.sessions import SHAPE as SESSIONS
from interview.storage.store import Storage
from interview.storage.verify import verify

_AT_ONCE_BYTES = 8 << 20
_DUPLICATE_KEY = 11000
OnProgress = Callable[[str, int], None]
"""Told the collection, and how many documents of it are done."""


@dataclass(frozen=True)
class Restored:
    """What came of a restore. `problems` are those that `verify` found."""

    made_at: datetime
    counts: dict[str, int]
    erased_again: int
    anonymised_again: int
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Forgotten:
    """What the database that is replaced knows to have been erased or anonymised."""

    tombstones: Mapping[str, RawBSONDocument]
    anonymised: tuple[str, ...]


async def restore(
    path: Path,
    settings: Settings,
    clock: Clock,
    *,
    replace: bool = False,
    passphrase: str | None = None,
    on_progress: OnProgress = lambda _, __: None,
) -> Restored:
    """Put a backup into the database that the settings name, and its keys into their key file. Nothing else may run.

    Before the first write the archive is read to its end and its checksums compared. The audit log is merged, never
    shortened. Sessions that the present database knows as erased or anonymised are so again afterwards.

    Raises `Invalid` (`archive_damaged`, `archive_newer`, `passphrase_missing`, `passphrase_wrong`), `Conflict`
    (`database_not_empty`, unless `replace`; `maintenance_underway`), and `ConfigurationError` when the keys are a
    setting that lacks one of the archive's.
    """
    manifest, keys_text = await asyncio.to_thread(archive.check, path, passphrase)
    archived = parse_keys(keys_text, f"{path}: {archive.KEYS}")
    keys = _merged(settings, archived)
    storage = await Storage.connect(settings, clock, Keyring(keys))
    try:
        _check_versions(manifest, storage)
        async with alone(storage, "restore"):
            if not replace:
                await _check_empty(storage)
            forgotten = await _forgotten(storage)
            _write_keys(settings, keys, clock.now())
            await _empty(storage)
            await _insert(storage, path, passphrase, on_progress)
            erased, anonymised = await _forget_again(storage, forgotten)
            while await storage.migrate():
                pass
            problems = tuple(await verify(storage))
    finally:
        await storage.close()
    return Restored(manifest.made_at, manifest.counts, erased, anonymised, problems)


def _merged(settings: Settings, archived: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the keys that are there and, after them, those of the archive; of one id the archive's.

    Where an id stands for two keys, the present one opens nothing that will be left.
    """
    file = settings.encryption_keys_file
    if file is not None:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        present = parse_keys(text, str(file)) if text.strip() else {}
        return {**present, **archived}
    present = parse_keys(settings.encryption_keys.get_secret_value(), "ENCRYPTION_KEYS")
    if lacking := [key_id for key_id, key in archived.items() if present.get(key_id) != key]:
        raise ConfigurationError(
            f"ENCRYPTION_KEYS lacks the archive's keys {', '.join(lacking)}, without which it cannot be read; set "
            "ENCRYPTION_KEYS_FILE instead, to a file that may be missing: the keys are written there"
        )
    return present


def _write_keys(settings: Settings, keys: Mapping[str, bytes], now: datetime) -> None:
    """Write the key file; where a key in it had to give way, the old file is kept beside it."""
    path = settings.encryption_keys_file
    if path is None:
        return
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    present = parse_keys(before, str(path)) if before.strip() else {}
    if present == keys:
        return
    if any(keys[key_id] != key for key_id, key in present.items()):
        KeyFile(path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%S}")).replace(before)
    KeyFile(path).replace(format_keys(keys))


def _check_versions(manifest: Manifest, storage: Storage) -> None:
    known = schema_versions(storage)
    newer = sorted(name for name, version in manifest.schema_versions.items() if version > known.get(name, -1))
    if newer:
        raise Invalid(f"a newer Viva made this archive (see {', '.join(newer)}); update first", code="archive_newer")


async def _check_empty(storage: Storage) -> None:
    database = storage.database
    for name in await _collections(storage):
        if name not in NOT_KEPT | {MIGRATIONS.collection}:
            found = await database.run(lambda name=name: database.motor[name].find_one({}, {"_id": 1}))
            if found is not None:
                raise Conflict(
                    f"the database is not empty: it holds {name}. `--replace` puts the backup in its place, and what "
                    "was written since the backup is lost",
                    code="database_not_empty",
                )


async def _forgotten(storage: Storage) -> _Forgotten:
    gone = {"status": {"$in": [Status.DELETED.value]}}
    tombstones = {str(one["_id"]): one async for one in raw_documents(storage, SESSIONS.collection, gone)}
    anonymised = await storage.sessions.collection.keys({"anonymised_at": {"$ne": None}})
    return _Forgotten(tombstones, tuple(anonymised))


async def _empty(storage: Storage) -> None:
    database = storage.database
    for name in await _collections(storage):
        if name not in NOT_KEPT | {AUDIT.collection}:
            await database.run(lambda name=name: database.motor[name].delete_many({}))


async def _insert(storage: Storage, path: Path, passphrase: str | None, on_progress: OnProgress) -> None:
    done: dict[str, int] = {}
    members = archive.members_of(path, passphrase)
    while (member := await asyncio.to_thread(next, members, None)) is not None:
        collection, separator, _ = member[0].partition("/")
        if not separator:
            continue
        batch: list[RawBSONDocument] = []
        size = 0
        for document in _split(member[1]):
            batch.append(document)
            size += len(document.raw)
            if size > _AT_ONCE_BYTES:
                await _insert_batch(storage, collection, batch)
                batch, size = [], 0
            done[collection] = done.get(collection, 0) + 1
            on_progress(collection, done[collection])
        await _insert_batch(storage, collection, batch)


async def _insert_batch(storage: Storage, name: str, batch: list[RawBSONDocument]) -> None:
    if not batch:
        return
    collection = raw_collection(storage, name)

    async def insert() -> None:
        try:
            await collection.insert_many(batch, ordered=False)
        except BulkWriteError as error:
            codes = {one["code"] for one in error.details["writeErrors"]}
            # an entry of the audit log may be there already; nothing else can be
            if name != AUDIT.collection or codes != {_DUPLICATE_KEY}:
                raise

    await storage.database.run(insert)


def _split(content: bytes) -> list[RawBSONDocument]:
    documents: list[RawBSONDocument] = []
    start = 0
    while start < len(content):
        end = start + int.from_bytes(content[start : start + 4], "little")
        documents.append(RawBSONDocument(content[start:end]))
        start = end
    return documents


async def _forget_again(storage: Storage, forgotten: _Forgotten) -> tuple[int, int]:
    """Erase and anonymise what was; return how many of each had come back.

    Also what the archive itself holds of a session that was erased while it was made.
    """
    restored = set(await storage.sessions.collection.keys({}))
    half_erased = set(await storage.sessions.erased_ids())
    came_back = (forgotten.tombstones.keys() & restored) - half_erased
    for session_id in sorted(came_back | half_erased):
        await storage.erase_session(session_id)
    missing = [forgotten.tombstones[session_id] for session_id in sorted(forgotten.tombstones.keys() - restored)]
    await _insert_batch(storage, SESSIONS.collection, missing)
    named = 0
    for session_id in sorted(restored.intersection(forgotten.anonymised)):
        if (await storage.sessions.get(session_id)).is_kept:
            named += 1
            try:
                await storage.anonymise_session(session_id)
            except Conflict:  # in the backup it had not ended yet, and so cannot be anonymised
                await storage.erase_session(session_id)
    return len(came_back), named


async def _collections(storage: Storage) -> list[str]:
    database = storage.database
    names = await database.run(lambda: database.motor.list_collection_names())
    return sorted(name for name in names if not name.startswith("system."))
