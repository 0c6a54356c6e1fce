"""A recruiter's way through the public API: sign in, create a session, wait for its end, fetch what it left behind."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import TypeAdapter

from control_api.material.schemas import IncidentView, ReportAnswer
from interview.errors import VivaError
from interview.record import Record
from interview.rendering import ReportFormat
from interview.report import ReportStatus
from interview.session import ENDED, Status
from interview.transcript import Turn
from local.persona import Persona
from local.tls import TLS

T = TypeVar("T")
_BASE = "/api/parallel_interview"
_TIMEOUT_S = 60
_ASK_AGAIN_S = 0.5
_SIGN_IN_S = 10
"""How long to try: of several sign-ins of one account at the same moment some are told to come again."""
_TURNS: TypeAdapter[list[Turn]] = TypeAdapter(list[Turn])
_INCIDENTS: TypeAdapter[list[IncidentView]] = TypeAdapter(list[IncidentView])


class ApiRefused(VivaError):
    """The API did not do what was asked, or not in time; the message says which call and why."""

    code = "api_refused"


class Created(Record):
    """A new session: its link, and the ids of its questions in order."""

    session_id: str
    invite_url: str
    question_ids: tuple[str, ...]


class Recruiter:
    """A signed-in account's connection to the API. An access token is short; when it has run out it is renewed."""

    def __init__(self, http: httpx.AsyncClient, email: str, password: str) -> None:
        self._http = http
        self._credentials = {"email": email, "password": password, "cookie": False, "label": "a program"}
        self._refresh_token = ""
        self._renewing = asyncio.Lock()

    @classmethod
    async def sign_in(cls, api_url: str, email: str, password: str) -> Self:
        """Sign in; raises `ApiRefused` when that fails."""
        recruiter = cls(httpx.AsyncClient(base_url=api_url, timeout=_TIMEOUT_S, verify=TLS), email, password)
        try:
            await recruiter._sign_in()
        except VivaError:
            await recruiter.close()
            raise
        return recruiter

    @property
    def token(self) -> str:
        """The access token, for a caller that speaks to the API itself."""
        return self._http.headers["Authorization"].removeprefix("Bearer ")

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def create(self, persona: Persona, plan_id: str | None = None) -> Created:
        """Create a session of the persona's questions, or of a kept plan, for the persona."""
        body: dict[str, Any] = {"name": persona.name, "email": persona.email}
        if plan_id is None:
            asked = {"text", "competency", "max_follow_ups"}
            body["language"] = persona.language
            body["questions"] = [question.model_dump(include=asked) for question in persona.questions]
        else:
            body["plan_id"] = plan_id
        made = (await self._call("POST", f"{_BASE}/create", body)).json()
        ids = tuple(question["id"] for question in made["interview_config"]["questions"])
        return Created(session_id=made["session_id"], invite_url=made["invite_url"], question_ids=ids)

    async def plan(self, persona: Persona, speaking_speed: float) -> str:
        """Keep a plan of the persona's questions, asked at that speed, and return its id."""
        names = dict.fromkeys(question.competency for question in persona.questions)
        content = {
            "title": persona.title,
            "language": persona.language,
            "speaking_speed": speaking_speed,
            "competencies": [{"id": name, "name": name} for name in names],
            "questions": [
                {"id": f"q{n}"} | question.model_dump(include={"text", "competency", "max_follow_ups"})
                for n, question in enumerate(persona.questions, 1)
            ],
        }
        return (await self._call("POST", "/api/plans", {"plan": content})).json()["plan_id"]

    async def status(self, session_id: str) -> Status:
        """Tell where a session stands."""
        return Status((await self._get(session_id)).json()["status"])

    async def end(self, session_id: str) -> None:
        """End a session now."""
        await self._call("POST", f"{_BASE}/session/{session_id}/end")

    async def pause(self, session_id: str) -> None:
        """Stop a session's clock."""
        await self._call("POST", f"{_BASE}/session/{session_id}/pause")

    async def resume(self, session_id: str) -> None:
        """Let a paused session go on."""
        await self._call("POST", f"{_BASE}/session/{session_id}/resume")

    async def ended(self, session_id: str, timeout_s: float) -> Status:
        """Wait until the session has ended, and return how."""

        async def look() -> Status | None:
            status = await self.status(session_id)
            return status if status in ENDED else None

        return await _within(timeout_s, look, f"session {session_id} did not end")

    async def report(self, session_id: str, timeout_s: float) -> ReportAnswer:
        """Wait until the report is ready or given up, and return it."""

        async def look() -> ReportAnswer | None:
            answer = await self._request("GET", f"{_BASE}/session/{session_id}/report")
            if answer.status_code == 404:  # not queued yet
                return None
            report = ReportAnswer.model_validate_json(_checked(answer).content)
            return report if report.status in (ReportStatus.READY, ReportStatus.FAILED) else None

        return await _within(timeout_s, look, f"the report of session {session_id} was not ready")

    async def report_html(self, session_id: str) -> str:
        """Fetch the report as a page."""
        return (await self._get(session_id, "/report.html")).text

    async def report_file(self, session_id: str, form: ReportFormat) -> bytes:
        """Fetch the report in a form; one that is made for the asking is waited for."""
        return (await self._get(session_id, f"/report.{form}")).content

    async def transcript(self, session_id: str) -> list[Turn]:
        """Fetch the stored turns, in order."""
        return _TURNS.validate_python((await self._get(session_id, "/transcript")).json()["turns"])

    async def incidents(self, session_id: str) -> list[IncidentView]:
        """Fetch what proctoring filed, by time."""
        return _INCIDENTS.validate_python((await self._get(session_id, "/incidents")).json()["incidents"])

    async def still(self, url: str) -> bytes:
        """Fetch one still of an incident (JPEG)."""
        return (await self._call("GET", url)).content

    async def recording(self, session_id: str) -> tuple[bytes, datetime]:
        """Fetch the joined recording as WAV, and the time of its first sample."""
        answer = await self._get(session_id, "/recording")
        return answer.content, datetime.fromisoformat(answer.headers["X-Recording-Started-At"])

    async def _get(self, session_id: str, what: str = "") -> httpx.Response:
        return await self._call("GET", f"{_BASE}/session/{session_id}{what}")

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return _checked(await self._request(method, path, body))

    async def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Ask, and ask once more with a new access token when the one that was sent has run out."""
        sent = self._http.headers.get("Authorization", "")
        answer = await self._send(method, path, body)
        if answer.status_code != 401 or answer.json().get("code") != "token_expired":
            return answer
        async with self._renewing:
            if self._http.headers.get("Authorization", "") == sent:
                await self._renew()
        return await self._send(method, path, body)

    async def _renew(self) -> None:
        answer = await self._send("POST", "/api/auth/refresh", {"refresh_token": self._refresh_token})
        if answer.is_error:
            await self._sign_in()
        else:
            self._keep(answer)

    async def _sign_in(self) -> None:
        deadline_s = time.monotonic() + _SIGN_IN_S
        while True:
            answer = await self._send("POST", "/api/auth/login", self._credentials)
            wait_s = _told_to_wait_s(answer)
            if wait_s is None or time.monotonic() + wait_s > deadline_s:
                break
            await asyncio.sleep(wait_s)
        self._keep(_checked(answer))

    def _keep(self, answer: httpx.Response) -> None:
        tokens = answer.json()
        self._refresh_token = tokens["refresh_token"]
        self._http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    async def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            return await self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise ApiRefused(f"{method} {path} failed: {type(error).__name__}: {error}") from error


def _told_to_wait_s(answer: httpx.Response) -> float | None:
    return float(answer.headers.get("Retry-After", 1)) if answer.status_code == 429 else None


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        request = answer.request
        raise ApiRefused(f"{request.method} {request.url.path} was answered {answer.status_code}: {answer.text[:500]}")
    return answer


async def _within(timeout_s: float, look: Callable[[], Awaitable[T | None]], failure: str) -> T:
    """Ask until there is an answer; raises `ApiRefused` with `failure` after `timeout_s`."""
    deadline_s = time.monotonic() + timeout_s
    while (found := await look()) is None:
        if time.monotonic() > deadline_s:
            raise ApiRefused(f"{failure} within {timeout_s:.0f} s")
        await asyncio.sleep(_ASK_AGAIN_S)
    return found
