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

_VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Keyring:
    """The keys of this installation: the first seals, any of them opens.

    To rotate, put a new key in front and keep the old ones for as long as something sealed with them is stored.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(self._ciphers))

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read `id:base64,id2:base64`, each key 32 bytes.

        Raises `ConfigurationError`, which says what is wrong and never shows a key.
        """
        keys: dict[str, bytes] = {}
        for place, entry in enumerate(text.split(","), start=1):
            key_id, separator, encoded = entry.strip().partition(":")
            if not separator or not _KEY_ID.fullmatch(key_id):
                raise ConfigurationError(
                    f"ENCRYPTION_KEYS: entry {place} is not of the form id:base64, the id made of letters, digits, "
                    "dots, hyphens and underscores"
                )
            if key_id in keys:
                raise ConfigurationError(f"ENCRYPTION_KEYS: the id {key_id!r} is given twice")
            keys[key_id] = _decode(key_id, encoded)
        return cls(keys)

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        """Encrypt `plain` so that it opens only with the same `bound_to`."""
        key_id = self._current.encode()
        header = bytes((_VERSION, len(key_id))) + key_id
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + self._ciphers[self._current].encrypt(nonce, plain, header + bound_to.encode())

    def open(self, sealed: bytes, bound_to: str) -> bytes:
        """Decrypt what `seal` made. Raises `CannotDecrypt` if no key fits or anything was altered."""
        if len(sealed) < 2 or sealed[0] != _VERSION:
            raise CannotDecrypt(f"{bound_to}: this is not a sealed value of version {_VERSION}")
        header_end = 2 + sealed[1]
        header, rest = sealed[:header_end], sealed[header_end:]
        key_id = header[2:].decode("ascii", errors="replace")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotDecrypt(
                f"{bound_to}: it was sealed with a key that ENCRYPTION_KEYS does not hold; put that key back, "
                "after the current one",
                key_id=key_id,
            )
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header + bound_to.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotDecrypt(
                f"{bound_to}: it was altered, or sealed for another place, or another key has the id {key_id!r}"
            ) from error


def _decode(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError(f"ENCRYPTION_KEYS: the key {key_id!r} is not base64") from error
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(f"ENCRYPTION_KEYS: the key {key_id!r} has {len(key)} bytes, not {_KEY_BYTES}")
    return key
