"""What processes that died left in their spools on this machine: it is written by whoever finds it."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from interview.errors import CannotDecrypt, Conflict, NotFound, StaleAttempt, StorageUnavailable, VivaError
from interview.spool import UNNAMED, Folder, folders
from interview.storage import Storage
from interview.storage.crypto import Keyring
from interview.writes import Write, Writer

log = logging.getLogger(__name__)

_UNNAMED_FOR_S = 60.0
"""A folder that has no name by then never gets one: its process died while it made it."""
_LOOK_AGAIN_S = 0.1
_NOT_A_WRITE = (ValueError, KeyError, TypeError)


class Leftovers:
    """The spools of dead processes in one folder. A spool is written by one process at a time: who has its lock."""

    def __init__(self, root: Path, keyring: Keyring, keep_s: float, seconds: Callable[[], float] = time.time) -> None:
        self._root = root
        self._keyring = keyring
        self._keep_s = keep_s
        self._seconds = seconds
        self._complained: set[str] = set()

    async def waiting(self, session_id: str = "") -> bool:
        """Tell whether there is a spool, of a session or of any, whose process is dead; delete what is too old."""
        return any([await asyncio.to_thread(self._is_left, path) for path in await self._found(session_id)])

    async def write_all(self, storage: Storage, session_id: str = "") -> int:
        """Write what dead processes left, of a session or of all; return how many writes were done.

        What can never be written is set aside, what belongs to an erased session deleted. Raises `StorageUnavailable`;
        what was not written by then stays.
        """
        written = 0
        for path in await self._found(session_id):
            if path.name.startswith(UNNAMED):
                continue
            folder = await asyncio.to_thread(Folder.take, path, self._keyring)
            if folder is None:
                continue
            try:
                written += await self._write(storage, folder)
            finally:
                await asyncio.to_thread(folder.release)
        return written

    async def write_before(self, storage: Storage, session_id: str, within_s: float) -> int:
        """Write what earlier attempts of a session left here, so that the next one reads it.

        Where another process is just writing it, waits for it, but no longer than `within_s`. Raises
        `StorageUnavailable`.
        """
        until = time.monotonic() + within_s
        written = await self.write_all(storage, session_id)
        while await self._found(session_id) and time.monotonic() < until:
            await asyncio.sleep(_LOOK_AGAIN_S)
            written += await self.write_all(storage, session_id)
        return written

    async def _found(self, session_id: str) -> list[Path]:
        found = await asyncio.to_thread(lambda: list(folders(self._root)))
        return [path for path in found if path.name.startswith(session_id)]

    def _is_left(self, path: Path) -> bool:
        if path.name.startswith(UNNAMED):
            self._remove_old(path, _UNNAMED_FOR_S)
            return False
        folder = Folder.take(path, self._keyring)
        if folder is None:
            return False
        numbers = folder.numbers()
        if self._seconds() - folder.changed_at() > self._keep_s:
            log.error("session %s: %d writes waited too long and are deleted", folder.session_id, len(numbers))
            folder.remove()
            return False
        folder.release()
        return bool(numbers)  # what was set aside is looked at with the next that waits, or is too old one day

    def _remove_old(self, path: Path, older_than_s: float) -> None:
        try:
            if self._seconds() - path.stat().st_mtime > older_than_s:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            return  # it has its name now

    async def _write(self, storage: Storage, folder: Folder) -> int:
        numbers = await asyncio.to_thread(folder.numbers)
        if not numbers and not await asyncio.to_thread(folder.holds_anything):
            return 0
        if not await _is_kept(storage, folder.session_id):
            log.warning("session %s was erased, and %d writes that waited with it", folder.session_id, len(numbers))
            await asyncio.to_thread(folder.clear)
            return 0
        writer, written = Writer(storage), 0
        for number in numbers:
            write = await self._read(folder, number)
            if write is not None:
                written += await self._perform(writer, folder, number, write)
        if written:
            log.warning("session %s: %d writes of a process that died are done", folder.session_id, written)
        return written

    async def _read(self, folder: Folder, number: int) -> Write | None:
        """Return a write, or None for one that cannot be read: not yet, where its key is missing, or never."""
        try:
            return await asyncio.to_thread(folder.read, number)
        except CannotDecrypt as error:
            if "key_id" in error.details:
                if folder.path.name not in self._complained:
                    log.error("what waits is kept until its key is back: %s", error)
                self._complained.add(folder.path.name)
                return None
            log.error("session %s: write %d is damaged, and set aside: %s", folder.session_id, number, error.code)
        except _NOT_A_WRITE as error:
            log.error("session %s: write %d is none (%s)", folder.session_id, number, type(error).__name__)
        except OSError as error:
            log.error("session %s: write %d cannot be read (%s)", folder.session_id, number, type(error).__name__)
            return None
        await asyncio.to_thread(folder.set_aside, number)
        return None

    async def _perform(self, writer: Writer, folder: Folder, number: int, write: Write) -> bool:
        async def remember(claimed: int) -> None:
            await asyncio.to_thread(folder.keep, [(number, write.numbered(claimed))])

        try:
            await writer.perform(write, remember)
        except StorageUnavailable:
            raise
        except (StaleAttempt, NotFound, Conflict) as error:
            log.warning("session %s: %s came too late (%s)", write.session_id, write.kind, error.code)
        except (VivaError, ValidationError, *_NOT_A_WRITE) as error:
            log.error("session %s: %s was refused (%s)", write.session_id, write.kind, type(error).__name__)
            await asyncio.to_thread(folder.set_aside, number)
            return False
        else:
            await asyncio.to_thread(folder.drop, [number])
            return True
        await asyncio.to_thread(folder.drop, [number])
        return False


async def _is_kept(storage: Storage, session_id: str) -> bool:
    try:
        return (await storage.sessions.get(session_id)).is_kept
    except NotFound:
        return False
