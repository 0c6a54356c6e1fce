"""The logs of a real API process hold nothing about a person, whatever was sent to it, well or badly formed."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from control_api.app import API_ROUTERS
from control_api.pages import endpoints as pages
from local.house import House, house_of
from local.services import Stack
from local.tls import TLS
from tests.api.control_api.house import BASE, TEXT_VERSION

NAME, EMAIL, TEXT = "Zephyrine Quokka", "zephyrine@quokka.example", "wombat ledger migration"
PASSWORD = "a password about numbats"
WORDS = re.compile("zephyrine|quokka|wombat|numbat", re.IGNORECASE)

ROUTES = [r for router in (*API_ROUTERS, pages.router) for r in router.routes if isinstance(r, APIRoute)]


@pytest_asyncio.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    services = ["mongo", "livekit", "control_api"]
    folder = tmp_path_factory.mktemp("logs")
    unlimited = {
        "RATE_LIMIT_PER_USER_PER_MIN": "0",
        "RATE_LIMIT_PER_ADDRESS_PER_MIN": "0",
        "RATE_LIMIT_OPEN_PER_MIN": "0",
    }
    overrides = {"LOG_LEVEL": "DEBUG", **unlimited}
    async with Stack(folder, services=services, overrides=overrides, progress=False) as running:
        yield running


class Said:
    """What was sent and got back that no log may hold."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self._read: dict[Path, int] = {}

    def unread(self, log: Path) -> str:
        """What was written since this was asked before. Nothing is a secret before it is sent, so the rest is done."""
        with log.open("rb") as file:
            file.seek(self._read.get(log, 0))
            added = file.read()
        whole = added.rfind(b"\n") + 1
        self._read[log] = self._read.get(log, 0) + whole
        return added.decode(errors="replace")

    def keep(self, answer: httpx.Response) -> Any:
        self.secrets |= set(answer.cookies.values())
        if answer.content and answer.headers.get("content-type", "").startswith("application/json"):
            self._walk(answer.json())
            return answer.json()
        return None

    def _walk(self, value: Any) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            if isinstance(inner, str) and ("token" in key or "url" in key):
                self.secrets.add(inner.partition("#")[2] if key == "invite_url" else inner)
            self._walk(inner)


@pytest.fixture(scope="module")
def said() -> Said:
    return Said()


def lines_of(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines() if not line.startswith("---")]


def assert_private(stack: Stack, said: Said, *more: str) -> None:
    for service in ("control_api", "livekit", "mongo"):
        text = said.unread(stack.log_path(service))
        assert WORDS.findall(text) == [], service
        assert [secret for secret in {*said.secrets, *more} if len(secret) > 20 and secret in text] == [], service


async def test_a_sessions_life_leaves_ids_only(stack: Stack, said: Said) -> None:
    house = house_of(stack, {})
    async with httpx.AsyncClient(base_url=house.api_url, timeout=30, verify=TLS) as http:
        headers = await signed_in(http, house, said)
        body = {"name": NAME, "email": EMAIL, "questions": [TEXT, {"text": TEXT, "competency": TEXT}]}
        made = said.keep(await http.post(f"{BASE}/create", json=body, headers=headers))
        session_id = made["session_id"]
        secret = made["invite_url"].partition("#")[2]
        said.keep(await http.post("/api/invites/open", json={"secret": secret}))
        items = {"interview": True, "recording": True, "camera": True}
        consent = {"items": items, "text_version": TEXT_VERSION}
        for method, path, sent in (
            ("POST", "/consent", consent),
            ("POST", "/token", None),
            ("POST", "/start", None),
            ("POST", "/end", None),
            ("GET", "/report", None),
            ("DELETE", "", None),
        ):
            answer = await http.request(method, f"{BASE}/session/{session_id}{path}", json=sent, headers=headers)
            assert answer.status_code < 500, answer.text
            said.keep(answer)

    assert_private(stack, said, secret)
    about = [line for line in lines_of(stack.log_path("control_api")) if line.get("session_id") == session_id]
    assert len(about) >= 5
    assert all(line["request_id"] for line in about)


async def signed_in(http: httpx.AsyncClient, house: House, said: Said) -> dict[str, str]:
    sent = {"email": house.admin_email, "password": house.admin_password}
    token = said.keep(await http.post("/api/auth/login", json=sent))["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
async def test_no_endpoint_writes_down_what_it_is_sent(stack: Stack, said: Said, route: APIRoute) -> None:
    house = house_of(stack, {})
    method = min(route.methods or ())
    path = re.sub(r"\{session_id\}", str(uuid.uuid4()), route.path)
    path = re.sub(r"\{[^}]*\}", "zephyrine", path)
    async with httpx.AsyncClient(base_url=house.api_url, timeout=30, verify=TLS) as http:
        headers = await signed_in(http, house, said)
        for sent in bodies():
            for who in (headers, {}, {"Authorization": f"Bearer {TEXT}", "X-Request-Id": NAME}):
                request = http.build_request(
                    method,
                    path,
                    params={"q": TEXT, "cursor": NAME, "status": EMAIL},
                    headers=who | {"Cookie": "viva_seat=wombat", "Content-Type": "application/json"},
                    content=sent,
                )
                answer = await http.send(request, stream=True)
                await answer.aclose()

    assert_private(stack, said)


def bodies() -> list[bytes]:
    known = {
        "name": NAME,
        "email": EMAIL,
        "password": PASSWORD,
        "secret": TEXT,
        "questions": [TEXT],
        "items": {TEXT: True},
        "text_version": TEXT,
        TEXT: NAME,
    }
    return [
        json.dumps(known).encode(),
        json.dumps({"email": EMAIL, "password": PASSWORD}).encode(),
        json.dumps({"name": NAME + "\x00", "email": "\ud800"}).encode(),
        f'{{"{NAME}": '.encode(),
        f'"{TEXT}"'.encode(),
    ]


async def test_what_is_asked_for_outside_the_routes_is_not_written_down(stack: Stack, said: Said) -> None:
    async with httpx.AsyncClient(base_url=stack.url("control_api"), timeout=30, verify=TLS) as http:
        for path in ("/zephyrine", f"{BASE}/quokka/{EMAIL}", "/%ff%00wombat", "/?numbat", f"{BASE}/session/{EMAIL}"):
            await http.get(path)
        await http.request("ZEPHYRINE", "/healthz")
    assert_private(stack, said)
