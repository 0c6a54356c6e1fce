"""The file that `ENCRYPTION_KEYS_FILE` names: read when it has changed, replaced whole."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from interview.errors import ConfigurationError
from interview.private_file import write_private

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
"""A process seals with the file's new first key at most this long after the file was replaced."""

_Stamp = tuple[int, int, int]


class KeyFile:
    """A file of `id:base64` entries, one a line or separated by commas."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.path = path
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
                f"ENCRYPTION_KEYS_FILE: {self.path} cannot be read ({type(error).__name__}); put the keys there, "
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

    def complain(self, error: Exception) -> None:
        """Log that the file is of no use now; the keys that are known go on being used."""
        words = error.message if isinstance(error, ConfigurationError) else type(error).__name__
        log.error("the file of the encryption keys cannot be used, the keys stay as they were: %s", words)

    def replace(self, text: str) -> None:
        """Put `text` in the file's place, whole or not at all, readable by its owner only."""
        write_private(self.path, text)

    def _stamp_now(self) -> _Stamp:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
