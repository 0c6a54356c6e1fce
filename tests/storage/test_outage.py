"""The database is stopped, the process that writes is killed, and nothing that it had finished is lost or doubled."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from interview.clock import SystemClock
from interview.errors import StaleAttempt, StorageUnavailable
from interview.leftovers import Leftovers
from interview.session import Progress, Session, Stage, Status
from interview.settings import Settings
from interview.spool import Folder, folders
from interview.storage import Storage
from interview.storage.crypto import Keyring
from interview.storage.verify import verify
from interview.writes import Write, WriteKind
from local.services import Stack
from tests.storage.builders import new_key, session, settings, turn
from tests.storage.interrupted import BEFORE, DURING, said

KEEP_S = 3600.0
ROOT = Path(__file__).parents[2]


@pytest_asyncio.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A database of this module's own, which it may stop."""
    async with Stack(tmp_path_factory.mktemp("outage"), services=["mongo"]) as running:
        yield running


@pytest.fixture(scope="module")
def used(stack: Stack) -> Settings:
    return settings(stack.url("mongo"), "outage", mongodb_wait_s=3)


@pytest_asyncio.fixture
async def house(used: Settings) -> AsyncIterator[Storage]:
    connected = await Storage.connect(used, SystemClock())
    yield connected
    await connected.close()


async def begun(house: Storage) -> Session:
    """A session whose first attempt runs."""
    waiting = session()
    await house.sessions.add(waiting)
    return await house.sessions.start(waiting.session_id, by="user:1")


