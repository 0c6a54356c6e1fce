"""Sealing everything again with the key that seals now, while everything runs.

A value is replaced by compare-and-set on the old value, so that a concurrent writer never loses. A file is replaced by
a new upload under the old one's date: a newer upload of the same file goes on winning. Cut short, it is repeated and
finds the rest.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from interview.errors import CannotDecrypt, StorageUnavailable
from interview.storage.base import SEALED, Collection
from interview.storage.crypto import key_id_of
from interview.storage.maintenance import alone
from interview.storage.store import Storage
from interview.watched_file import LOOK_EVERY_S


@dataclass
class Progress:
    """How far a pass has come."""

    seen: int = 0
    resealed: int = 0
    lost: list[str] = field(default_factory=list[str])
    """What no key opens, by collection and id: it stays as it is."""


@dataclass(frozen=True)
class Rotation:
    """What came of a rotation."""

    key_id: str
    """The key that seals now."""
    added: bool
    resumed: bool
    """Whether an earlier rotation had left something to do."""
    resealed: int
    left: dict[str, int]
    """How many values the other keys still seal, by their ids."""
    lost: tuple[str, ...]
    dropped: tuple[str, ...]
    """The ids of the keys that the file holds no more."""


_PASSES = 5
OnProgress = Callable[[Progress], None]


def settle_s(wait_s: float) -> float:
    """Return after how many seconds nobody seals with the old key any more and no such value is still on its way.

    A process takes the new key within `LOOK_EVERY_S`, and a write that it had sealed before arrives within `wait_s`
    (MONGODB_WAIT_S) or not at all.
    """
    return LOOK_EVERY_S + wait_s + 1


async def reseal(storage: Storage, on_progress: OnProgress = lambda _: None) -> Progress:
    """Seal every sealed field and file again that is not sealed with the current key, one after the other.

    What changes meanwhile is left to its writer. Raises `StorageUnavailable`; what was done until then stays done.
    """
    current = storage.database.keyring.current
    progress = Progress()
    for collection in storage.collections:
        async for key, sealed in _sealed_values(collection):
            progress.seen += 1
            if key_id_of(sealed) != current:
                await _tally(progress, f"{collection.shape.collection}:{key}", collection.reseal(key, sealed))
            on_progress(progress)
    async for upload_id, file_id, key_id in storage.files.sealed_uploads():
        progress.seen += 1
        if key_id != current:
            await _tally(progress, f"file {file_id}", storage.files.reseal(upload_id))
        on_progress(progress)
    return progress


async def keys_in_use(storage: Storage) -> dict[str, int]:
    """Count how many stored values are sealed with each key, by its id."""
    counts: Counter[str] = Counter()
    for collection in storage.collections:
        async for _, sealed in _sealed_values(collection):
            counts[key_id_of(sealed) or "?"] += 1
    async for _, _, key_id in storage.files.sealed_uploads():
        counts[key_id or "?"] += 1
    return dict(counts)


async def rotate(
    storage: Storage,
    *,
    add_key: bool = True,
    drop_old: bool = False,
    wait_s: float,
    on_progress: OnProgress = lambda _: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Rotation:
    """Put a new key in front of the key file, seal everything with it, and look that nothing is left of the others.

    No key is added where the keys are a setting, where `add_key` says so, or where an earlier rotation was cut short:
    that one is finished. The old keys leave the file only if `drop_old` asks for it, all processes have had the time to
    take the new one (`settle_s` of `wait_s`), and nothing is left that they seal. Raises `Conflict`
    (`maintenance_underway`), `StorageUnavailable`.
    """
    ring = storage.database.keyring
    async with alone(storage, "rotate"):
        unfinished = set(await keys_in_use(storage)) - {ring.current}
        added = add_key and ring.follows_a_file and not unfinished
        if added:
            ring.put_new_key_in_front()
        progress = await reseal(storage, on_progress)
        if drop_old and ring.follows_a_file:
            await sleep(settle_s(wait_s))
        left: dict[str, int] = {}
        for _ in range(_PASSES):
            left = {key_id: n for key_id, n in (await keys_in_use(storage)).items() if key_id != ring.current}
            if not left or progress.lost:
                break
            progress.resealed += (await reseal(storage, on_progress)).resealed
        dropped: tuple[str, ...] = ()
        if drop_old and ring.follows_a_file and not left:
            dropped = ring.keep_current_key_only()
    return Rotation(ring.current, added, bool(unfinished), progress.resealed, left, tuple(progress.lost), dropped)


async def _sealed_values(collection: Collection[Any]) -> AsyncIterator[tuple[str, bytes]]:
    if not collection.shape.sealed:
        return
    async for document in collection.documents((SEALED,)):
        sealed = document.get(SEALED)
        if isinstance(sealed, bytes):
            yield str(document["_id"]), sealed


async def _tally(progress: Progress, where: str, resealing: Awaitable[bool]) -> None:
    try:
        progress.resealed += await resealing
    except StorageUnavailable:
        raise
    except CannotDecrypt:
        progress.lost.append(where)
