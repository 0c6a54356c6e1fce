"""Where one stands in the queue, and for how long."""

import pytest

from interview.queue import Line, expected_waits_s


@pytest.mark.parametrize(
    ("remaining_s", "waiting_s", "seats", "waits_s"),
    [
        ([], [], 2, [0]),
        ([100, 300], [], 2, [100]),
        ([100, 300], [600, 600], 2, [100, 300, 700]),
        ([100], [600], 2, [0, 100]),
        ([-5, 50], [10], 2, [0, 10]),
    ],
)
def test_each_gets_the_seat_that_is_free_first(
    remaining_s: list[float], waiting_s: list[float], seats: int, waits_s: list[float]
) -> None:
    assert expected_waits_s(remaining_s, waiting_s, seats) == waits_s


def test_the_place_is_counted_by_tickets_and_gaps_do_not_count() -> None:
    line = Line.of([(9, 60), (4, 60), (7, 60)], [30, 90], seats=2, last_ticket=9)
    places = [line.place(ticket) for ticket in (4, 7, 9)]
    assert [place.position for place in places] == [1, 2, 3]
    assert [place.expected_wait_s for place in places] == [30, 90, 90]


def test_who_came_after_the_line_was_seen_stands_behind_those_who_came_before_them() -> None:
    line = Line.of([(4, 60), (7, 60)], [30], seats=1, last_ticket=9)
    assert [line.place(ticket).position for ticket in (10, 11, 12)] == [3, 4, 5]
    assert Line.of([], [30], seats=1, last_ticket=0).place(1).position == 1