@asynccontextmanager
async def process(used: Settings, what: str, session_id: str, root: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that does something; killed in the end if it still lives."""
    names = {"mongodb_uri", "mongodb_database", "mongodb_wait_s", "livekit_api_key"}
    given = {name.upper(): str(getattr(used, name)) for name in names}
    secret = {"ENCRYPTION_KEYS": used.encryption_keys.get_secret_value()}
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.storage.interrupted", what, session_id, str(root)),
        cwd=ROOT,
        env={**os.environ, **given, **secret, "LIVEKIT_API_SECRET": "x", "JWT_SECRET": "x"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.send_signal(signal.SIGKILL)
        await started.wait()


async def says(started: asyncio.subprocess.Process, word: str) -> None:
    assert started.stdout is not None
    line = await asyncio.wait_for(started.stdout.readline(), 60)
    assert line.decode().strip() == word


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.02)


def left_in(root: Path) -> list[Path]:
    return list(root.iterdir())


async def killed_while_the_database_is_away(stack: Stack, used: Settings, session_id: str, root: Path) -> None:
    async with process(used, "interview", session_id, root) as writer:
        assert writer.stdin is not None
        await says(writer, "written")
        await stack.halt("mongo")
        writer.stdin.write(b"go on\n")
        await says(writer, "kept")
        writer.send_signal(signal.SIGKILL)
        await writer.wait()
    await stack.revive("mongo")


@pytest.mark.timeout(120)
async def test_what_a_killed_process_had_heard_during_an_outage_is_written_once_by_others(
    stack: Stack, used: Settings, house: Storage, tmp_path: Path
) -> None:
    """The one that takes over is killed as well, in the middle; meanwhile the next attempt has begun to talk."""
    about = await begun(house)
    session_id = about.session_id
    await killed_while_the_database_is_away(stack, used, session_id, tmp_path)
    assert len(await house.turns.of(session_id)) == BEFORE

    # the next attempt, on another machine, which knows nothing of this spool
    await house.sessions.replace_agent(session_id, 1, reason="it is dead")
    seq = await house.sessions.claim_turn_seq(session_id, 2)
    now = datetime.now(UTC)
    own = turn(session_id, seq, attempt=2, text="and now", started_at=now, ended_at=now + timedelta(seconds=1))
    await house.turns.append(own)
    told = Progress(answered=1, total=99, stage=Stage.QUESTIONS)
    await house.sessions.set_progress(session_id, 2, told)

    async def some_are_there() -> bool:
        return len(await house.turns.of(session_id)) > BEFORE + 5

    async with process(used, "collect", session_id, tmp_path):
        await until(some_are_there)
    interrupted = len(await house.turns.of(session_id))
    assert interrupted < BEFORE + DURING + 1, "it was to be killed before it was done"

    await Leftovers(tmp_path, house.keyring, KEEP_S).write_all(house)
    turns = await house.turns.of(session_id)
    assert [one.text for one in turns] == [f"answer {n}" for n in range(BEFORE + DURING)] + ["and now"]
    assert [one.started_at for one in turns[:-1]] == [said(session_id, n) for n in range(BEFORE + DURING)]
    assert {one.attempt for one in turns[:-1]} == {1}
    segments = await house.recordings.of(session_id)
    assert [one.seq for one in segments] == list(range(BEFORE + DURING))
    assert await house.recordings.audio(segments[-1]) == f"sound {segments[-1].seq}".encode() * 100
    assert [event.seq for event in await house.dialogue_events.of(session_id)] == list(range(BEFORE + DURING))
    assert (await house.sessions.get(session_id)).progress == told
    assert left_in(tmp_path) == []
    assert await verify(house) == []


@pytest.mark.timeout(120)
async def test_of_a_session_that_was_erased_meanwhile_nothing_comes_back(
    stack: Stack, used: Settings, house: Storage, tmp_path: Path
) -> None:
    about = await begun(house)
    await killed_while_the_database_is_away(stack, used, about.session_id, tmp_path)
    await house.erase_session(about.session_id)
    assert await Leftovers(tmp_path, house.keyring, KEEP_S).write_all(house) == 0
    assert await house.turns.of(about.session_id) == []
    assert await house.recordings.of(about.session_id) == []
    assert left_in(tmp_path) == []
    assert await verify(house) == []


def kept(root: Path, keyring: Keyring, session_id: str, texts: list[str], attempt: int = 1) -> Path:
    """What a process that is dead left: a turn for each text."""
    folder = Folder.make(root, session_id, attempt, keyring)
    plain = turn(session_id, attempt=attempt).model_dump(mode="json", exclude={"turn_id", "seq", "schema_version"})
    records = [{**plain, "text": text} for text in texts]
    folder.keep([(n, Write(WriteKind.TURN, session_id, attempt, one)) for n, one in enumerate(records, start=1)])
    folder.release()
    return folder.path


async def test_what_another_key_sealed_waits_until_that_key_is_back(house: Storage, tmp_path: Path) -> None:
    about = await begun(house)
    other = Keyring.parse(new_key("other"))
    kept(tmp_path, other, about.session_id, ["said"])
    leftovers = Leftovers(tmp_path, house.keyring, KEEP_S)
    assert await leftovers.write_all(house) == 0
    assert await leftovers.waiting()
    assert await Leftovers(tmp_path, other, KEEP_S).write_all(house) == 1
    assert [one.text for one in await house.turns.of(about.session_id)] == ["said"]
    assert left_in(tmp_path) == []


async def test_a_torn_file_and_a_record_that_is_none_cost_nothing_but_themselves(
    house: Storage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    about = await begun(house)
    path = kept(tmp_path, house.keyring, about.session_id, ["first", "torn", "NUL \x00", "last"])
    torn = path / "00000002"
    torn.write_bytes(torn.read_bytes()[:50])
    leftovers = Leftovers(tmp_path, house.keyring, KEEP_S)
    assert await leftovers.write_all(house) == 2
    assert [one.text for one in await house.turns.of(about.session_id)] == ["first", "last"]
    assert sorted(entry.name for entry in path.iterdir()) == ["00000002.aside", "00000003.aside"]
    assert not await leftovers.waiting(), "what was set aside is not tried again and again"
    assert "NUL \x00" not in caplog.text


async def test_what_waited_for_too_long_is_deleted_and_that_is_said(
    house: Storage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    about = await begun(house)
    path = kept(tmp_path, house.keyring, about.session_id, ["said"])
    changed_at = path.stat().st_mtime
    assert await Leftovers(tmp_path, house.keyring, KEEP_S, lambda: changed_at + KEEP_S - 1).waiting()
    assert not await Leftovers(tmp_path, house.keyring, KEEP_S, lambda: changed_at + KEEP_S + 1).waiting()
    assert left_in(tmp_path) == []
    assert "1 writes waited too long" in caplog.text


async def test_while_the_database_is_away_leftovers_stay(stack: Stack, house: Storage, tmp_path: Path) -> None:
    about = await begun(house)
    kept(tmp_path, house.keyring, about.session_id, ["said"])
    await stack.halt("mongo")
    with pytest.raises(StorageUnavailable):
        await Leftovers(tmp_path, house.keyring, KEEP_S).write_all(house)
    await stack.revive("mongo")
    assert len(list(folders(tmp_path))) == 1
    assert await Leftovers(tmp_path, house.keyring, KEEP_S).write_all(house) == 1


async def test_an_older_attempt_stores_what_was_said_before_it_was_replaced_and_nothing_later(house: Storage) -> None:
    about = await begun(house)
    session_id = about.session_id
    first = await house.sessions.claim_turn_seq(session_id, 1)
    replaced = await house.sessions.replace_agent(session_id, 1, reason="it is dead")
    began_at = replaced.began_at(2)
    assert began_at is not None
    before, after = began_at - timedelta(seconds=1), began_at + timedelta(seconds=1)
    assert await house.sessions.claim_late_turn_seq(session_id, 1, before) == first + 1
    with pytest.raises(StaleAttempt):
        await house.sessions.claim_late_turn_seq(session_id, 1, after)
    await house.sessions.move(session_id, Status.COMPLETED, by="user:1")
    assert await house.sessions.claim_late_turn_seq(session_id, 1, before) == first + 2
    await house.sessions.anonymise(session_id)
    with pytest.raises(StaleAttempt) as refused:
        await house.sessions.claim_late_turn_seq(session_id, 1, before)
    assert refused.value.code == "erased"
