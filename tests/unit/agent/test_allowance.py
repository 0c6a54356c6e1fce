"""What comes too often is refused, and counted."""

from agent.allowance import Allowance


def test_so_many_are_granted_in_any_stretch_of_time():
    allowance = Allowance(2, per_s=10)
    assert [allowance.take(at_s) for at_s in (0, 1, 2, 9.9, 10, 10.5, 11)] == [
        True,
        True,
        False,
        False,
        True,
        False,
        True,
    ]
    assert allowance.refused == 3
