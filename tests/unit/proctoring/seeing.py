"""Shows pictures to all detectors of a room and to the rules, on time that the test makes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from interview.accommodation import Accommodations
from interview.incident import Observation
from interview.incident_kind import IncidentKind
from interview.plan import ProctoringPolicy
from interview.rules import IncidentChange, State, default_rules, rules_for, step
from interview.signals import OF_THE_ROOM
from local.camera import Image
from proctoring.detectors.eyes import Eyes
from proctoring.detectors.frame import Frame, bounded
from proctoring.detectors.shared import Models

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RULES = rules_for(default_rules(), ProctoringPolicy(kinds=tuple(OF_THE_ROOM)), Accommodations()).only(OF_THE_ROOM)


CHEAP = OF_THE_ROOM - {IncidentKind.PHONE}
"""The network that finds telephones costs more than all the others together."""


@dataclass
class Seen:
    """One candidate, and what was observed and found of them so far."""

    models: Models
    eyes: Eyes = field(default_factory=lambda: Eyes(CHEAP))
    at_s: float = 0.0
    pace: float = 1.0
    state: State = field(default_factory=State)
    told: list[Observation] = field(default_factory=list)
    found: list[IncidentChange] = field(default_factory=list)

    def show(self, draw: Callable[[float], Image], seconds: float, frames_per_s: float = 5) -> None:
        for _ in range(round(seconds * frames_per_s)):
            frame = Frame(START + timedelta(seconds=self.at_s), bounded(draw(self.at_s)))
            for observation in self.eyes.look(frame, self.models, self.pace):
                self.told.append(observation)
                self.state, changes = step(self.state, observation, RULES)
                self.found += changes
            self.at_s += 1 / frames_per_s

    @property
    def kinds(self) -> list[IncidentKind]:
        """What was found, each incident once, in the order in which it was found."""
        return [change.kind for change in self.found if not change.closed]

    def figures(self, name: str) -> list[float]:
        return [observation.values[name] for observation in self.told if name in observation.values]
