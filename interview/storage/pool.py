"""How many connections to the database are in use: the driver tells each time that one is taken or given back."""

import threading

from pymongo.monitoring import (
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)


class PoolUse(ConnectionPoolListener):
    """The use of one client's pool; the driver calls it from its threads. `maximum` is the setting."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.in_use = 0
        """Connections that somebody works with now."""
        self.waiting = 0
        """Calls that wait for a connection now."""
        self.open = 0
        self.refused = 0
        """Calls that got no connection, since the start."""
        self._lock = threading.Lock()

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None:
        """Somebody wants one."""
        self._count(waiting=1)

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """And has it."""
        self._count(waiting=-1, in_use=1)

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None:
        """And does not get it."""
        self._count(waiting=-1, refused=1)

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """It was given back."""
        self._count(in_use=-1)

    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        """One more is there."""
        self._count(open=1)

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """One less is there."""
        self._count(open=-1)

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """Not counted: it was, when it was created."""

    def pool_created(self, event: PoolCreatedEvent) -> None:
        """Not counted."""

    def pool_ready(self, event: PoolReadyEvent) -> None:
        """Not counted."""

    def pool_cleared(self, event: PoolClearedEvent) -> None:
        """Not counted: each connection's end is told as well."""

    def pool_closed(self, event: PoolClosedEvent) -> None:
        """Not counted."""

    def _count(self, **by: int) -> None:
        with self._lock:
            for name, n in by.items():
                setattr(self, name, getattr(self, name) + n)
