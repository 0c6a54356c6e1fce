"""Which observations are worth telling and storing: what repeats that nothing holds is told twice a second. Pure."""

from datetime import datetime

from interview.incident import Observation
from interview.rules import RuleSet
from interview.signals import SIGNALS, Sense

_CLEAR_EVERY_S = 0.5


class Telling:
    """Thins out one watch's observations without changing what the rules make of them.

    An observation that fulfils any condition is told, and so is the first that does not. A camera that sends
    five frames a second would otherwise store millions of figures that say: nothing.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._clear_since: dict[tuple[str, frozenset[str]], datetime] = {}

    def wants(self, observation: Observation) -> bool:
        """Tell whether an observation is to be told."""
        source = (observation.detector, frozenset(observation.values))
        if self._holds_any(observation):
            self._clear_since.pop(source, None)
            return True
        told_at = self._clear_since.get(source)
        if told_at is not None and (observation.at - told_at).total_seconds() < _CLEAR_EVERY_S - 0.02:
            return False
        self._clear_since[source] = observation.at
        return True

    def _holds_any(self, observation: Observation) -> bool:
        # of kinds that are not watched too: darkness keeps others from being known, whether or not it is filed
        for kind, rule in self._rules.rules.items():
            value = observation.values.get(SIGNALS[kind].figure)
            if value is None:
                continue
            clear = rule.clear_at
            if value >= clear if SIGNALS[kind].sense is Sense.AT_LEAST else value < clear:
                return True
        return False
