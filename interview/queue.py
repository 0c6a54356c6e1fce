"""How long somebody who queues will probably wait. Pure."""

import heapq
from collections.abc import Iterable, Sequence


def expected_wait_s(remaining_s: Iterable[float], ahead_s: Sequence[float], seats: int) -> float:
    """Return the expected wait, in seconds, of who queues behind `ahead_s`.

    `remaining_s` is what the interviews that have a seat will still take, `ahead_s` how long those ahead will take, in
    their order; each gets the seat that is free first. An estimate: interviews end early, and candidates do not come.
    """
    free_at = [max(0.0, left) for left in remaining_s]
    free_at += [0.0] * max(0, seats - len(free_at))
    heapq.heapify(free_at)
    for duration_s in ahead_s:
        heapq.heapreplace(free_at, free_at[0] + max(0.0, duration_s))
    return free_at[0]
