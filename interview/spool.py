"""Writes that wait, on disk: sealed, one file each, in a folder that belongs to one process.

The folder is locked (`flock`) by the process whose writes they are, so whoever gets the lock knows that it is dead.
Each file is written beside its place, brought to the disk, and then put there, so that it is whole or not there; what
a failing disk still spoils is one write. Files are sealed with the keys of the database's fields, each bound to its
folder and name. Everything here blocks: call it on a thread.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from interview.errors import ConfigurationError
from interview.settings import Settings
from interview.storage.crypto import Keyring
from interview.writes import Write

UNNAMED = ".new-"
"""How a folder's name begins until it is locked."""
_PARTIAL = ".part"
_ASIDE = ".aside"
"""Of a file that can never be written; it stays until its folder is too old."""


def spool_root(settings: Settings) -> Path:
    """Return the folder of all spools of this machine, made if it is not there.

    Raises `ConfigurationError` when it cannot be used, or when it lies in the shared temporary folder and is not ours.
    """
    root = settings.spool_dir or Path(tempfile.gettempdir()) / f"viva-spool-{os.getuid()}"
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = root.lstat() if settings.spool_dir is None else root.stat()
        ours = found.st_uid == os.getuid() and not found.st_mode & 0o077
        usable = root.is_dir() and os.access(root, os.R_OK | os.W_OK | os.X_OK)
    except OSError as error:
        raise ConfigurationError(
            f"SPOOL_DIR: {root} cannot be made or looked at ({type(error).__name__}); name a folder that this process "
            "may write to"
        ) from error
    if not usable or (settings.spool_dir is None and not ours):
        raise ConfigurationError(
            f"SPOOL_DIR: {root} is no folder that this process alone may read and write to; name another one"
        )
    return root


class Folder:
    """A locked folder of files `00000001`, `00000002`, …: one process's writes, in their order."""

    def __init__(self, path: Path, descriptor: int, keyring: Keyring) -> None:
        self.path = path
        self._descriptor = descriptor
        self._keyring = keyring

    @classmethod
    def make(cls, root: Path, session_id: str, attempt: int, keyring: Keyring) -> "Folder":
        """Make one that nobody else can take: it gets its name once it is locked."""
        name = f"{session_id}.{attempt}.{secrets.token_hex(4)}"
        new = root / f"{UNNAMED}{name}"
        new.mkdir(mode=0o700)
        descriptor = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path = new.rename(root / name)
        _sync(root)
        return cls(path, descriptor, keyring)

    @classmethod
    def take(cls, path: Path, keyring: Keyring) -> "Folder | None":
        """Lock the folder of a process that is dead; None where the process lives, or somebody else was quicker."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_ino == os.fstat(descriptor).st_ino:
                return cls(path, descriptor, keyring)
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        return None

    @property
    def session_id(self) -> str:
        """Whose writes they are."""
        return self.path.name.split(".")[0]

    def numbers(self) -> list[int]:
        """Return the numbers of the writes that are there, in order."""
        return sorted(int(entry.name) for entry in os.scandir(self.path) if entry.name.isdigit())

    def keep(self, writes: Sequence[tuple[int, Write]]) -> None:
        """Bring writes to the disk, each under its number; one that is there is replaced. Raises `OSError`."""
        for number, write in writes:
            sealed = self._keyring.seal(write.encoded(), self._bound_to(number))
            partial = self._file(number).with_suffix(_PARTIAL)
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._file(number))
        os.fsync(self._descriptor)

    def read(self, number: int) -> Write:
        """Return a write. Raises `OSError`, `CannotDecrypt`, and for what is none as `Write.decoded` does."""
        return Write.decoded(self._keyring.open(self._file(number).read_bytes(), self._bound_to(number)))

    def drop(self, numbers: Sequence[int]) -> None:
        """Delete writes: they are stored, or given up."""
        for number in numbers:
            self._file(number).unlink(missing_ok=True)

    def set_aside(self, number: int) -> None:
        """Try a write no more. Its file stays until the folder is too old."""
        self._file(number).rename(self._file(number).with_suffix(_ASIDE))

    def changed_at(self) -> float:
        """Return the second since 1970 at which a file last came or went."""
        return os.fstat(self._descriptor).st_mtime

    def holds_anything(self) -> bool:
        """Tell whether there is any file, also one that was set aside."""
        return any(entry.is_file() for entry in os.scandir(self.path))

    def clear(self) -> None:
        """Delete every file, also those that were set aside."""
        for entry in os.scandir(self.path):
            Path(entry.path).unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the folder with all that is in it, and let go of it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.release()

    def release(self) -> None:
        """Let go of the folder; it is deleted if nothing is left in it. Others may take it now."""
        for entry in os.scandir(self.path) if self.path.exists() else ():
            if entry.name.endswith(_PARTIAL):
                Path(entry.path).unlink(missing_ok=True)
        with suppress(OSError):  # not empty: what waits in it is for others to write
            self.path.rmdir()
        os.close(self._descriptor)

    def _file(self, number: int) -> Path:
        return self.path / f"{number:08d}"

    def _bound_to(self, number: int) -> str:
        return f"spool:{self.path.name}/{number}"


class Spool:
    """Where one attempt's writes are kept while they wait: a folder that is made when the first is."""

    def __init__(self, root: Path, session_id: str, attempt: int, keyring: Keyring) -> None:
        self._root = root
        self._session_id = session_id
        self._attempt = attempt
        self._keyring = keyring
        self._folder: Folder | None = None

    def keep(self, writes: Sequence[tuple[int, Write]]) -> None:
        """As `Folder.keep`."""
        if self._folder is None:
            self._folder = Folder.make(self._root, self._session_id, self._attempt, self._keyring)
        self._folder.keep(writes)

    def read(self, number: int) -> Write:
        """As `Folder.read`, of a write that was kept."""
        if self._folder is None:
            raise FileNotFoundError(f"write {number} was never kept")
        return self._folder.read(number)

    def drop(self, numbers: Sequence[int]) -> None:
        """As `Folder.drop`."""
        if self._folder is not None:
            self._folder.drop(numbers)

    def release(self) -> None:
        """Let go; what is left is for others to write."""
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.release()


def folders(root: Path) -> Iterator[Path]:
    """Yield the folders of all processes of this machine, the living included, by name."""
    found = sorted(entry.path for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False))
    yield from (Path(path) for path in found)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
