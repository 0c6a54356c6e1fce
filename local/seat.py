"""The simulated candidate's way through the public API, as a browser goes it: invite, consent, start."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from interview.errors import VivaError
from interview.record import Record
from local.tls import TLS

_SESSION = "/api/parallel_interview/session"
_TIMEOUT_S = 30
_ASK_AGAIN_S = 1.0


class CandidateRefused(VivaError):
    """The API did not let the simulated candidate do what a candidate may do; the message says which call and why."""

    code = "candidate_refused"


class FirstView(Record):
    """What the candidate's page shows first: the session, and what there is to agree to."""

    session_id: str
    consent_text_version: str
    consent_items: tuple[str, ...]


class RoomPass(Record):
    """How to get into the room."""

    session_id: str
    livekit_url: str
    livekit_token: str


class Seat:
    """One candidate's connection to the API; its cookie is the candidate's identity."""

    def __init__(self, api_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=api_url, timeout=_TIMEOUT_S, verify=TLS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def open(self, invite_url: str) -> FirstView:
        """Open the invite link: afterwards this connection is the candidate."""
        view = await self._post("/api/invites/open", {"secret": secret_of(invite_url)})
        asked = view["consent"]
        return FirstView(
            session_id=view["session_id"],
            consent_text_version=asked["text_version"],
            consent_items=tuple(question["item"] for question in asked["questions"]),
        )

    async def agree(self, view: FirstView) -> None:
        """Agree to everything that the page asks."""
        body = {"items": dict.fromkeys(view.consent_items, True), "text_version": view.consent_text_version}
        await self._post(f"{_SESSION}/{view.session_id}/consent", body)

    async def start(self, session_id: str, queue_for_s: float = 600) -> RoomPass:
        """Begin the interview; while the house is full, wait in its queue for at most so long."""
        give_up_at_s = time.monotonic() + queue_for_s
        while (answer := await self._post(f"{_SESSION}/{session_id}/start", {}))["status"] == "QUEUED":
            if time.monotonic() > give_up_at_s:
                raise CandidateRefused(f"the house was still full after {queue_for_s:.0f} s: {answer['queue']}")
            await asyncio.sleep(_ASK_AGAIN_S)
        return RoomPass(session_id=session_id, livekit_url=answer["livekit_url"], livekit_token=answer["livekit_token"])

    async def come_back(self, session_id: str) -> RoomPass:
        """Get a fresh token, to return to an interview that goes on."""
        answer = await self._post(f"{_SESSION}/{session_id}/token", {})
        return RoomPass(session_id=session_id, livekit_url=answer["livekit_url"], livekit_token=answer["livekit_token"])

    async def tell(self, session_id: str, events: Sequence[dict[str, Any]]) -> None:
        """Tell what the page noticed, each with `seq`, `kind` and `at`; what is answered for is filed."""
        sent_at = datetime.now(UTC).isoformat()
        await self._post(f"{_SESSION}/{session_id}/events", {"events": list(events), "sent_at": sent_at})

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await self._http.post(path, json=body)
        except httpx.HTTPError as error:
            raise CandidateRefused(f"POST {path} failed: {type(error).__name__}: {error}") from error
        if answer.is_error:
            raise CandidateRefused(f"POST {path} was answered {answer.status_code}: {answer.text[:500]}")
        return answer.json()


def secret_of(invite_url: str) -> str:
    """Return the secret of an invite link, which stands after the `#` so that no server log holds it."""
    secret = urlsplit(invite_url).fragment
    if not secret:
        raise CandidateRefused("the invite link has no secret after a #")
    return secret
