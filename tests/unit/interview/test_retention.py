"""When what a session left behind has to go."""

from datetime import timedelta
from typing import Any

import pytest

from interview.retention import declines_retention, mark_of, marks_to_look_at, retention_ends
from interview.session import Consent, ConsentItem, Session, Status
from interview.settings import Settings
from tests.storage.builders import NOON, plan, session, settings


def house(**changes: Any) -> Settings:
    return settings("mongodb://x", "x", **changes)


def over(**changes: Any) -> Session:
    return session(status=Status.COMPLETED, ended_at=NOON, **changes)


def day(n: int) -> Any:
    return NOON + timedelta(days=n)


def test_what_has_not_ended_or_has_gone_is_not_due() -> None:
    for kept in (session(), over(anonymised_at=NOON), session(status=Status.DELETED, ended_at=NOON)):
        assert retention_ends(kept, house()) is None


def test_it_is_the_houses_number_of_days_after_the_end_and_never_where_that_is_0() -> None:
    assert retention_ends(over(), house()) == day(90)
    assert retention_ends(over(), house(retention_days=7)) == day(7)
    assert retention_ends(over(), house(retention_days=0)) is None


@pytest.mark.parametrize("days", [0, 1, 90, 400])
def test_the_marks_find_every_session_that_is_due(days: int) -> None:
    house_days = house(retention_days=days)
    for late in range(0, 2000, 13):
        now = day(days + late)
        due = retention_ends(over(), house_days)
        found = mark_of(over(), NOON) in marks_to_look_at(now, house_days)
        assert found is (due is not None), (days, late)


def test_the_marks_are_no_more_than_the_embedded_database_looks_up_at_once() -> None:
    assert len(marks_to_look_at(NOON, house())) <= 1000


def test_a_session_that_has_not_ended_has_no_mark() -> None:
    assert mark_of(session(), None) is None
    assert not declines_retention(session())


def planned(days: int, answer: bool | None = None) -> Session:
    items = {} if answer is None else {ConsentItem.RETENTION: answer}
    consent = Consent(items=items, text_version="1", given_at=NOON, given_by="candidate")
    return over(plan=plan().model_copy(update={"retention_days": days}), consent=consent)


@pytest.mark.parametrize(
    ("days", "answer", "decided", "due"),
    [
        (30, None, None, 30),
        (400, None, None, 90),
        (400, True, None, 400),
        (400, False, None, 30),
        (400, False, 5, 5),
        (400, False, 60, 30),
        (7, False, None, 7),
    ],
)
def test_a_plan_keeps_shorter_by_itself_and_longer_only_where_that_was_agreed_to(
    days: int, answer: bool | None, decided: int | None, due: int
) -> None:
    kept = planned(days, answer)
    decided_at = None if decided is None else day(decided)
    assert retention_ends(kept, house(), decided_at) == day(due)
    assert declines_retention(kept) is (answer is False)


@pytest.mark.parametrize(("days", "answer"), [(30, None), (400, True), (400, False), (7, False)])
def test_the_marks_find_what_is_due_by_its_plan(days: int, answer: bool | None) -> None:
    kept = planned(days, answer)
    ends = retention_ends(kept, house())
    assert ends is not None
    for late in (0, 1, 50, 500):
        assert mark_of(kept, NOON) in marks_to_look_at(ends + timedelta(days=late), house())
