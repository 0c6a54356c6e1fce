"""`viva user …` on a real database."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from cli.app import app
from control_api.users.passwords import Passwords
from interview.clock import SystemClock
from interview.errors import Conflict, NotFound
from interview.storage import Storage
from interview.user import User
from local import runtime
from tests.storage.builders import new_key, settings


@pytest_asyncio.fixture
async def storage(mongo_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Storage]:
    """The database that the commands find by their state folder."""
    given = {
        "mongodb_uri": mongo_uri,
        "mongodb_database": f"cli_{uuid.uuid4().hex[:12]}",
        "encryption_keys": new_key("test"),
        "livekit_api_key": "key",
        "livekit_api_secret": "secret",
        "jwt_secret": "secret",
    }
    monkeypatch.setenv("VIVA_STATE_DIR", str(tmp_path))
    runtime.write_settings(tmp_path, {name.upper(): value for name, value in given.items()})
    connected = await Storage.connect(settings(mongo_uri, given["mongodb_database"]), SystemClock())
    yield connected
    await connected.client.drop_database(given["mongodb_database"])
    await connected.close()


async def viva(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def found(storage: Storage, email: str) -> User:
    user = await storage.users.by_email(email)
    assert user is not None
    return user


async def test_an_account_is_made_listed_given_a_password_disabled_and_enabled(storage: Storage) -> None:
    made = await viva("user", "add", "Ada@example.com", "--role", "proctor", "--name", "Ada [L]")
    assert made.exit_code == 0, made.output
    first = made.output.split()[-1]
    assert await Passwords().match((await found(storage, "ada@example.com")).password_hash, first)

    listed = await viva("user", "list")
    assert "ada@example.com" in listed.output
    assert "Ada [L]" in listed.output

    second = (await viva("user", "password", "ada@example.com")).output.split()[-1]
    hashed = (await found(storage, "ada@example.com")).password_hash
    assert await Passwords().match(hashed, second)
    assert not await Passwords().match(hashed, first)

    assert (await viva("user", "disable", "ada@example.com")).exit_code == 0
    assert (await found(storage, "ada@example.com")).disabled_at is not None
    assert (await viva("user", "enable", "ada@example.com")).exit_code == 0
    ada = await found(storage, "ada@example.com")
    assert ada.disabled_at is None
    audit = await storage.audit.of_subject(f"user:{ada.user_id}")
    assert {entry.actor for entry in audit} == {"system:cli"}
    assert {entry.action for entry in audit} == {"add user", "change password", "disable user", "enable user"}


async def test_the_last_admin_stays_and_nobody_is_told_of(storage: Storage) -> None:
    await viva("user", "add", "root@example.com", "--role", "admin")
    refused = (await viva("user", "disable", "root@example.com")).exception
    assert isinstance(refused, Conflict)
    assert refused.code == "last_admin"
    assert isinstance((await viva("user", "password", "nobody@example.com")).exception, NotFound)
