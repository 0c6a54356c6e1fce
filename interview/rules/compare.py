"""Which incidents other rules would add or drop, told the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interview.rules.engine import IncidentChange


@dataclass(frozen=True)
class Comparison:
    """What is found under both rules (before, after), and what under one only. Each in order of time."""

    kept: tuple[tuple[IncidentChange, IncidentChange], ...]
    added: tuple[IncidentChange, ...]
    dropped: tuple[IncidentChange, ...]

    @property
    def changed(self) -> tuple[tuple[IncidentChange, IncidentChange], ...]:
        """What is found under both, but with another beginning, end or severity."""
        return tuple((one, other) for one, other in self.kept if _seen(one) != _seen(other))


def compare(before: Sequence[IncidentChange], after: Sequence[IncidentChange]) -> Comparison:
    """Match what was found under two sets of rules: of a kind, what overlaps in time is the same event.

    Each is matched once, so that one which becomes two counts as one kept and one added.
    """
    left = list(after)
    kept: list[tuple[IncidentChange, IncidentChange]] = []
    dropped: list[IncidentChange] = []
    for one in before:
        match = next((other for other in left if other.kind is one.kind and _overlap(one, other)), None)
        if match is None:
            dropped.append(one)
        else:
            left.remove(match)
            kept.append((one, match))
    return Comparison(tuple(kept), tuple(left), tuple(dropped))


def _overlap(one: IncidentChange, other: IncidentChange) -> bool:
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: IncidentChange, other: IncidentChange) -> bool:
    return other.ended_at is None or one.started_at <= other.ended_at


def _seen(change: IncidentChange) -> tuple[datetime, datetime | None, str]:
    return change.started_at, change.ended_at, change.severity.value
