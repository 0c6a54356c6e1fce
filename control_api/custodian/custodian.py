"""The loop: who acts, how often, and what an outage of the database or of LiveKit means for the duties."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from control_api.auth.housekeeping import forget_old
from control_api.custodian import clearing, ending
from control_api.custodian.running import AgentWatch, look_around
from control_api.idempotency import forget_answers, undo_dead_batches
from control_api.outgoing.announce import announce_due
from control_api.outgoing.reminders import remind_due
from control_api.parts import Parts
from control_api.privacy.retention import apply_retention
from control_api.resumes.service import forget_used_resumes
from interview.errors import RoomServiceUnavailable, StorageUnavailable, VivaError
from interview.tracing import span

log = logging.getLogger(__name__)

_LEASE, _CLEANUP = "custodian", "cleanup"
_PROMPT_S = 1.0
"""A round that takes longer than its interval and this was kept waiting."""
_COUNTERS_KEPT_S = 3600

Duty = Callable[[], Awaitable[int]]


class Custodian:
    """One per API process: `run` it until it is cancelled. `look` performs every duty once."""

    def __init__(self, parts: Parts, stopwatch: Callable[[], float] = time.monotonic) -> None:
        """`stopwatch` tells seconds that only run on: how long calls took, whatever the clock says."""
        self._parts = parts
        self._stopwatch = stopwatch
        self._owner = f"custodian-{uuid4()}"
        self._agents = AgentWatch()
        self._prompt_at_s: float | None = None
        self._blind = True
        self.failures = 0
        """Duties that failed with what nobody foresaw."""

    @property
    def acts(self) -> bool:
        """Whether this process held the lease when it last asked."""
        return not self._blind

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after the house for as long as the context lasts."""
        task = asyncio.create_task(self.run(), name="custodian")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run(self) -> None:
        """Look after the house every `CUSTODIAN_INTERVAL_S`, whenever the lease is this process's; clean up beside."""
        try:
            # what may take long, such as erasing what is too old, must not keep a candidate waiting for an interviewer
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forever(self.round, self._parts.settings.custodian_interval_s))
                both.create_task(self._forever(self.clean_up, self._parts.settings.session_cleanup_interval))
        finally:
            await self._step_down()

    @staticmethod
    async def _forever(what: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            await what()
            await asyncio.sleep(every_s)

    async def look(self) -> None:
        """Perform every duty of a round once. Raises `StorageUnavailable`; the rooms being away is no error here."""
        parts = self._parts
        await self._do("care for the ended", lambda: clearing.care_for_ended(parts))
        await self._do("free lost seats", lambda: clearing.free_lost_seats(parts))
        await self._do("seat the unseated", lambda: clearing.seat_the_unseated(parts))
        await self._do("announce", lambda: announce_due(parts))
        try:
            await self._look_at_rooms()
        except RoomServiceUnavailable as error:
            log.warning("the custodian sees no rooms: %s", error.code)

    async def _look_at_rooms(self) -> None:
        parts = self._parts
        rooms = await parts.rooms.open_rooms()
        attended = await look_around(parts, frozenset(room.name for room in rooms))
        await self._do("end what is over", lambda: ending.end_what_is_over(parts, attended))
        self._note_promptness()
        await self._do("replace dead agents", lambda: self._agents.replace_dead(parts, attended))
        await self._do("replace proctors", lambda: self._agents.replace_proctors(parts, attended))
        # only while LiveKit answers: who is let in must get a room
        await self._do("admit from the queue", lambda: clearing.admit_from_queue(parts))
        await self._do("close orphan rooms", lambda: clearing.close_orphan_rooms(parts, rooms))

    async def clean_up(self) -> None:
        """Perform once what is due every `SESSION_CLEANUP_INTERVAL`, unless another process does it."""
        parts = self._parts
        try:
            if await parts.storage.leases.acquire(_CLEANUP, self._owner, parts.settings.session_cleanup_interval):
                await self._clean_up()
        except (StorageUnavailable, RoomServiceUnavailable) as error:
            log.warning("cleaning up goes on later: %s", error.code)
        except Exception:
            log.exception("cleaning up met a bug")
            self.failures += 1

    async def _clean_up(self) -> None:
        parts = self._parts
        await self._do("expire windows", lambda: clearing.expire_windows(parts))
        await self._do("end what is inactive", lambda: ending.end_what_is_inactive(parts))
        await self._do("apply retention", lambda: apply_retention(parts))
        await self._do("drop old evidence", lambda: clearing.drop_old_evidence(parts))
        await self._do("forget used resumes", lambda: forget_used_resumes(parts))
        await self._do("remind of invites", lambda: remind_due(parts))
        forgotten_before = parts.clock.now() - timedelta(seconds=_COUNTERS_KEPT_S)
        await self._do("undo dead batches", lambda: undo_dead_batches(parts))
        await self._do("forget answers", lambda: forget_answers(parts))
        await self._do("forget old sign-ins", lambda: forget_old(parts.storage, parts.clock, parts.settings))
        await self._do("forget counters", lambda: parts.storage.leases.forget_counts(forgotten_before))

    async def round(self) -> None:
        """Look after the house, if the lease is this process's or is to be had."""
        try:
            mine = await self._parts.storage.leases.acquire(_LEASE, self._owner, self._parts.settings.custodian_lease_s)
            if not mine:
                self._blind = True
                return
            if self._blind:
                self._blind = False
                self._prompt_at_s = None
                self._agents.forget()
            self._note_promptness()
            await self.look()
        except StorageUnavailable as error:
            log.warning("the custodian sees no database: %s", error.code)
            self._blind = True
        except Exception:
            # the house must not be left alone because of one defect; it is logged and counted
            log.exception("a round of the custodian met a bug")
            self.failures += 1

    def _note_promptness(self) -> None:
        """Notice a call that waited for a database that was away and then went through, as if nothing had happened."""
        now_s = self._stopwatch()
        if self._prompt_at_s is not None:
            late_s = now_s - self._prompt_at_s - self._parts.settings.custodian_interval_s - _PROMPT_S
            if late_s > 0:
                self._agents.was_blind(late_s)
        self._prompt_at_s = now_s

    async def _do(self, name: str, duty: Duty) -> None:
        """Perform one duty; what goes wrong with it is logged and counted, and the others are done all the same."""
        try:
            with span(f"custodian: {name}"):
                done = await duty()
        except (StorageUnavailable, RoomServiceUnavailable):
            raise
        except VivaError as error:
            log.error("custodian: %s: %s", name, error.code)
            self.failures += 1
        except Exception:
            log.exception("custodian: %s met a bug", name)
            self.failures += 1
        else:
            if done:
                log.info("custodian: %s: %d", name, done)

    async def _step_down(self) -> None:
        try:
            await self._parts.storage.leases.release(_LEASE, self._owner)
        except VivaError as error:
            log.info("the custodian's lease runs out by itself: %s", error.code)
