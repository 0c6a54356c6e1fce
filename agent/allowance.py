"""How often something may happen. Pure: the caller tells the time."""

from collections import deque


class Allowance:
    """Grants at most `count` in any stretch of `per_s` seconds. `refused` counts the others."""

    def __init__(self, count: int, per_s: float) -> None:
        self._granted: deque[float] = deque(maxlen=count)
        self._per_s = per_s
        self.refused = 0

    def take(self, at_s: float) -> bool:
        """Tell whether one more may happen at `at_s`; times never go back."""
        if len(self._granted) == self._granted.maxlen and at_s - self._granted[0] < self._per_s:
            self.refused += 1
            return False
        self._granted.append(at_s)
        return True
