"""What came of one attempt to deliver something."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What follows from an attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    FAILED = "failed"
    """For good: trying again would not help."""
    GONE = "gone"
    """For good, and the receiver wants nothing more (HTTP 410)."""


@dataclass(frozen=True)
class Outcome:
    """`code` is the receiver's status, `error` the kind of what went wrong without one; never the receiver's words."""

    verdict: Verdict
    code: int | None = None
    error: str = ""


def retry(error: str) -> Outcome:
    """Return the outcome of an attempt that got no answer."""
    return Outcome(Verdict.RETRY, error=error)
