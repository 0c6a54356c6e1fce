"""A database that is away, and a process that is started wrongly."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from local.services import Stack
from tests.api.control_api.house import BASE, NOWHERE, LiveKit, assert_problem, serving, settings_for

ROOT = Path(__file__).parents[3]


async def test_while_the_database_hangs_calls_fail_in_time_and_then_work_again(
    tmp_path: Path, password_hash: str
) -> None:
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    body = {"name": "Ada", "email": "ada@example.com", "questions": ["Why?"]}
    async with Stack(tmp_path / "state", services=["mongo"], progress=False) as stack:
        settings = settings_for(stack.url("mongo"), nowhere, mongodb_wait_s=1)
        async with serving(settings, password_hash) as house:
            owner = await house.account()
            os.kill(stack.pid("mongo"), signal.SIGSTOP)
            try:
                async with asyncio.timeout(10):
                    answer = await house.http.post(f"{BASE}/create", json=body, headers=owner.headers)
                    assert_problem(answer, 503, "storage_unavailable")
                    assert answer.headers["retry-after"]
                    assert (await house.http.get("/healthz")).status_code == 200
                    ready = await house.http.get("/readyz")
                    assert ready.status_code == 503
                    assert ready.json()["checks"]["database"] in {"storage_unavailable", "timeout"}
            finally:
                os.kill(stack.pid("mongo"), signal.SIGCONT)
            page = await house.http.get(f"{BASE}/sessions", headers=owner.headers)
            assert page.json()["sessions"] == [], "something was half-written"
            await house.created(owner)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("ENCRYPTION_KEYS", "", "ENCRYPTION_KEYS"),
        ("API_PORT", "many", "API_PORT"),
        ("JWT_SECRET", "short", "JWT_SECRET"),
        ("TRUSTED_PROXIES", "my-proxy", "TRUSTED_PROXIES"),
    ],
)
async def test_a_wrong_setting_ends_the_process_in_words(mongo_uri: str, setting: str, value: str, said: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "MONGODB_URI": mongo_uri,
        "ENCRYPTION_KEYS": "test:" + "A" * 43 + "=",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "secret of thirty-two characters..",
        "JWT_SECRET": "a secret of the tests, of more than 32 bytes",
        setting: value,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "control_api", cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, told = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert said in told.decode()
    assert "Traceback" not in told.decode()
