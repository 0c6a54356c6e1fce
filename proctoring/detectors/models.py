"""Model files: only the file for which a detector's thresholds were measured is used."""

import hashlib
from pathlib import Path

from interview.errors import ConfigurationError


def checked(path: Path, sha256: str, setting: str, what: str) -> Path:
    """Return the path of a file that is what it should be.

    Raises `ConfigurationError` naming the setting where it is missing, unreadable or another file.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigurationError(f"{setting} must name {what}; {path} cannot be read: {error.strerror}") from error
    if found != sha256:
        raise ConfigurationError(
            f"{setting} must name {what}; {path} is another file or damaged (sha256 {found[:12]}…, "
            f"expected {sha256[:12]}…). Fetch it again: remove its folder and run `viva up`."
        )
    return path
