"""Thinning out what is stored changes nothing about what is found."""

from datetime import UTC, datetime, timedelta

from interview.accommodation import Accommodations
from interview.incident import Observation
from interview.plan import ProctoringPolicy
from interview.rules import default_rules, replay, rules_for
from proctoring.telling import Telling

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RULES = rules_for(default_rules(), ProctoringPolicy(), Accommodations())


def faces(bests: list[float]) -> list[Observation]:
    return [
        Observation(
            at=START + timedelta(seconds=frame / 5), detector="yunet", version="1", values={"best": best, "second": 0.0}
        )
        for frame, best in enumerate(bests)
    ]


def test_clear_observations_are_told_twice_a_second_and_others_always() -> None:
    telling = Telling(RULES)
    assert sum(telling.wants(one) for one in faces([0.9] * 50)) <= 20
    assert all(telling.wants(one) for one in faces([0.1] * 50))


def test_the_first_clear_observation_after_one_that_is_not_is_told_at_once() -> None:
    telling = Telling(RULES)
    told = [telling.wants(one) for one in faces([0.9, 0.9, 0.1, 0.9, 0.9, 0.9])]
    assert told == [True, False, True, True, False, False]


def test_what_is_told_gives_the_same_incidents_as_all_of_it() -> None:
    everything = faces([0.9] * 40 + [0.2] * 14 + [0.9] * 3 + [0.2] * 20 + [0.9] * 30)
    telling = Telling(RULES)
    assert replay([one for one in everything if telling.wants(one)], RULES) == replay(everything, RULES)
    assert len(replay(everything, RULES)) == 1


def test_darkness_is_always_told_though_nobody_watches_for_it() -> None:
    dark = [Observation(at=one.at, detector="light", version="2", values={"luma": 5.0}) for one in faces([0.0] * 20)]
    telling = Telling(RULES)
    assert all(telling.wants(one) for one in dark)
