"""The connection: its pool, and what callers see when the database is away."""

import asyncio
import socket
import time
from typing import Any
from uuid import uuid4

import pytest
from motor.frameworks import asyncio as motor_threads

from interview.clock import SystemClock
from interview.errors import ConfigurationError, StorageUnavailable
from interview.session import Progress
from interview.settings import Settings
from interview.storage import Storage
from interview.storage.session_pages import SessionFilter
from tests.storage.builders import session, settings, turn

WAIT_S = 0.5


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_connecting_to_a_database_that_is_away_fails_within_the_wait(closed_port: int) -> None:
    away = settings(f"mongodb://127.0.0.1:{closed_port}", "x", mongodb_wait_s=WAIT_S)
    began = time.monotonic()
    with pytest.raises(StorageUnavailable) as refused:
        await Storage.connect(away, SystemClock())
    assert time.monotonic() - began < WAIT_S + 1
    assert refused.value.status == 503


async def test_every_repository_says_that_the_database_went_away(mongo_uri: str, database_name: str) -> None:
    """A relay stands for the network: once it is cut, each call fails within the wait, and heals with it."""
    relay = Relay(mongo_uri)
    port = await relay.open()
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    storage = await Storage.connect(settings(uri, database_name, mongodb_wait_s=WAIT_S), SystemClock())
    known = session()
    await storage.sessions.add(known)
    await relay.cut()

    calls = {
        "ping": storage.ping(),
        "users": storage.users.by_email("a@example.com"),
        "sessions": storage.sessions.get(known.session_id),
        "move": storage.sessions.start(known.session_id, by="user:1"),
        "progress": storage.sessions.set_progress(known.session_id, 0, Progress(total=1)),
        "page": storage.sessions.page(SessionFilter()),
        "counts": storage.sessions.counts_by_status(None),
        "invites": storage.invites.get("x"),
        "turns": storage.turns.append(turn(str(uuid4()))),
        "events": storage.dialogue_events.of("x"),
        "observations": storage.observations.of("x"),
        "recordings": storage.recordings.of("x"),
        "incidents": storage.incidents.of("x"),
        "reports": storage.reports.claim("w", 1),
        "audit": storage.audit.add("user:1", "looked", "session:1"),
        "lease": storage.leases.acquire("x", "a", 1),
        "count": storage.leases.count("x"),
        "put": storage.files.put("f", b"x", session_id="x", content_type="x"),
        "get": storage.files.get("f"),
        "erase": storage.erase_session(known.session_id),
    }
    began = time.monotonic()
    results = await asyncio.gather(*calls.values(), return_exceptions=True)
    wrong = {
        name: result for name, result in zip(calls, results, strict=True) if not isinstance(result, StorageUnavailable)
    }
    assert not wrong
    assert time.monotonic() - began < WAIT_S + 1

    await relay.open(port)
    await _until_it_answers(storage)
    assert await storage.sessions.get(known.session_id) == known
    await storage.close()
    await relay.cut()


async def test_a_database_that_accepts_and_never_answers_is_given_up_within_the_wait(closed_port: int) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            pass
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", closed_port)
    began = time.monotonic()
    with pytest.raises(StorageUnavailable):
        await Storage.connect(settings(f"mongodb://127.0.0.1:{closed_port}", "x", mongodb_wait_s=WAIT_S), SystemClock())
    assert time.monotonic() - began < WAIT_S + 1
    server.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"mongodb_uri": "postgres://user:hunter2@host/db"},
        {"mongodb_uri": "mongodb://user:hunter2@host:notaport"},
        {"mongodb_pool_min": 30, "mongodb_pool_max": 20},
        {"encryption_keys": "nonsense"},
    ],
)
async def test_wrong_settings_are_explained_without_showing_secrets(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        await Storage.connect(settings("mongodb://127.0.0.1:1", "x", **changes), SystemClock())
    assert "hunter2" not in str(refused.value)


async def test_the_pool_and_the_waits_are_the_settings(storage: Storage, storage_settings: Settings) -> None:
    client: Any = storage.client
    options = client.options.pool_options
    assert options.min_pool_size == storage_settings.mongodb_pool_min == 5
    assert options.max_pool_size == storage_settings.mongodb_pool_max == 20
    assert options.wait_queue_timeout == options.connect_timeout == options.socket_timeout == 30
    assert client.options.server_selection_timeout == storage_settings.mongodb_wait_s == 30
    assert motor_threads._EXECUTOR._max_workers >= storage_settings.mongodb_pool_max


async def test_connecting_again_finds_the_indexes_in_place(storage: Storage, storage_settings: Settings) -> None:
    before = await _indexes(storage, storage_settings)
    again = await Storage.connect(storage_settings, SystemClock())
    after = await _indexes(again, storage_settings)
    await again.close()
    assert after == before
    assert any(len(names) > 1 for names in before.values())


async def _indexes(storage: Storage, used: Settings) -> dict[str, set[str]]:
    client: Any = storage.client
    database = client[used.mongodb_database]
    names = await database.list_collection_names()
    return {name: set(await database[name].index_information()) for name in names}


async def _until_it_answers(storage: Storage) -> None:
    for _ in range(20):
        try:
            return await storage.ping()
        except StorageUnavailable:
            continue  # each try waits for up to WAIT_S itself
    raise AssertionError("the database is back and the storage does not notice")


class Relay:
    """Passes bytes between a port of its own and the database, until it is cut."""

    def __init__(self, mongo_uri: str) -> None:
        host, _, port = mongo_uri.removeprefix("mongodb://").split("/")[0].rpartition("@")[2].rpartition(":")
        self._target = (host, int(port))
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self, port: int = 0) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers += [writer, far_writer]
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, RuntimeError):
        return  # cut, as the test wants
    finally:
        writer.close()
