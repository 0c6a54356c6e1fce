"""The requests that this replica has answered."""

import time
from collections import deque
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Histogram

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MINUTE_S = 60


class Requests:
    """Counts of one replica; probes are not among them. `seconds` tells the time, and never goes back."""

    def __init__(self, registry: CollectorRegistry, seconds: Callable[[], float] = time.monotonic) -> None:
        self.answered = 0
        self.errors = 0
        """Answered with 5xx, or cut off by a bug."""
        self._seconds = seconds
        self._by_second: deque[tuple[int, int]] = deque(maxlen=_MINUTE_S + 1)
        self._total = Counter("requests", "Requests answered by this replica.", ["status"], registry=registry)
        self._time = Histogram(
            "response_time_seconds",
            "From a request's arrival to the end of its answer; event streams are left out.",
            ["route", "method", "status"],
            buckets=_BUCKETS,
            registry=registry,
        )

    def note(self, route: str, method: str, status: int, took_s: float | None) -> None:
        """Count one answer; `status` 0 is none at all. `took_s` None leaves its time out."""
        kind = f"{status // 100}xx" if status else "none"
        self.answered += 1
        self.errors += status >= 500 or status == 0
        self._total.labels(kind).inc()
        if took_s is not None:
            self._time.labels(route, method, kind).observe(took_s)
        second = int(self._seconds())
        if self._by_second and self._by_second[-1][0] == second:
            self._by_second[-1] = (second, self._by_second[-1][1] + 1)
        else:
            self._by_second.append((second, 1))

    def last_minute(self) -> int:
        """Return how many were answered within the last minute."""
        since = self._seconds() - _MINUTE_S
        return sum(n for second, n in self._by_second if second > since)
