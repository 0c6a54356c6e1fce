"""The log of a process: what it writes, in a file that is set aside when it is large, also while the process runs."""

import contextlib
import fcntl
import logging
import os
import threading
from pathlib import Path
from typing import BinaryIO

logger = logging.getLogger(__name__)

LIMIT_BYTES = 10_000_000
PREDECESSORS = 2
_LAST_LINES = 15
_PIPE_BYTES = 1 << 20
_READ_BYTES = 1 << 16


class LogFile:
    """Appends to a file. At `limit_bytes` it becomes `NAME.1`, and what was that `NAME.2`; no line is cut or lost."""

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._file: BinaryIO | None = None
        self._in_line = False

    def write(self, data: bytes) -> None:
        """Append; the file is set aside first where it would become too large. Raises `OSError`."""
        if self._size() + len(data) > self._limit_bytes:
            line_end = data.find(b"\n") + 1 if self._in_line else 0
            if line_end or not self._in_line:
                self._append(data[:line_end])
                data = data[line_end:]
                self.close()
                set_aside(self._path)
        self._append(data)

    def close(self) -> None:
        """Close the file; the next `write` opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, data: bytes) -> None:
        if not data:
            return
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) or 0 :]
        self._in_line = not data.endswith(b"\n")

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0


class Drain:
    """Takes what one run of a process writes to its log, on a thread of its own.

    Of its own, because a process whose pipe is full stands still, whatever the event loop is busy with.
    """

    def __init__(self, log: LogFile) -> None:
        self._log = log
        self._read_end, self.write_end = os.pipe()
        with contextlib.suppress(OSError):  # the system may allow less; then the pipe stays as it is
            fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)

    def start(self) -> None:
        """Begin, once the process has its end of the pipe."""
        os.close(self.write_end)
        self._thread.start()

    def finish(self, within_s: float) -> None:
        """Return when everything is written that the process wrote. Blocks."""
        self._thread.join(within_s)

    def _run(self) -> None:
        failed = False
        with open(self._read_end, "rb", buffering=0) as pipe:
            while data := pipe.read(_READ_BYTES):
                try:
                    self._log.write(data)
                    failed = False
                except OSError as error:
                    if not failed:
                        logger.error("a log cannot be written: %s", error)
                    failed = True
        self._log.close()


def set_aside(path: Path) -> None:
    """Make a log its own first predecessor, and drop the oldest."""
    for number in range(PREDECESSORS, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        if newer.exists():
            newer.replace(older)


def rotate(path: Path) -> None:
    """Set a log aside that has grown large."""
    if path.exists() and path.stat().st_size > LIMIT_BYTES:
        set_aside(path)


def last_lines(path: Path, count: int = _LAST_LINES) -> list[str]:
    """The last lines of a log, without reading all of it."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 400 * count))
        return file.read().decode(errors="replace").splitlines()[-count:]
