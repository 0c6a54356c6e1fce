"""The spool on disk: whose it is, what opens it, and what damage costs."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from interview.errors import CannotDecrypt, ConfigurationError
from interview.settings import Settings
from interview.spool import Folder, folders, spool_root
from interview.storage.crypto import Keyring
from interview.writes import Write, WriteKind
from tests.storage.builders import new_key, settings

SESSION = str(uuid4())


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.parse(new_key("test"))


def write(text: str) -> Write:
    return Write(WriteKind.TURN, SESSION, 1, {"text": text, "half a pair": "\ud83d"}, blob=b"\x00\xff")


def with_spool(**changes: Any) -> Settings:
    return settings("mongodb://nowhere", "x", **changes)


def test_a_write_comes_back_as_it_was(tmp_path: Path, keyring: Keyring) -> None:
    folder = Folder.make(tmp_path, SESSION, 1, keyring)
    folder.keep([(1, write("one")), (12, write("two")), (2, write("three"))])
    assert folder.numbers() == [1, 2, 12]
    assert folder.session_id == SESSION
    assert folder.read(12) == write("two")
    folder.keep([(12, write("two").numbered(3))])
    assert folder.read(12).number == 3
    folder.drop([1, 2, 12])
    folder.release()
    assert list(folders(tmp_path)) == []


def test_the_folder_of_a_process_that_lives_is_nobody_elses(tmp_path: Path, keyring: Keyring) -> None:
    mine = Folder.make(tmp_path, SESSION, 1, keyring)
    mine.keep([(1, write("one"))])
    assert Folder.take(mine.path, keyring) is None
    mine.release()
    theirs = Folder.take(mine.path, keyring)
    assert theirs is not None
    assert theirs.numbers() == [1]
    assert Folder.take(mine.path, keyring) is None
    theirs.remove()
    assert Folder.take(mine.path, keyring) is None


def test_a_torn_file_costs_its_own_write_and_no_other(tmp_path: Path, keyring: Keyring) -> None:
    folder = Folder.make(tmp_path, SESSION, 1, keyring)
    folder.keep([(n, write(str(n))) for n in (1, 2, 3)])
    torn = folder.path / "00000002"
    torn.write_bytes(torn.read_bytes()[:-9])
    assert [folder.read(n).record["text"] for n in (1, 3)] == ["1", "3"]
    with pytest.raises(CannotDecrypt):
        folder.read(2)
    torn.write_bytes(b"")
    with pytest.raises(CannotDecrypt):
        folder.read(2)
    folder.remove()


def test_a_file_opens_with_its_own_key_and_in_its_own_place_only(tmp_path: Path, keyring: Keyring) -> None:
    folder = Folder.make(tmp_path, SESSION, 1, keyring)
    folder.keep([(1, write("one")), (2, write("two"))])
    (folder.path / "00000001").replace(folder.path / "00000002")
    with pytest.raises(CannotDecrypt):
        folder.read(2)
    folder.keep([(1, write("one"))])
    folder.release()
    other = Folder.take(folder.path, Keyring.parse(new_key("other")))
    assert other is not None
    with pytest.raises(CannotDecrypt) as refused:
        other.read(1)
    assert refused.value.details == {"key_id": "test"}
    other.remove()


def test_the_folder_of_all_spools_is_made_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = spool_root(with_spool(spool_dir=tmp_path / "state" / "spool"))
    assert named.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    usual = spool_root(with_spool())
    assert usual.parent == tmp_path
    assert usual.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("planted", ["open", "link", "file"])
def test_what_somebody_else_put_in_the_temporary_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    usual = spool_root(with_spool())
    usual.rmdir()
    if planted == "open":
        usual.mkdir()
        usual.chmod(0o777)
    elif planted == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        usual.symlink_to(tmp_path / "elsewhere")
    else:
        usual.write_text("")
    with pytest.raises(ConfigurationError, match="SPOOL_DIR"):
        spool_root(with_spool())
