"""Writes that wait: in order, within a bound, on disk when it takes long, and none keeps the others from being done."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from interview.errors import StorageError, StorageUnavailable
from interview.outbox import Outbox
from interview.plan import Question
from interview.spool import Folder, Spool, folders
from interview.storage.crypto import Keyring
from interview.writes import Remember, Write, WriteKind
from tests.storage.builders import new_key


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.parse(new_key("test"))


@pytest.fixture
def spool(tmp_path: Path, keyring: Keyring) -> Spool:
    return Spool(tmp_path, "s", 1, keyring)


def write(kind: WriteKind, name: str = "", blob: bytes = b"") -> Write:
    return Write(kind, "s", 1, {"name": name}, blob)


class Database:
    """Takes writes while it is there; while it is away each waits, as the driver does, and is then refused."""

    def __init__(self) -> None:
        self.written: list[Write] = []
        self.back = asyncio.Event()
        self.back.set()
        self.asked = asyncio.Event()

    async def perform(self, asked: Write, remember: Remember) -> None:
        self.asked.set()
        if not self.back.is_set():
            await self.back.wait()
            raise StorageUnavailable("it was away")
        if asked.kind is WriteKind.TURN and asked.number is None:
            await remember(len(self.written))
        self.written.append(asked)

    @property
    def names(self) -> list[str]:
        return [one.record["name"] for one in self.written if one.kind is not WriteKind.DISTURBANCE]


async def ended(outbox: Outbox) -> None:
    outbox.close()
    async with asyncio.timeout(5):
        await outbox.run()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - files come and go without an event
            await asyncio.sleep(0.01)


def found_in(root: Path) -> list[Path]:
    return list(root.rglob("*"))


def files_in(root: Path) -> list[Path]:
    return [path for path in found_in(root) if path.is_file()]


async def test_a_record_that_is_not_valid_does_not_stop_the_writes_behind_it(caplog: pytest.LogCaptureFixture):
    async def invalid() -> None:
        Question.model_validate({"id": "q", "text": "what they said", "competency": "c", "max_follow_ups": 99})

    async def refused() -> None:
        raise StorageError("refused")

    async def good() -> None:
        written.append("good")

    does: dict[str, Callable[[], Awaitable[None]]] = {"invalid": invalid, "refused": refused, "good": good}
    written: list[str] = []
    outbox = Outbox("test", lambda one, _: does[one.record["name"]]())
    for name in does:
        outbox.put(write(WriteKind.TURN, name))
    await ended(outbox)
    assert written == ["good"]
    assert outbox.refused == 2
    assert "what they said" not in caplog.text


async def test_what_nobody_foresaw_ends_the_writer_visibly_and_leaves_the_write_to_others(
    tmp_path: Path, spool: Spool, keyring: Keyring
):
    async def broken(_: Write, __: Remember) -> None:
        raise RuntimeError("a defect")

    outbox = Outbox("test", broken, spool=spool)
    outbox.put(write(WriteKind.TURN, "said"))
    with pytest.raises(RuntimeError):
        await ended(outbox)
    (left,) = folders(tmp_path)
    folder = Folder.take(left, keyring)
    assert folder is not None
    assert folder.read(1).record == {"name": "said"}
    folder.remove()


async def test_while_the_database_answers_nothing_touches_the_disk(tmp_path: Path, spool: Spool):
    database = Database()
    outbox = Outbox("test", database.perform, spool=spool, keep_after_s=1)
    for name in "abc":
        outbox.put(write(WriteKind.TURN, name))
    await ended(outbox)
    assert database.names == ["a", "b", "c"]
    assert outbox.kept == 0
    assert found_in(tmp_path) == []


async def test_what_waits_is_kept_sealed_and_private_until_it_is_written(tmp_path: Path, spool: Spool):
    database = Database()
    database.back.clear()
    outbox = Outbox("test", database.perform, spool=spool, keep_after_s=0.05)
    running = asyncio.create_task(outbox.run())
    outbox.put(write(WriteKind.TURN, "a secret word"))
    outbox.put(write(WriteKind.AUDIO, "audio", b"a secret sound"))
    await until(lambda: outbox.kept == 2)
    outbox.put(write(WriteKind.TURN, "later"))
    await until(lambda: outbox.kept == 3)

    files = files_in(tmp_path)
    assert len(files) == 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in folders(tmp_path)} == {0o700}
    assert not any(b"secret" in path.read_bytes() for path in files)
    assert [one.blob for one in outbox.waiting] == [b"", b"", b""]

    database.back.set()
    outbox.close()
    async with asyncio.timeout(5):
        await running
    assert database.names == ["a secret word", "audio", "later"]
    assert database.written[1].blob == b"a secret sound"
    assert found_in(tmp_path) == []


async def test_a_turn_keeps_its_number_before_it_is_stored(tmp_path: Path, spool: Spool, keyring: Keyring):
    """A process that dies between storing a turn and forgetting it leaves a write that stores the same turn again."""
    stored: list[int | None] = []
    storing = asyncio.Event()

    async def perform(one: Write, remember: Remember) -> None:
        if one.number is None:
            await until(lambda: outbox.kept == 1)
            await remember(7)
        stored.append(kept().number)
        storing.set()
        await asyncio.Event().wait()

    def kept() -> Write:
        (path,) = folders(tmp_path)
        return Folder(path, -1, keyring).read(1)

    outbox = Outbox("test", perform, spool=spool, keep_after_s=0)
    outbox.put(write(WriteKind.TURN, "said"))
    running = asyncio.create_task(outbox.run())
    async with asyncio.timeout(5):
        await storing.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert stored == [7]
    assert kept().number == 7


async def test_beyond_the_bound_replaceable_writes_go_first_then_audio_and_never_a_turn(tmp_path: Path, spool: Spool):
    database = Database()
    database.back.clear()
    outbox = Outbox("test", database.perform, spool=spool, keep_after_s=0.01, max_bytes=51_000)
    running = asyncio.create_task(outbox.run())
    outbox.put(write(WriteKind.TURN, "in hand"))
    await asyncio.wait_for(database.asked.wait(), 5)
    outbox.put(write(WriteKind.PROGRESS, "p" * 5_000))
    for n in range(4):
        outbox.put(write(WriteKind.AUDIO, f"audio {n}", bytes(10_000)))
    await until(lambda: outbox.kept == 6)
    waits: list[list[Any]] = []
    for n in range(2):
        outbox.put(write(WriteKind.TURN, "x" * 9_900 + str(n)))
        waits.append([one.record.get("name", "")[-7:] for one in outbox.waiting])
    assert waits[0][:2] == ["in hand", "audio 0"]  # the progress made room enough
    assert waits[1][:2] == ["in hand", "audio 1"]
    await until(lambda: outbox.kept == 9 and len(files_in(tmp_path)) == len(outbox))
    assert sum(path.stat().st_size for path in files_in(tmp_path)) < 52_000

    database.back.set()
    outbox.close()
    async with asyncio.timeout(10):
        await running
    assert [one.kind for one in database.written].count(WriteKind.TURN) == 3
    assert outbox.dropped == 2
    (loss,) = [one.record for one in database.written if one.record.get("kind") == "not_kept"]
    assert (loss["what"], loss["n"]) == ("audio", 1)
    assert found_in(tmp_path) == []


async def test_where_nothing_can_be_kept_the_writes_wait_in_memory(tmp_path: Path, keyring: Keyring):
    (tmp_path / "file").write_text("no folder")
    database = Database()
    database.back.clear()
    outbox = Outbox("test", database.perform, spool=Spool(tmp_path / "file", "s", 1, keyring), keep_after_s=0)
    running = asyncio.create_task(outbox.run())
    outbox.put(write(WriteKind.AUDIO, "audio", b"sound"))
    await asyncio.wait_for(database.asked.wait(), 5)
    database.back.set()
    outbox.close()
    async with asyncio.timeout(10):
        await running
    assert [one.blob for one in database.written] == [b"sound"]
    assert outbox.kept == 0


class FailsOnce(Spool):
    """A disk that is full once."""

    failures = 1

    def keep(self, writes: Sequence[tuple[int, Write]]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("full")
        super().keep(writes)


async def test_what_could_not_be_kept_at_first_is_kept_then_and_not_thrown_away(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("interview.outbox._DISK_PAUSE_S", 0.01)
    database = Database()
    database.back.clear()
    outbox = Outbox("test", database.perform, spool=FailsOnce(tmp_path, "s", 1, keyring), keep_after_s=0)
    running = asyncio.create_task(outbox.run())
    outbox.put(write(WriteKind.AUDIO, "audio", b"sound"))
    await until(lambda: outbox.kept == 1)
    assert len(files_in(tmp_path)) == 1
    database.back.set()
    outbox.close()
    async with asyncio.timeout(10):
        await running
    assert [one.blob for one in database.written] == [b"sound"]
    assert outbox.refused == 0
