"""The file that `ENCRYPTION_KEYS_FILE` names: `id:base64` entries, one a line or separated by commas."""

import time
from collections.abc import Callable
from pathlib import Path

from interview.watched_file import WatchedFile


class KeyFile(WatchedFile):
    """The keys' file. A process seals with its new first key soon after it was replaced."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(path, setting="ENCRYPTION_KEYS_FILE", holds="the keys", monotonic=monotonic)
