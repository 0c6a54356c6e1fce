"""`/readyz`: what is missing, and whether anything can be served without it."""

import asyncio
import socket
import uuid
from pathlib import Path
from typing import Any

import pytest

from control_api.monitoring.readiness import reachable, verdict
from interview.processes import Self
from interview.replica import Load, ReplicaKind
from tests.api.control_api.house import House, LiveKit, serving, settings_for

WORKERS = (ReplicaKind.AGENT, ReplicaKind.PROCTORING, ReplicaKind.REPORTS)


async def ask(house: House) -> tuple[int, dict[str, Any]]:
    answer = await house.http.get("/readyz")
    return answer.status_code, answer.json()


async def beat(house: House, kind: ReplicaKind, *, ready: bool = True) -> None:
    process = Self(kind, lambda: Load(ready=ready, capacity=1), house.clock)
    await house.storage.replicas.beat(process.described(house.storage))


async def test_all_is_well_with_every_part_there_and_degraded_without_one(
    mongo_uri: str, livekit: LiveKit, password_hash: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as provider:
        url = f"http://127.0.0.1:{provider.getsockname()[1]}/v1"
        given = {"deepgram_base_url": url, "openai_base_url": url, "tts_base_url": url}
        settings = settings_for(mongo_uri, livekit, mongodb_database=f"ready_{uuid.uuid4().hex[:12]}", **given)
        async with serving(settings, password_hash) as house:
            status, body = await ask(house)
            assert (status, body["status"]) == (200, "degraded")
            assert {body["checks"][name] for name in ("agents", "proctors", "reports")} == {"no_worker"}

            for kind in WORKERS:
                await beat(house, kind)
            status, body = await ask(house)
            assert (status, body["status"]) == (200, "ready"), body
            assert set(body["checks"].values()) == {"ok"}

            house.clock.advance(16)
            assert (await ask(house))[1]["checks"]["agents"] == "no_worker"
            await beat(house, ReplicaKind.AGENT, ready=False)
            assert (await ask(house))[1]["checks"]["agents"] == "no_worker"


async def test_without_livekit_it_is_not_ready(house_without_livekit: House) -> None:
    status, body = await ask(house_without_livekit)
    assert (status, body["status"]) == (503, "not_ready")
    assert body["checks"]["livekit"] == "room_service_unavailable"
    assert body["checks"]["database"] == "ok"


async def test_without_the_database_it_is_not_ready_and_says_what_it_cannot_know(empty_house: House) -> None:
    await empty_house.storage.close()
    status, body = await ask(empty_house)
    assert status == 503
    assert body["checks"]["database"] != "ok"
    assert body["checks"]["agents"] == "unknown"


async def test_a_full_or_missing_disk_is_told(
    mongo_uri: str, livekit: LiveKit, password_hash: str, tmp_path: Path
) -> None:
    for given, code in (
        ({"disk_free_min_mb": 10**9}, "disk_full"),
        ({"disk_watch_dir": tmp_path / "x"}, "disk_missing"),
    ):
        async with serving(settings_for(mongo_uri, livekit, **given), password_hash) as house:
            status, body = await ask(house)
            assert (status, body["status"], body["checks"]["disk"]) == (200, "degraded", code)


async def test_providers_are_asked_once_in_a_while(house: House) -> None:
    checks = house.app.state.parts.monitoring.checks
    asked = 0
    ask_providers = checks._providers._read

    async def counted() -> dict[str, str]:
        nonlocal asked
        asked += 1
        return await ask_providers()

    checks._providers._read = counted
    checks._providers._until = 0.0
    await asyncio.gather(*(house.http.get("/readyz") for _ in range(5)))
    checks._providers._read = ask_providers
    assert asked == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "not a url", "http://127.0.0.1:99999", "", "http://[::1"])
async def test_what_cannot_be_reached_is_said_and_nothing_raised(url: str) -> None:
    assert await reachable(url) == "unreachable"


def test_only_database_and_livekit_decide() -> None:
    well = {"database": "ok", "livekit": "ok", "stt": "ok"}
    assert verdict(well) == "ready"
    assert verdict(well | {"stt": "timeout"}) == "degraded"
    assert verdict(well | {"livekit": "timeout"}) == "not_ready"


async def test_a_chain_is_as_good_as_its_first_provider(mongo_uri: str, livekit: LiveKit, password_hash: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as local, socket.create_server(("127.0.0.1", 0)) as hosted:
        local_url, hosted_url = (f"http://127.0.0.1:{one.getsockname()[1]}/v1" for one in (local, hosted))
        given = {
            "openai_base_url": hosted_url.replace("127.0.0.1", "127.0.0.2"),  # nobody listens there
            "tts_base_url": hosted_url,
            "deepgram_base_url": local_url,
            "local_inference_url": local_url,
        }
        async with serving(settings_for(mongo_uri, livekit, **given), password_hash) as house:
            checks = (await ask(house))[1]["checks"]
            assert checks["stt"] == checks["tts"] == "ok"
            assert checks["llm"] == "fallback"
