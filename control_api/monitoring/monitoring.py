"""Everything that one replica needs to be watched; one per application, begun and ended by its lifespan."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from control_api.monitoring.figures import House
from control_api.monitoring.hub import Hub
from control_api.monitoring.readiness import Checks
from control_api.monitoring.requests import Requests
from interview.clock import Clock
from interview.processes import Self, alive
from interview.replica import Load, ReplicaKind
from interview.settings import Settings
from interview.storage import Storage
from providers.directory import Directory
from providers.usage import CALLS
from rooms.rooms import Rooms


class Monitoring:
    """Counts, figures, streams and checks of one replica."""

    def __init__(self, settings: Settings, storage: Storage, rooms: Rooms, clock: Clock, directory: Directory) -> None:
        self._settings = settings
        self._storage = storage
        self._clock = clock
        self.registry = CollectorRegistry(auto_describe=True)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.requests = Requests(self.registry)
        self._me = Self(ReplicaKind.CONTROL_API, self._load, clock)
        self.hub = Hub(storage, settings, clock)
        self.house = House(storage, settings, clock, self._me, directory)
        self.checks = Checks(settings, storage, rooms, self.house, directory)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Say that this replica lives, for as long as the context lasts; then end the streams."""
        async with alive(self._me, self._settings, self._clock, CALLS, storage=self._storage):
            try:
                yield
            finally:
                await self.hub.aclose()
                await self.checks.aclose()
                await self.house.aclose()

    def _load(self) -> Load:
        return Load(
            requests=self.requests.answered,
            errors=self.requests.errors,
            requests_last_minute=self.requests.last_minute(),
            streams=self.hub.streams,
        )
