"""What Prometheus is told, and who else may read it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from control_api.monitoring.figures import Figures
from control_api.monitoring.metrics import of_house, of_replica
from interview.tallies import Notes
from providers.usage import note_call, note_tokens
from tests.api.control_api.house import BASE, NOWHERE, House, LiveKit, assert_problem, serving, settings_for

TOKEN = "a token for prometheus"


@pytest_asyncio.fixture(scope="module")
async def guarded(mongo_uri: str, password_hash: str) -> AsyncIterator[House]:
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    given = {"mongodb_database": "metrics_tests", "metrics_token": TOKEN}
    async with serving(settings_for(mongo_uri, nowhere, **given), password_hash) as running:
        yield running


async def scrape(house: House, **headers: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    house.app.state.parts.monitoring.house._kept._until = 0.0
    answer = await house.http.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


async def test_sessions_are_counted_and_no_restart_sets_the_counts_back(
    guarded: House, mongo_uri: str, password_hash: str
) -> None:
    auth = {"Authorization": f"Bearer {TOKEN}"}
    before = await scrape(guarded, **auth)
    owner = await guarded.account()
    session_id = await guarded.ready(owner)
    await guarded.storage.sessions.start(session_id, by="system:test")
    running = await scrape(guarded, **auth)
    await guarded.storage.sessions.complete(session_id, attempt=1, by="interviewer:1", reason="finished")
    after = await scrape(guarded, **auth)

    assert after[key("sessions_created_total")] == before[key("sessions_created_total")] + 1
    assert running[key("active_sessions")] == after[key("active_sessions")] + 1
    assert after[key("sessions_completed_total")] == before[key("sessions_completed_total")] + 1

    async with serving(guarded.settings, password_hash) as another:
        restarted = await scrape(another, **auth)
    assert restarted[key("sessions_created_total")] == after[key("sessions_created_total")]
    assert restarted[key("sessions_completed_total")] == after[key("sessions_completed_total")]


async def test_calls_to_providers_are_told_with_their_times_and_tokens(guarded: House) -> None:
    notes = Notes()
    for took_s in (0.05, 0.3, 700.0):
        note_call("api.example.com", "m1", took_s, ok=took_s < 100, notes=notes)
    note_tokens(given=120, made=30, notes=notes)
    await guarded.storage.tallies.flush(notes)

    told = await scrape(guarded, Authorization=f"Bearer {TOKEN}")

    model = {"provider": "api.example.com", "model": "m1"}
    assert told[key("api_calls_total", **model)] == 3
    assert told[key("api_call_failures_total", **model)] == 1
    buckets = {le: told[key("api_call_duration_seconds_bucket", le=le, **model)] for le in ("0.1", "0.25", "0.5")}
    assert buckets == {"0.1": 1, "0.25": 1, "0.5": 2}
    assert told[key("api_call_duration_seconds_bucket", le="+Inf", **model)] == 3
    assert told[key("api_call_duration_seconds_sum", **model)] == 700.35
    assert told[key("tokens_consumed_total", type="input")] == 120
    assert told[key("tokens_consumed_total", type="output")] == 30


async def test_requests_are_told_by_route_and_never_by_what_was_asked_for(guarded: House) -> None:
    owner = await guarded.account()
    session_id = (await guarded.created(owner))["session_id"]
    await guarded.http.get(f"{BASE}/session/{session_id}", headers=owner.headers)
    await guarded.http.get("/nothing/like/this?email=ada@example.com")

    auth = {"Authorization": f"Bearer {TOKEN}"}
    told = await scrape(guarded, **auth)
    text = (await guarded.http.get("/metrics", headers=auth)).text

    route = {"route": f"{BASE}/session/{{session_id}}", "method": "GET", "status": "2xx"}
    assert told[key("response_time_seconds_count", **route)] >= 1
    assert told[key("requests_total", status="4xx")] >= 1
    assert told[key("process_resident_memory_bytes")] > 0
    assert told[key("database_pool_max")] == 20
    for word in (session_id, "like", "ada", owner.user.user_id):
        assert word not in text


async def test_the_token_is_asked_for_where_there_is_one(guarded: House) -> None:
    assert_problem(await guarded.http.get("/metrics"), 401, "bad_token")
    wrong = {b"Authorization": f"Bearer {TOKEN}é".encode()}
    assert_problem(await guarded.http.get("/metrics", headers=wrong), 401, "bad_token")
    account = await guarded.account()
    assert_problem(await guarded.http.get("/metrics", headers=account.headers), 401, "bad_token")


async def test_without_a_token_this_machine_reads_and_nobody_else(house: House) -> None:
    assert (await house.http.get("/metrics")).status_code == 200
    for header in ({"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}):
        assert_problem(await house.http.get("/metrics", headers=header), 403, "not_allowed")
    transport = httpx.ASGITransport(house.app, client=("203.0.113.9", 50000))
    async with httpx.AsyncClient(transport=transport, base_url=house.url) as from_elsewhere:
        assert_problem(await from_elsewhere.get("/metrics"), 403, "not_allowed")


async def test_a_scrape_survives_a_database_that_is_away(empty_house: House) -> None:
    empty_house.app.state.parts.monitoring.house._kept._until = 0.0
    await empty_house.storage.close()

    answer = await empty_house.http.get("/metrics")

    assert answer.status_code == 200
    assert re.search(r"^database_up 0.0$", answer.text, re.MULTILINE)
    assert "process_cpu_seconds_total" in answer.text
    assert "sessions_created_total" not in answer.text


def test_no_name_is_told_twice(house: House) -> None:
    figures = Figures(house.clock.now(), [], [], [], 0, 0, 0, [], [], {})
    families = [*of_house(figures), *of_replica(0, 0, 0, 0, database=True)]
    names = [family.name for family in families]
    own = [family.name for family in house.app.state.parts.monitoring.registry.collect()]
    assert len({*names, *own}) == len(names) + len(own)
