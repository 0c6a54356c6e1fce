"""A file of secrets that a setting names: read when it has changed, replaced whole."""

import logging
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from interview.errors import ConfigurationError
from interview.private_file import write_private

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""A process uses what the file says now at most this long after the file was replaced."""

_Stamp = tuple[int, int, int]
_OTHERS = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP
_GROUP_TOO = stat.S_IRWXO | stat.S_IRWXG


class WatchedFile:
    """The file that `setting` names; `holds` says in a few words what it is, for errors and logs."""

    def __init__(
        self, path: Path, *, setting: str, holds: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.path = path
        self._setting = setting
        self._holds = holds
        self._monotonic = monotonic
        self._stamp: _Stamp | None = None
        self._looked_at = monotonic()

    def read(self) -> str:
        """Return the file's text. Raises `ConfigurationError` when it is not there or cannot be read."""
        self._looked_at = self._monotonic()
        try:
            # the stamp first: a file that is replaced between the two is read again the next time
            self._stamp = self._stamp_now()
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{self._setting}: {self.path} cannot be read ({type(error).__name__}); put {self._holds} there, "
                "readable by this process"
            ) from error

    def changed(self, *, at_once: bool = False) -> str | None:
        """Return the text if the file is another than the one last read, and None otherwise.

        Looks (one `stat`) only if `LOOK_EVERY_S` have passed since it last did, or `at_once`.
        """
        if not at_once and self._monotonic() - self._looked_at < LOOK_EVERY_S:
            return None
        self._looked_at = self._monotonic()
        try:
            if self._stamp_now() == self._stamp:
                return None
            return self.read()
        except (OSError, ConfigurationError) as error:
            self.complain(error)
            return None

    def check_private(self) -> None:
        """Raise `ConfigurationError` if others may read or change the file.

        Its group may read it where it belongs to somebody else, which is how an orchestrator mounts secrets.
        """
        found = self.path.stat()
        forbidden = _GROUP_TOO if found.st_uid == os.getuid() else _OTHERS
        if found.st_mode & forbidden:
            raise ConfigurationError(
                f"{self._setting}: others may read or change {self.path}, which holds secrets; chmod 600 it"
            )

    def complain(self, error: Exception) -> None:
        """Log that the file is of no use now; what is known goes on being used."""
        words = error.message if isinstance(error, ConfigurationError) else type(error).__name__
        log.error("%s cannot be used, what it said before holds: %s", self._setting, words)

    def replace(self, text: str) -> None:
        """Put `text` in the file's place, whole or not at all, readable by its owner only."""
        write_private(self.path, text)

    def _stamp_now(self) -> _Stamp:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
