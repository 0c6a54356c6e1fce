"""The cache outside the work tree, where built servers and fetched models lie, and the care that its files need."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interview.errors import MachineError

_CHUNK_BYTES = 1 << 20


def cache_dir() -> Path:
    """The user's cache folder for Viva; follows `XDG_CACHE_HOME`."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "viva"


@contextmanager
def only_one(lock_path: Path) -> Iterator[None]:
    """Hold `lock_path` so that two processes do not build or fetch the same thing; the other one waits.

    The lock ends with the process, however it ends.
    """
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    with lock_path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def require_free_space(directory: Path, needed_bytes: int, purpose: str) -> None:
    """Raise `MachineError` where the disk of `directory` has less than `needed_bytes` free."""
    directory.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(directory).free
    if free < needed_bytes:
        raise MachineError(
            f"{purpose} needs {size_words(needed_bytes)} free on the disk of {directory}, which has "
            f"{size_words(free)}. Free some space, or set XDG_CACHE_HOME to a folder on a larger disk.",
            code="disk_full",
        )


def size_words(size_bytes: int) -> str:
    """A size for people, such as `1.3 GB` or `14 MB`."""
    if size_bytes < 1e8:
        return f"{max(1, round(size_bytes / 1e6))} MB"
    return f"{size_bytes / 1e9:.1f} GB"


def sha256_of(path: Path) -> str:
    """The sha256 of a file, as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
