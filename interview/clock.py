"""Time as a dependency: code is handed a `Clock`, tests hand it a `VirtualClock`."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment as an aware UTC datetime."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, truncated to the milliseconds that MongoDB keeps."""
        return whole_ms(datetime.now(UTC))


class VirtualClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the moment the test has set."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        self._now += timedelta(seconds=seconds)


def whole_ms(moment: datetime) -> datetime:
    """Truncate to whole milliseconds, the precision of a BSON date, so that what is read equals what was written."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def from_epoch(seconds: float) -> datetime:
    """Turn seconds since 1970 into an aware UTC datetime of millisecond precision."""
    return whole_ms(datetime.fromtimestamp(seconds, UTC))
