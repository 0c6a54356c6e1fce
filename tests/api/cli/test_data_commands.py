"""What an operator does with everything that is stored, as a person types it: keys, backups, a person's data."""

import asyncio
import stat
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from interview.clock import SystemClock
from interview.session import Session, Status
from interview.storage import Storage
from interview.storage.crypto import parse_keys
from interview.storage.verify import verify
from local import runtime
from local.services import Stack
from tests.api.cli.conftest import Viva
from tests.storage.builders import WORDS
from tests.storage.test_privacy import whole_interview

EMAIL = "Zephyrine@quokka.example"


def on_database(state_dir: Path, work: Callable[[Storage], Awaitable[object]]) -> object:
    """Do something with the database of a state folder, which runs or is started for now."""

    async def run() -> object:
        if runtime.read(state_dir) is not None:
            return await connected(runtime.read_settings(state_dir))
        async with Stack(state_dir, services=["mongo"], progress=False) as stack:
            return await connected(stack.settings())

    async def connected(settings: object) -> object:
        storage = await Storage.connect(settings, SystemClock())  # pyright: ignore[reportArgumentType]
        try:
            return await work(storage)
        finally:
            await storage.close()

    return asyncio.run(run())


@pytest.mark.timeout(300)
def test_keys_rotate_while_everything_runs_and_a_backup_brings_all_of_it_back(viva: Viva, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert viva("up", "--only", "mongo").returncode == 0
    made = on_database(state, whole_interview)
    assert isinstance(made, Session)
    keys = state / "encryption.keys"
    before = parse_keys(keys.read_text(), "")

    rotated = viva("keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    assert "Nothing is left that another key sealed" in rotated.stdout
    now = parse_keys(keys.read_text(), "")
    assert list(now)[1:] == list(before)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600

    backed_up = viva("backup", "a.backup")
    assert backed_up.returncode == 0, backed_up.stderr
    assert "it is not encrypted" in backed_up.stdout
    assert viva("backup", "a.backup").returncode == 1
    exported = viva("export", EMAIL.upper())
    assert exported.returncode == 0, exported.stderr
    archive = zipfile.ZipFile(tmp_path / "export.zip")
    (transcript,) = [name for name in archive.namelist() if name.endswith("transcript.txt")]
    assert WORDS in archive.read(transcript).decode()
    assert "cannot be decoded" in archive.read("README.txt").decode()  # these tests record no real audio
    assert "stop it first" in viva("restore", "a.backup").stderr

    erased = viva("erase", EMAIL, "--yes")
    assert erased.returncode == 0, erased.stderr
    assert "Erased 1 session" in erased.stdout
    assert viva("down").returncode == 0

    refused = viva("restore", "a.backup")
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    restored = viva("restore", "a.backup", "--replace")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "Erased again 1" in restored.stdout

    async def check(storage: Storage) -> None:
        assert await verify(storage) == []
        assert (await storage.sessions.get(made.session_id)).status is Status.DELETED

    on_database(state, check)


@pytest.mark.timeout(300)
def test_a_backup_restores_on_another_machine(viva: Viva, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = on_database(tmp_path / "state", whole_interview)
    assert isinstance(made, Session)
    (tmp_path / "passphrase").write_text("a long sentence\n")
    assert viva("backup", "a.backup", "--passphrase-file", "passphrase").returncode == 0
    (tmp_path / "state").rename(tmp_path / "the other machine")

    assert "passphrase" in viva("restore", "a.backup").stderr
    restored = viva("restore", "a.backup", "--passphrase-file", "passphrase")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "Everything in it validates and opens" in restored.stdout

    async def check(storage: Storage) -> None:
        assert (await storage.turns.of(made.session_id))[0].text == WORDS

    on_database(tmp_path / "state", check)
