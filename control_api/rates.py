"""How often one may ask: per account, per address, and less often where guessing would pay. Shared by all replicas.

A window is a minute. A replica takes permits from the window's counter in the database a block at a time, about a
twentieth of the limit, and hands them out by itself: so a request costs no write, and all replicas together never let
through more than the limit. What a replica has left when the window closes is lost, a block at most.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from starlette.types import ASGIApp, Receive, Scope, Send

from control_api.addresses import UNKNOWN, Proxies
from control_api.problems import problem_of
from interview.clock import Clock
from interview.errors import StorageError, TooMany
from interview.settings import Settings
from interview.storage import Storage

log = logging.getLogger(__name__)

WINDOW_S = 60
_BLOCKS = 20
_MAX_KEYS = 20_000
"""Accounts and addresses that one replica remembers; beyond it the least recently seen gives up its permits."""
_TRIES = 3
_WAIT_S = 1.0
"""How long a request waits for permits before it is let through without."""
_LEAVE_ALONE_S = 5.0
"""How long the database is not asked again after it did not answer."""

EXEMPT = frozenset({"/healthz", "/readyz", "/api/webhooks/livekit"})
"""Asked by machines of the house: probes, and LiveKit, whose signature is checked before anything else."""


class Rate(StrEnum):
    """What is counted."""

    USER = "user"
    """Per account, and per candidate's seat."""
    ADDRESS = "address"
    OPEN = "open"
    """Per address: calls whose content is the proof of who calls."""


@dataclass
class _Bucket:
    window: int = -1
    permits: int = 0
    spent: bool = False
    """The window has no more to give."""
    refill: asyncio.Lock = field(default_factory=asyncio.Lock)


class Rates:
    """Hands out permits. One per process."""

    def __init__(self, settings: Settings, storage: Storage, clock: Clock) -> None:
        self._limits = {
            Rate.USER: settings.rate_limit_per_user_per_min,
            Rate.ADDRESS: settings.rate_limit_per_address_per_min,
            Rate.OPEN: settings.rate_limit_open_per_min,
        }
        self._storage = storage
        self._clock = clock
        self._buckets: OrderedDict[tuple[Rate, str], _Bucket] = OrderedDict()
        self._away_until = clock.now()
        self._told = False

    async def admit(self, rate: Rate, key: str) -> None:
        """Take one permit. Raises `TooMany` when the window has none left; lets through when the database is away."""
        limit = self._limits[rate]
        if limit == 0:
            return
        bucket = self._bucket(rate, key)
        for _ in range(_TRIES):
            if self._hand_out(bucket):
                return
            if bucket.spent:
                break
            # one task fetches a block, and those who came meanwhile live on it
            async with bucket.refill:
                if self._hand_out(bucket) or not await self._fetch(bucket, rate, key, limit):
                    return
        left_s = WINDOW_S - self._clock.now().timestamp() % WINDOW_S
        raise TooMany(f"more than {limit} requests in a minute; wait a little", retry_after_s=left_s, limit=limit)

    def _bucket(self, rate: Rate, key: str) -> _Bucket:
        bucket = self._buckets.setdefault((rate, key), _Bucket())
        self._buckets.move_to_end((rate, key))
        if len(self._buckets) > _MAX_KEYS:
            self._buckets.popitem(last=False)
        return bucket

    def _hand_out(self, bucket: _Bucket) -> bool:
        """Hand out a permit of this minute, if one is here; those of the last one are worth nothing."""
        window = int(self._clock.now().timestamp() // WINDOW_S)
        if bucket.window != window:
            bucket.window, bucket.permits, bucket.spent = window, 0, False
        if bucket.permits == 0:
            return False
        bucket.permits -= 1
        return True

    async def _fetch(self, bucket: _Bucket, rate: Rate, key: str, limit: int) -> bool:
        """Take a block from the window's counter; False when the database does not answer."""
        if self._clock.now() < self._away_until:
            return False
        window, block = bucket.window, max(1, limit // _BLOCKS)
        try:
            async with asyncio.timeout(_WAIT_S):
                taken = await self._storage.leases.count(f"rate:{rate}:{key}:{window}", block)
        except (StorageError, TimeoutError) as error:
            self._away_until = self._clock.now() + timedelta(seconds=_LEAVE_ALONE_S)
            if not self._told:
                log.warning("requests are not limited: the database does not answer (%s)", type(error).__name__)
            self._told = True
            return False
        self._told = False
        granted = max(0, min(limit, taken) - (taken - block))
        if bucket.window == window:
            bucket.permits += granted
            bucket.spent = granted < block
        return True


class AddressRates:
    """ASGI middleware: notes where each request comes from (`viva.address` in its scope) and limits the address.

    It stands before the body is read: who asks too often is answered at once.
    """

    def __init__(self, app: ASGIApp, rates: Rates, proxies: Proxies, clock: Clock) -> None:
        self._app = app
        self._rates = rates
        self._proxies = proxies
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["viva.address"] = self._proxies.address_of(scope)
        try:
            if scope["path"] not in EXEMPT:
                await self._rates.admit(Rate.ADDRESS, scope["viva.address"])
        except TooMany as error:
            await problem_of(error, scope, self._clock)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Return the address that the middleware noted."""
    return scope.get("viva.address", UNKNOWN)
