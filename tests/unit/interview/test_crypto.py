"""Sealing: opens with its key, in its place, unaltered, and never otherwise."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from interview.errors import CannotDecrypt, ConfigurationError
from interview.settings import Settings
from interview.storage import Keyring
from interview.storage.crypto import key_id_of, parse_keys
from interview.storage.keyfile import KeyFile
from interview.watched_file import LOOK_EVERY_S

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


class Stopwatch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def ring_of(path: Path, monotonic: Stopwatch) -> Keyring:
    file = KeyFile(path, monotonic)
    return Keyring(parse_keys(file.read(), str(path)), file)


def test_a_file_holds_one_key_a_line_or_several(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# ours\nnew:{OTHER}, old:{KEY}\n\nolder:{KEY}\n")
    assert list(ring_of(path, Stopwatch()).keys) == ["new", "old", "older"]


def test_a_ring_seals_with_a_new_key_soon_after_the_file_was_replaced(tmp_path: Path) -> None:
    path, watch = tmp_path / "keys", Stopwatch()
    path.write_text(f"old:{KEY}")
    ring = ring_of(path, watch)
    KeyFile(path).replace(f"new:{OTHER}\nold:{KEY}\n")

    assert key_id_of(ring.seal(b"secret", "x")) == "old"
    watch.now_s += LOOK_EVERY_S
    assert key_id_of(ring.seal(b"secret", "x")) == "new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_ring_opens_at_once_what_another_process_sealed_with_a_key_that_it_has_not_seen(tmp_path: Path) -> None:
    path, watch = tmp_path / "keys", Stopwatch()
    path.write_text(f"old:{KEY}")
    slow = ring_of(path, watch)
    KeyFile(path).replace(f"new:{OTHER}\nold:{KEY}\n")

    assert slow.open(ring_of(path, watch).seal(b"secret", "x"), "x") == b"secret"


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_text("nonsense")])
def test_a_file_that_is_away_or_wrong_leaves_the_keys_as_they_were(
    tmp_path: Path, spoil: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    path, watch = tmp_path / "keys", Stopwatch()
    path.write_text(f"old:{KEY}")
    ring = ring_of(path, watch)
    spoil(path)
    watch.now_s += LOOK_EVERY_S

    assert ring.open(ring.seal(b"secret", "x"), "x") == b"secret"
    assert "what it said before holds" in caplog.text
    assert KEY not in caplog.text


def test_a_file_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ENCRYPTION_KEYS_FILE"):
        KeyFile(tmp_path / "nowhere").read()


@pytest.mark.parametrize("given", [{}, {"encryption_keys": f"a:{KEY}", "encryption_keys_file": "keys"}])
def test_keys_come_from_exactly_one_place(given: dict[str, str]) -> None:
    others = {"livekit_api_key": "k", "livekit_api_secret": "s", "jwt_secret": "s"}
    with pytest.raises(ValidationError, match="exactly one of ENCRYPTION_KEYS and ENCRYPTION_KEYS_FILE"):
        Settings.model_validate(others | given)
