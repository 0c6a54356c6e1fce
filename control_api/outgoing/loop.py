"""Delivering what is due: every API process runs this, and each takes by lease what no other has.

At least once: a process that dies in the middle leaves a lease that passes, and another delivers again. Two never
deliver one thing at the same time, because an attempt is given less time than its lease.
"""

import asyncio
import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from control_api.outgoing.mailing import Mailer
from control_api.outgoing.outcome import Outcome, Verdict, retry
from control_api.outgoing.posting import Poster
from interview.clock import Clock
from interview.errors import StaleAttempt, VivaError
from interview.outgoing import Channel, Delivery, DeliveryAttempt
from interview.settings import Settings
from interview.storage import Storage

log = logging.getLogger(__name__)

Send = Callable[[Delivery], Awaitable[Outcome]]

_MAX_WAIT_S = 12 * 3600
_FACTOR = 3
_OF_THE_LEASE = 0.8
"""The part of a lease that an attempt may take."""
_FINISH_S = 10.0
"""How long the end of the process waits for what is under way."""
_LOOK_FORWARD_POLLS = 5
"""Every so many polls what is due much later is looked through."""


@dataclass(frozen=True)
class Policy:
    """How a loop goes about it; the settings of the same names."""

    max_attempts: int
    retry_s: float
    lease_s: float
    poll_s: float
    concurrency: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Read it from the settings."""
        return cls(
            max_attempts=settings.webhook_max_attempts,
            retry_s=settings.webhook_retry_s,
            lease_s=settings.delivery_lease_s,
            poll_s=settings.delivery_poll_s,
            concurrency=settings.delivery_concurrency,
        )

    def wait_s(self, attempts: int) -> float:
        """Return how long to wait after so many failed attempts: tripling, to 12 h, less up to a fifth at random."""
        exponential = self.retry_s * _FACTOR ** min(attempts - 1, 20)
        return min(exponential, _MAX_WAIT_S) * random.uniform(0.8, 1.0)


class Lane:
    """The deliveries of one channel. `run` it; when that is cancelled, what was under way is left to others."""

    def __init__(self, storage: Storage, clock: Clock, channel: Channel, send: Send, policy: Policy) -> None:
        self._storage = storage
        self._clock = clock
        self._channel = channel
        self._send = send
        self._policy = policy
        self._owner = f"{channel}:{uuid.uuid4()}"
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._looked_forward = float("-inf")

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until `stopping` is set; then finish what is under way, or leave it to others when it takes long."""
        stop = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                try:
                    await self._take()
                except VivaError as error:
                    log.warning("%s deliveries wait: %s", self._channel, error.code)
                except Exception:  # it must not take the API down, nor end deliveries for good
                    log.exception("%s deliveries met a bug", self._channel)
                await asyncio.wait(
                    {stop, *self._under_way}, timeout=self._policy.poll_s, return_when=asyncio.FIRST_COMPLETED
                )
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=_FINISH_S)
        finally:
            for task in (stop, *self._under_way):
                task.cancel()
            await asyncio.gather(stop, *self._under_way, return_exceptions=True)

    async def _take(self) -> None:
        """Begin as many deliveries as may be under way at once."""
        if time.monotonic() - self._looked_forward > _LOOK_FORWARD_POLLS * self._policy.poll_s:
            self._looked_forward = time.monotonic()
            await self._storage.deliveries.bring_forward(self._channel)
        while len(self._under_way) < self._policy.concurrency:
            claimed = await self._storage.deliveries.claim(
                self._owner, self._policy.lease_s, self._channel, self._busy()
            )
            if claimed is None:
                return
            task = asyncio.create_task(self._deliver(claimed))
            self._under_way[task] = claimed.target
            task.add_done_callback(self._under_way.pop)

    def _busy(self) -> list[str]:
        """Return the webhooks that have half of all places already: one that hangs must not hold up the others."""
        if self._channel is Channel.MAIL:
            return []
        share = max(1, self._policy.concurrency // 2)
        return [target for target, n in Counter(self._under_way.values()).items() if n >= share]

    async def _deliver(self, claimed: Delivery) -> None:
        """Make one attempt and note what came of it. When that cannot be noted, the lease passes and it is repeated."""
        began = time.monotonic()
        at = self._clock.now()
        outcome = await self._attempt(claimed)
        entry = DeliveryAttempt(
            at=at, code=outcome.code, error=outcome.error, duration_ms=round((time.monotonic() - began) * 1000)
        )
        try:
            await self._note(claimed, outcome, entry)
        except StaleAttempt as error:
            log.warning("%s", error.message)
        except VivaError as error:
            log.error("delivery %s: its outcome could not be noted: %s", claimed.delivery_id, error.code)

    async def _attempt(self, claimed: Delivery) -> Outcome:
        if claimed.attempts > self._policy.max_attempts:
            # so many processes died over it that this one had better not try
            return Outcome(Verdict.FAILED, error="too_many_attempts")
        try:
            async with asyncio.timeout(self._policy.lease_s * _OF_THE_LEASE):
                return await self._send(claimed)
        except TimeoutError:
            return retry("timeout")
        except VivaError as error:
            return retry(error.code)
        except Exception:
            log.exception("delivery %s met a bug", claimed.delivery_id)
            return retry("internal")

    async def _note(self, claimed: Delivery, outcome: Outcome, entry: DeliveryAttempt) -> None:
        deliveries = self._storage.deliveries
        if outcome.verdict is Verdict.DELIVERED:
            await deliveries.arrived(claimed, entry)
            return
        if outcome.verdict is Verdict.GONE:
            await self._disable(claimed.target)
        if outcome.verdict is Verdict.RETRY and claimed.attempts < self._policy.max_attempts:
            wait = timedelta(seconds=self._policy.wait_s(claimed.attempts))
            await deliveries.retry(claimed, entry, self._clock.now() + wait)
            return
        log.warning(
            "delivery %s of %s to %s failed after %d attempts: %s",
            *(claimed.delivery_id, claimed.event, claimed.target, claimed.attempts, outcome.code or outcome.error),
        )
        await deliveries.give_up(claimed, entry)

    async def _disable(self, webhook_id: str) -> None:
        """Disable a webhook whose receiver answered that it is gone for good."""
        if await self._storage.webhooks.disable(webhook_id, self._clock.now()):
            await self._storage.audit.add("system:outgoing", "disable webhook", f"webhook:{webhook_id}")


class Courier:
    """Both lanes of one process."""

    def __init__(self, lanes: list[Lane]) -> None:
        self._lanes = lanes

    @classmethod
    def of(cls, settings: Settings, storage: Storage, clock: Clock) -> Self:
        """Build from settings; mails go only where SMTP is configured. Raises `ConfigurationError`."""
        policy = Policy.of(settings)
        poster = Poster.of(settings, storage.webhooks, clock)
        lanes = [Lane(storage, clock, Channel.WEBHOOK, poster.send, policy)]
        mailer = Mailer.of(settings, clock)
        if mailer is not None:
            lanes.append(Lane(storage, clock, Channel.MAIL, mailer.send, policy))
        return cls(lanes)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver for as long as the block lasts; its end finishes what is under way."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(lane.run(stopping))
            try:
                yield
            finally:
                stopping.set()
