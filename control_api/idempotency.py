"""Calls that create something can be repeated: with the same `Idempotency-Key` they create it once.

    async def create_session(body: …, once: HasOnce, …) -> Response:
        return await once(caller, lambda claim: …)

What is made gets its ids from the claim, so that whoever repeats a call whose process died completes what was begun.
"""

import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from control_api.access import UserCaller
from control_api.parts import HasParts, Parts
from control_api.sessions.ending import erase
from interview.errors import Conflict, StorageError, VivaError
from interview.idempotency import CallState, KeptCall
from interview.storage.idempotency import Claimed

CODES = ("idempotency_mismatch", "idempotency_in_progress")
"""The problem codes of every endpoint that takes a key."""
_FIRST_POLL_S, _LONGEST_POLL_S = 0.05, 0.5

GivenKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="A name of the caller's own for this call: repeated with the same body it has the same answer.",
    ),
]


@dataclass(frozen=True)
class Claim:
    """The right to do a call. Its ids are derived: a repeat that completes the call has the same."""

    seed: str
    begun_before: bool = False
    """An earlier process may have made some of it."""
    call: KeptCall | None = field(default=None, repr=False)
    parts: Parts | None = field(default=None, repr=False)

    def session_id(self, number: int = 0) -> str:
        """Return the id of the session with this number that the call makes."""
        return _uuid(f"{self.seed}:session:{number}")

    @property
    def plan_id(self) -> str:
        """The id of the plan that the call makes."""
        return _uuid(f"{self.seed}:plan")

    @property
    def batch_id(self) -> str:
        """The id of the bulk invitation that the call makes."""
        return _uuid(f"{self.seed}:batch")

    async def hold(self) -> None:
        """Renew the right. Raises `Conflict` (`idempotency_in_progress`) when somebody else has taken over."""
        if self.call is None or self.parts is None:
            return
        until = self.parts.clock.now() + timedelta(seconds=self.parts.settings.idempotency_lease_s)
        if not await self.parts.storage.idempotency.hold(self.call, until):
            raise _in_progress()


class Once:
    """One request, to be done once."""

    def __init__(self, parts: Parts, request: Request, key: str | None, body: bytes) -> None:
        self._parts = parts
        self._key = key
        self._body = body
        self._target = f"{request.url.path}?{request.url.query}"
        self._operation = f"{request.method} {request.url.path}"

    async def __call__(
        self,
        caller: UserCaller,
        make: Callable[[Claim], Awaitable[BaseModel]],
        *,
        status_code: int = 201,
        batch: bool = False,
    ) -> Response:
        """Do the call, or answer as it was answered before, byte for byte.

        `batch` says that it makes many sessions, which are undone if it dies and nobody repeats it. Raises `Conflict`:
        `idempotency_mismatch` when the key stands for another body, `idempotency_in_progress` when the call is just
        being done and is not done in `IDEMPOTENCY_WAIT_S`.
        """
        if self._key is None and not batch:
            return _answer((await make(Claim(str(uuid.uuid4())))).model_dump_json(), status_code)
        key = self._key or f"none:{uuid.uuid4()}"
        wanted = self._call(caller, key, batch)
        claimed = await self._claim(wanted)
        if not claimed.mine:
            call = claimed.call
            assert call.answer is not None
            assert call.status_code is not None
            return _answer(call.answer, call.status_code)
        claim = Claim(wanted.key_hash, claimed.begun_before, claimed.call, self._parts)
        try:
            text = (await make(claim)).model_dump_json()
        except BaseException as error:
            # what was refused before it began leaves the key free; what broke in the middle is for the repeat to finish
            refused = isinstance(error, VivaError) and error.status < 500 and not claim.begun_before
            with suppress(StorageError):
                await self._parts.storage.idempotency.give_up(claimed.call, forget=refused)
            raise
        if await self._parts.storage.idempotency.finish(claimed.call, text, status_code):
            return _answer(text, status_code)
        return await self._answered_by_another(wanted)

    async def _answered_by_another(self, wanted: KeptCall) -> Response:
        """Return the answer of who took the call over while this process was too slow."""
        claimed = await self._claim(wanted)
        if claimed.mine or claimed.call.answer is None:
            raise _in_progress()
        return _answer(claimed.call.answer, claimed.call.status_code or 201)

    async def _claim(self, wanted: KeptCall) -> Claimed:
        """Take the call, or wait until it is done."""
        settings = self._parts.settings
        waited_s, pause_s = 0.0, _FIRST_POLL_S
        while True:
            claimed = await self._parts.storage.idempotency.claim(wanted, settings.idempotency_ttl_s)
            if claimed.mine:
                return claimed
            if claimed.call.body_hash != wanted.body_hash:
                raise Conflict(
                    "this Idempotency-Key stands for another request; take a new one", code="idempotency_mismatch"
                )
            if claimed.call.state is CallState.DONE:
                return claimed
            if waited_s >= settings.idempotency_wait_s:
                raise _in_progress()
            await asyncio.sleep(pause_s)
            waited_s += pause_s
            pause_s = min(pause_s * 2, _LONGEST_POLL_S)

    def _call(self, caller: UserCaller, key: str, batch: bool) -> KeptCall:
        now = self._parts.clock.now()
        key_hash = _hash(caller.user.user_id, self._operation, key)
        claim = Claim(key_hash)
        return KeptCall(
            key_hash=key_hash,
            operation=self._operation,
            body_hash=_hash(key, self._target, self._body.hex()),
            owner=str(uuid.uuid4()),
            lease_until=now + timedelta(seconds=self._parts.settings.idempotency_lease_s),
            session_id="" if batch else claim.session_id(),
            batch_id=claim.batch_id if batch else None,
            created_at=now,
        )


async def once_of(request: Request, parts: HasParts, key: GivenKey = None) -> Once:
    """Return the request as one to be done once."""
    return Once(parts, request, key, await request.body())


HasOnce = Annotated[Once, Depends(once_of)]
"""An endpoint's parameter that takes an `Idempotency-Key`."""


async def undo_dead_batches(parts: Parts) -> int:
    """Erase what bulk invitations made whose process died and which nobody repeats; return how many sessions.

    For the custodian, at every cleanup. Nobody was given their links.
    """
    undone = 0
    for call in await parts.storage.idempotency.dead_batches():
        assert call.batch_id is not None
        for session in await parts.storage.session_edits.of_batch(call.batch_id):
            await erase(parts.storage, parts.rooms, parts.clock, session, by="system:custodian")
            undone += 1
        await parts.storage.idempotency.give_up(call, forget=True)
    return undone


async def forget_answers(parts: Parts) -> int:
    """Delete answers that were kept for `IDEMPOTENCY_TTL_S`; return how many. For the custodian, after the former."""
    ttl = timedelta(seconds=parts.settings.idempotency_ttl_s)
    return await parts.storage.idempotency.forget_before(parts.clock.now() - ttl)


def _answer(text: str, status_code: int) -> Response:
    return Response(text, status_code=status_code, media_type="application/json")


def _in_progress() -> Conflict:
    return Conflict(
        "this call is just being done; repeat it in a moment for its answer",
        code="idempotency_in_progress",
        retry_after_s=2,
    )


def _hash(*values: str) -> str:
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


def _uuid(seed: str) -> str:
    """Return a random-looking id of version 4 that is always the same for a seed."""
    return str(uuid.UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=4))
