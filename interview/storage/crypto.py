"""Encryption at rest: AES-256-GCM with keys that rotate.

A sealed value is `version (1 byte) | length of key id (1 byte) | key id | nonce (12 bytes) | ciphertext and tag`.
The associated data names what the value belongs to, so that a sealed value copied to another document does not
open there. Nonces are random: one key is good for 2**32 values (NIST SP 800-38D, 8.3), so rotate before that.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from interview.errors import CannotDecrypt, ConfigurationError
from interview.settings import Settings
from interview.storage.keyfile import KeyFile

_VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_SETTING = "ENCRYPTION_KEYS"


class Keyring:
    """The keys of this installation: the first seals, any of them opens.

    A ring that was read from a file follows it: before sealing it looks, every few seconds at most, whether the file
    has changed, and at once when it meets a value whose key it does not hold. A file that is away or wrong at that
    moment is logged, and the keys stay as they were.
    """

    def __init__(self, keys: Mapping[str, bytes], file: KeyFile | None = None) -> None:
        self._file = file
        self._take(keys)

    @classmethod
    def of(cls, settings: Settings) -> "Keyring":
        """Read the keys that the settings name, from the file or from the setting itself.

        Raises `ConfigurationError`, which says what is wrong and never shows a key.
        """
        if settings.encryption_keys_file is None:
            return cls.parse(settings.encryption_keys.get_secret_value())
        file = KeyFile(settings.encryption_keys_file)
        return cls(parse_keys(file.read(), str(file.path)), file)

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read `id:base64,id2:base64`, each key 32 bytes. Raises `ConfigurationError` as `of` does."""
        return cls(parse_keys(text, _SETTING))

    @property
    def current(self) -> str:
        """The id of the key that seals."""
        self._follow()
        return self._current

    @property
    def keys(self) -> dict[str, bytes]:
        """Every key by its id, the one that seals first: for backup and rotation."""
        self._follow()
        return dict(self._keys)

    @property
    def follows_a_file(self) -> bool:
        """Tell whether the keys lie in a file, which can be changed, and not in a setting."""
        return self._file is not None

    def put_new_key_in_front(self) -> None:
        """Draw a new key, which seals from now on, and write it to the file before the others."""
        key_id, key = new_key()
        self.write({key_id: key, **self._newest()})

    def keep_current_key_only(self) -> tuple[str, ...]:
        """Take every key but the one that seals out of the file; return their ids. Nothing may need them any more."""
        keys = self._newest()
        current = next(iter(keys))
        self.write({current: keys.pop(current)})
        return tuple(keys)

    def write(self, keys: Mapping[str, bytes]) -> None:
        """Replace the file's keys by these, and take them. Raises `ConfigurationError` where there is no file."""
        if self._file is None:
            raise ConfigurationError("the keys are the setting ENCRYPTION_KEYS; change it there")
        self._file.replace(format_keys(keys))
        self._take(parse_keys(self._file.read(), str(self._file.path)))

    def _newest(self) -> dict[str, bytes]:
        self._follow(at_once=True)
        return dict(self._keys)

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt `plain` so that it opens only with the same `bound_to`."""
        self._follow()
        key_id = self._current.encode()
        header = bytes((_VERSION, len(key_id))) + key_id
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + self._ciphers[self._current].encrypt(nonce, plain, header + bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Decrypt what `seal` made. Raises `CannotDecrypt` if no key fits or anything was altered."""
        key_id = key_id_of(sealed)
        if key_id is None:
            raise CannotDecrypt(f"{bound_to}: this is not a sealed value of version {_VERSION}")
        header_end = 2 + sealed[1]
        header, rest = sealed[:header_end], sealed[header_end:]
        if key_id not in self._ciphers:
            self._follow(at_once=True)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotDecrypt(
                f"{bound_to}: it was sealed with a key that {self._file.path if self._file else _SETTING} does not "
                "hold; put that key back, after the current one",
                key_id=key_id,
            )
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header + bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotDecrypt(
                f"{bound_to}: it was altered, or sealed for another place, or another key has the id {key_id!r}"
            ) from error

    def _follow(self, *, at_once: bool = False) -> None:
        """Take the file's keys if it has changed."""
        if self._file is None:
            return
        text = self._file.changed(at_once=at_once)
        if text is None:
            return
        try:
            self._take(parse_keys(text, str(self._file.path)))
        except ConfigurationError as error:
            self._file.complain(error)

    def _take(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(self._ciphers))


def key_id_of(sealed: bytes) -> str | None:
    """Return the id of the key that sealed a value, or None if it is no sealed value. Needs its first 66 bytes."""
    if len(sealed) < 2 or sealed[0] != _VERSION:
        return None
    return sealed[2 : 2 + sealed[1]].decode("ascii", errors="replace")


def parse_keys(text: str, source: str) -> dict[str, bytes]:
    """Read `id:base64` entries, separated by commas or, in a file, by ends of lines.

    `source` is what the error's words call it. Raises `ConfigurationError`, which never shows a key.
    """
    keys: dict[str, bytes] = {}
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for place, entry in enumerate(",".join(lines).split(","), start=1):
        key_id, separator, encoded = entry.strip().partition(":")
        if not separator or not _KEY_ID.fullmatch(key_id):
            raise ConfigurationError(
                f"{source}: entry {place} is not of the form id:base64, the id made of letters, digits, "
                "dots, hyphens and underscores"
            )
        if key_id in keys:
            raise ConfigurationError(f"{source}: the id {key_id!r} is given twice")
        keys[key_id] = _decode(key_id, encoded, source)
    return keys


def format_keys(keys: Mapping[str, bytes]) -> str:
    """Write keys as `parse_keys` reads them, one a line."""
    return "".join(f"{key_id}:{base64.b64encode(key).decode()}\n" for key_id, key in keys.items())


def new_key() -> tuple[str, bytes]:
    """Draw a key and an id for it; ids are random, so that those of two installations do not collide in a restore."""
    return f"k{os.urandom(4).hex()}", os.urandom(_KEY_BYTES)


def _decode(key_id: str, encoded: str, source: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError(f"{source}: the key {key_id!r} is not base64") from error
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(f"{source}: the key {key_id!r} has {len(key)} bytes, not {_KEY_BYTES}")
    return key
