"""Who has failed is left alone, for longer each time, and is let in by one caller first."""

from providers.breaker import LONGEST_OPEN_S, Breaker, Policy

POLICY = Policy(failures=2, open_s=10, probe_s=3)


def test_one_failure_closes_nothing():
    breaker = Breaker().failed(0, POLICY)
    assert breaker.allows(0)


def test_failures_in_a_row_put_it_aside_for_a_while():
    breaker = Breaker().failed(0, POLICY).failed(1, POLICY)
    assert not breaker.allows(10.9)
    assert breaker.allows(11)


def test_a_success_in_between_begins_anew():
    breaker = Breaker().failed(0, POLICY).succeeded().failed(1, POLICY)
    assert breaker.allows(1)


def test_who_is_slow_is_put_aside_at_once():
    assert not Breaker().failed(0, POLICY, at_once=True).allows(9)


def test_only_one_tries_whether_it_is_back():
    breaker = Breaker().failed(0, POLICY, at_once=True)
    assert breaker.allows(10)
    tried = breaker.tried(10, POLICY)
    assert not tried.allows(12)
    assert tried.allows(13)  # who tried may have died
    assert tried.given_up().allows(10)
    assert tried.succeeded().allows(10)


def test_each_further_failure_doubles_the_pause_up_to_a_bound():
    breaker, now, pauses = Breaker().failed(0, POLICY, at_once=True), 0.0, []
    for _ in range(8):
        pauses.append(breaker.closed_until_s - now)
        now = breaker.closed_until_s
        breaker = breaker.tried(now, POLICY).failed(now, POLICY)
    assert pauses[:4] == [10, 20, 40, 80]
    assert max(pauses) == LONGEST_OPEN_S


def test_those_that_failed_together_do_not_come_back_together():
    early, late = (Breaker().failed(0, POLICY, at_once=True, spread=spread) for spread in (0.0, 1.0))
    assert (early.closed_until_s, late.closed_until_s) == (10, 12)
