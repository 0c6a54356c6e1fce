"""Sealing: opens with its key, in its place, unaltered, and never otherwise."""

import base64
import os

import pytest

from interview.errors import CannotDecrypt, ConfigurationError
from interview.storage import Keyring

KEY = base64.b64encode(bytes(32)).decode()
OTHER = base64.b64encode(bytes(31) + b"\x01").decode()


@pytest.mark.parametrize("plain", [b"", b"x", os.urandom(100_000)])
def test_what_was_sealed_opens_in_its_place(plain: bytes) -> None:
    ring = Keyring.parse(f"a:{KEY}")
    sealed = ring.seal(plain, "turns:1")
    assert ring.open(sealed, "turns:1") == plain
    assert ring.seal(plain, "turns:1") != sealed


def test_it_does_not_open_in_another_place() -> None:
    ring = Keyring.parse(f"a:{KEY}")
    with pytest.raises(CannotDecrypt):
        ring.open(ring.seal(b"secret", "turns:1"), "turns:2")


def test_no_bit_of_it_can_be_altered() -> None:
    ring = Keyring.parse(f"a:{KEY},b:{KEY}")
    sealed = ring.seal(b"secret", "turns:1")
    for place in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises(CannotDecrypt):
            ring.open(bytes(altered), "turns:1")


def test_no_part_of_it_opens() -> None:
    ring = Keyring.parse(f"a:{KEY}")
    sealed = ring.seal(b"secret", "turns:1")
    for length in range(len(sealed)):
        with pytest.raises(CannotDecrypt):
            ring.open(sealed[:length], "turns:1")


def test_after_a_rotation_the_first_key_seals_and_every_key_opens() -> None:
    before, after = Keyring.parse(f"old:{KEY}"), Keyring.parse(f"new:{OTHER}, old:{KEY}")
    assert after.open(before.seal(b"secret", "x"), "x") == b"secret"
    with pytest.raises(CannotDecrypt, match="put that key back"):
        before.open(after.seal(b"secret", "x"), "x")


def test_another_key_under_the_same_id_does_not_open() -> None:
    sealed = Keyring.parse(f"a:{KEY}").seal(b"secret", "x")
    with pytest.raises(CannotDecrypt):
        Keyring.parse(f"a:{OTHER}").open(sealed, "x")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "entry 1"),
        ("nonsense", "entry 1"),
        (f":{KEY}", "entry 1"),
        (f"a b:{KEY}", "entry 1"),
        (f"{'x' * 65}:{KEY}", "entry 1"),
        (f"a:{KEY},", "entry 2"),
        (f"a:{KEY},a:{OTHER}", "twice"),
        ("a:***", "not base64"),
        ("a:é", "not base64"),
        ("a:c2hvcnQ=", "5 bytes"),
    ],
)
def test_a_wrong_setting_is_explained(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        Keyring.parse(text)
    assert KEY not in str(refused.value)
