"""A circuit breaker: who has failed is left alone for a while, longer each time. Pure.

Times are seconds of any clock.
"""

from dataclasses import dataclass, replace

LONGEST_OPEN_S = 120.0


@dataclass(frozen=True)
class Policy:
    """How patient a breaker is."""

    failures: int = 2
    """So many in a row open it."""
    open_s: float = 10.0
    """For how long the first time; it doubles with each further one, to at most `LONGEST_OPEN_S`."""
    probe_s: float = 10.0
    """While one caller tries whether it is back, others wait for so long at most."""


@dataclass(frozen=True)
class Breaker:
    """What is known about somebody who may fail. A new one lets everybody through."""

    failures: int = 0
    """In a row."""
    opened: int = 0
    """How often in a row it was opened without a success in between."""
    closed_until_s: float = 0.0
    """Before this nobody is let through."""

    def allows(self, now_s: float) -> bool:
        """Tell whether it may be tried now."""
        return now_s >= self.closed_until_s

    def tried(self, now_s: float, policy: Policy) -> "Breaker":
        """Somebody tries: where it had failed, they are the only one for a while."""
        return replace(self, closed_until_s=now_s + policy.probe_s) if self.opened else self

    def failed(self, now_s: float, policy: Policy, *, at_once: bool = False, spread: float = 0.0) -> "Breaker":
        """It failed; `at_once` opens without waiting for more. `spread` (0 to 1) lengthens the pause by up to a fifth.

        Processes that failed together are not to come back together.
        """
        failures = self.failures + 1
        if not (at_once or self.opened or failures >= policy.failures):
            return replace(self, failures=failures)
        open_s = min(policy.open_s * 2**self.opened, LONGEST_OPEN_S) * (1 + spread / 5)
        return Breaker(failures, self.opened + 1, now_s + open_s)

    def given_up(self) -> "Breaker":
        """The try was ended by us before it showed anything: the next may try at once."""
        return replace(self, closed_until_s=0.0) if self.opened else self

    def succeeded(self) -> "Breaker":
        """It worked."""
        return Breaker()
