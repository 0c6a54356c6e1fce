"""What other rules would have filed, told the same."""

from datetime import timedelta

from interview.incident import Severity
from interview.plan import IncidentKind
from interview.rules import IncidentChange
from interview.rules.compare import compare
from tests.storage.builders import NOON


def found(start_s: float, end_s: float | None, kind: IncidentKind = IncidentKind.NO_FACE) -> IncidentChange:
    def at(seconds: float | None):
        return None if seconds is None else NOON + timedelta(seconds=seconds)

    return IncidentChange(kind, NOON + timedelta(seconds=start_s), at(end_s), Severity.LOW, 1, 0.6, "yunet", "1")


def test_the_same_is_kept_and_unchanged() -> None:
    one, other = found(0, 5), found(20, None)
    result = compare([one, other], [one, other])
    assert (result.added, result.dropped, result.changed) == ((), (), ())
    assert len(result.kept) == 2


def test_what_one_set_of_rules_finds_alone_is_added_or_dropped() -> None:
    result = compare([found(0, 5), found(30, 40)], [found(10, 15), found(31, 40)])
    assert result.dropped == (found(0, 5),)
    assert result.added == (found(10, 15),)
    assert result.changed == ((found(30, 40), found(31, 40)),)


def test_kinds_are_never_taken_for_one_another() -> None:
    result = compare([found(0, 5)], [found(0, 5, IncidentKind.SECOND_FACE)])
    assert (len(result.added), len(result.dropped)) == (1, 1)


def test_one_that_becomes_two_is_kept_once_and_added_once() -> None:
    result = compare([found(0, 20)], [found(0, 5), found(12, 20)])
    assert (len(result.kept), result.added, result.dropped) == (1, (found(12, 20),), ())
