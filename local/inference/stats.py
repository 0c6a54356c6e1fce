"""What the running service has done and what it had to replace: shown by `/healthz`."""

import logging
import threading
from collections import Counter, deque

logger = logging.getLogger(__name__)

KEPT_LATENCIES = 200


class Stats:
    """Counters, recent latencies and notices; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._latencies: dict[str, deque[float]] = {}
        self._notices: list[str] = []

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""
        with self._lock:
            self._counts[name] += by

    def latency(self, name: str, ms: float) -> None:
        """Remember one measured latency in milliseconds; the last 200 of each name are kept."""
        with self._lock:
            self._latencies.setdefault(name, deque(maxlen=KEPT_LATENCIES)).append(ms)

    def notice(self, text: str) -> None:
        """Record, once, something that a person should know: a replaced or missing engine and how to mend it."""
        with self._lock:
            if text in self._notices:
                return
            self._notices.append(text)
        logger.warning("%s", text)

    def notices(self) -> list[str]:
        """All notices so far, oldest first."""
        with self._lock:
            return list(self._notices)

    def counts(self) -> dict[str, int]:
        """All counters that are not zero."""
        with self._lock:
            return dict(self._counts)

    def latencies(self) -> dict[str, dict[str, float]]:
        """For each name the number kept, the median and the 95th percentile in milliseconds."""
        with self._lock:
            kept = {name: sorted(values) for name, values in self._latencies.items()}
        return {
            name: {
                "n": len(values),
                "p50_ms": round(values[len(values) // 2], 1),
                "p95_ms": round(values[min(len(values) - 1, int(len(values) * 0.95))], 1),
            }
            for name, values in kept.items()
        }
