"""The secrets of one machine: generated once, kept in a file that only its owner can read."""

import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from interview.errors import MachineError
from interview.private_file import write_private
from interview.storage.crypto import format_keys, new_key, parse_keys

_FILE = "secrets.env"
_KEY_FILE = "encryption.keys"
_PASSWORD_FILE = "admin-password"
_OLD_PLACE = "ENCRYPTION_KEYS"
"""Where the encryption keys stood in `secrets.env` before they had a file of their own, which can rotate."""

_GENERATORS = {
    "JWT_SECRET": lambda: secrets.token_urlsafe(48),
    "LIVEKIT_API_KEY": lambda: "viva" + secrets.token_hex(6),
    "LIVEKIT_API_SECRET": lambda: secrets.token_urlsafe(36),
}


@dataclass(frozen=True)
class Keys:
    """The secrets as settings by name, and the file whose first line is the first admin's password."""

    values: dict[str, str]
    admin_password_file: Path


def load_or_create(state_dir: Path) -> Keys:
    """Read the machine's secrets, generating what is missing.

    Raises `MachineError` where the secrets are gone but data that they encrypted is still there.
    """
    file, key_file = state_dir / _FILE, state_dir / _KEY_FILE
    values = _read(file)
    old_keys = values.pop(_OLD_PLACE, "")
    if not key_file.exists():
        if not old_keys and any((state_dir / "data").glob("**/*.sqlite")):
            raise MachineError(
                f"{state_dir / 'data'} holds encrypted data, but the key that opens it is not in {key_file}. Put that "
                f"file back, or move {state_dir / 'data'} away to begin anew."
            )
        keys = parse_keys(old_keys, str(file)) if old_keys else dict([new_key()])
        write_private(key_file, format_keys(keys))
    elif too_open(key_file):
        key_file.chmod(0o600)
    missing = {name: generate() for name, generate in _GENERATORS.items() if name not in values}
    # the old place is emptied only once the file is there
    if missing or old_keys or too_open(file):
        values |= missing
        write_private(file, "".join(f"{name}={value}\n" for name, value in values.items()))
    password = state_dir / _PASSWORD_FILE
    if not password.exists():
        write_private(password, secrets.token_urlsafe(18) + "\n")
    elif too_open(password):
        password.chmod(0o600)
    return Keys(values | {"ENCRYPTION_KEYS_FILE": str(key_file)}, password)


def secret_files(state_dir: Path) -> list[Path]:
    """The files with secrets that exist."""
    return [path for name in (_FILE, _KEY_FILE, _PASSWORD_FILE) if (path := state_dir / name).exists()]


def too_open(path: Path) -> bool:
    """Tell whether others than the owner may read a file."""
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}
