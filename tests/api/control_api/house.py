"""The real application over real HTTP, on a real database and a real LiveKit server, with a clock that tests move."""

import asyncio
import base64
import socket
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from control_api.access.callers import ACCESS
from control_api.app import create_app
from control_api.serving import KEEP_ALIVE_S, Server
from interview.clock import SystemClock, VirtualClock
from interview.consent import current_text
from interview.settings import Settings
from interview.storage import Storage
from interview.user import Role, User
from local.tls import TLS
from rooms.rooms import Rooms

BASE = "/api/parallel_interview"
PASSWORD = "correct horse battery"
TEXT_VERSION = current_text("en").version
NOWHERE = "ws://127.0.0.1:9"
"""An address where no LiveKit answers."""


def plan_body(**changes: Any) -> dict[str, Any]:
    """A plan as a recruiter would send it."""
    plan = {
        "title": "Backend engineer",
        "competencies": [{"id": "depth", "name": "Depth"}],
        "questions": [{"id": "why", "text": "Why did you build it?", "competency": "depth"}],
    }
    return plan | changes


@dataclass(frozen=True)
class LiveKit:
    url: str
    key: str
    secret: str


def settings_for(mongo_uri: str, livekit: LiveKit, **given: Any) -> Settings:
    values = {
        "mongodb_uri": mongo_uri,
        "mongodb_database": "control_api_tests",
        "encryption_keys": "test:" + base64.b64encode(bytes(32)).decode(),
        "livekit_url": livekit.url,
        "livekit_api_key": livekit.key,
        "livekit_api_secret": livekit.secret,
        "jwt_secret": "a secret of the tests, of more than 32 bytes",
        "queue_board_s": 0,
        "max_concurrent_interviews": 1000,  # tests of other things leave their interviews running
        # all tests call from one address, and the clock stands still
        "rate_limit_per_user_per_min": 0,
        "rate_limit_per_address_per_min": 0,
        "rate_limit_open_per_min": 0,
        "sign_in_free_failures_per_address": 10**6,
    }
    return Settings.model_validate(values | given)


@dataclass
class Account:
    user: User
    headers: dict[str, str]


@dataclass
class House:
    """One running API, and shorthands for what tests do with it."""

    app: FastAPI
    url: str
    settings: Settings
    storage: Storage
    rooms: Rooms
    clock: VirtualClock
    http: httpx.AsyncClient
    password_hash: str
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def account(self, role: Role = Role.RECRUITER, *, token_ttl_s: int = 10**7, **given: Any) -> Account:
        user_id = str(uuid.uuid4())
        family_id = str(uuid.uuid4())
        user = User(
            user_id=user_id,
            email=f"{user_id}@example.com",
            name="Somebody",
            role=role,
            password_hash=self.password_hash,
            created_at=self.clock.now(),
            sign_ins=(family_id,),
            **given,
        )
        await self.storage.users.add(user)
        token = self.app.state.parts.signer.sign(ACCESS, subject=user_id, ttl_s=token_ttl_s, family=family_id)
        return Account(user, {"Authorization": f"Bearer {token}"})

    async def created(self, owner: Account, **given: Any) -> dict[str, Any]:
        body = {"name": "Ada", "email": "ada@example.com", "questions": ["Why?"]} | given
        answer = await self.http.post(f"{BASE}/create", json=body, headers=owner.headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def ready(self, owner: Account, **given: Any) -> str:
        """Make a session with all consent, and return its id."""
        session_id = (await self.created(owner, **given))["session_id"]
        await self.consent(owner, session_id)
        return session_id

    async def consent(self, owner: Account, session_id: str, *, camera: bool = True) -> None:
        body = {"items": {"interview": True, "recording": True, "camera": camera}, "text_version": TEXT_VERSION}
        answer = await self.http.post(f"{BASE}/session/{session_id}/consent", json=body, headers=owner.headers)
        assert answer.status_code == 200, answer.text

    async def kept_plan(self, author: Account, **changes: Any) -> str:
        """Keep a plan of one question, and return its id."""
        shared = changes.pop("shared", False)
        body = {"plan": plan_body(**changes), "shared": shared}
        answer = await self.http.post("/api/plans", json=body, headers=author.headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["plan_id"]

    async def raised(self, made: dict[str, Any], **given: Any) -> dict[str, Any]:
        """Raise a problem as the candidate of a session that was made, and return it."""
        candidate = await self.candidate(made["invite_url"])
        body = {"kind": "question", "text": "How long does it take?"} | given
        answer = await candidate.post(f"{BASE}/session/{made['session_id']}/problems", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def started(self, owner: Account, **given: Any) -> str:
        session_id = await self.ready(owner, **given)
        answer = await self.http.post(f"{BASE}/session/{session_id}/start", headers=owner.headers)
        assert answer.status_code == 200, answer.text
        return session_id

    async def candidate(self, invite_url: str) -> httpx.AsyncClient:
        """Open an invite as a browser would; the client carries the cookie."""
        client = self.browser()
        answer = await client.post("/api/invites/open", json={"secret": invite_url.partition("#")[2]})
        assert answer.status_code == 200, answer.text
        return client

    def browser(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=self.url, timeout=30, verify=TLS)
        self.clients.append(client)
        return client


class serving:  # noqa: N801 - used as a context manager
    """Serve an application on a free port for as long as the block lasts."""

    def __init__(self, settings: Settings, password_hash: str) -> None:
        self._settings = settings
        self._password_hash = password_hash

    async def __aenter__(self) -> House:
        clock = VirtualClock(SystemClock().now())
        storage = await Storage.connect(self._settings, clock)
        rooms = Rooms.of(self._settings)
        app = create_app(self._settings, storage, rooms, clock)
        # with its protocol named: only then does asyncio send answers without waiting for acknowledgements (40 ms each)
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            app, log_config=None, access_log=False, proxy_headers=False, timeout_keep_alive=KEEP_ALIVE_S
        )
        self._server = Server(config, app.state.parts.monitoring.hub)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        http = httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=200), verify=TLS)
        self._house = House(app, url, self._settings, storage, rooms, clock, http, self._password_hash)
        await answering(http, self._serving)
        return self._house

    async def __aexit__(self, *_: object) -> None:
        for client in [self._house.http, *self._house.clients]:
            await client.aclose()
        self._server.should_exit = True
        await self._serving
        await self._house.rooms.aclose()
        await self._house.storage.close()


async def answering(http: httpx.AsyncClient, serving_task: asyncio.Task[None]) -> None:
    """Wait until the application answers; the listening socket holds the request back until it can."""
    waiting = asyncio.create_task(http.get("/healthz"))
    await asyncio.wait({waiting, serving_task}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    assert waiting.done(), "the application did not start"
    assert (await waiting).status_code == 200


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a problem with everything that SPEC 1 asks of one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["message"]
    assert isinstance(body["details"], dict)
    assert body["timestamp"].endswith("Z")
    assert "Traceback" not in answer.text
    return body
