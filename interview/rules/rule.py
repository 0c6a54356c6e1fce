"""What a rule says about one kind of incident, and the set of rules that holds for one session. Values only."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from interview.accommodation import Accommodations
from interview.incident import Severity
from interview.incident_kind import IncidentKind
from interview.plan import ProctoringPolicy
from interview.record import Line, Record
from interview.signals import SIGNALS, Sense

Length = Annotated[float, Field(ge=0, le=3600)]


class Rule(Record):
    """When a kind's condition is an incident. Times are in seconds, figures in the unit of the kind (`SIGNALS`)."""

    threshold: float
    """From here on the condition holds."""
    clear: float | None = None
    """While an incident goes on, the condition holds until the figure is back beyond this; None is `threshold`."""
    after_s: Length
    """How long it must hold."""
    min_observations: Annotated[StrictInt, Field(ge=1, le=1000)] = 1
    """Observations that must fulfil it, however far apart a busy machine looks."""
    flicker_s: Length = 0
    """What is not yet an incident begins afresh after being unfulfilled for longer than this."""
    merge_gap_s: Length = 0
    """An incident goes on over gaps shorter than this."""
    cooldown_s: Length = 0
    """What begins within this time after an incident of its kind must last twice as long."""
    hole_s: Length | None = None
    """Without an observation for this long nothing is known. None: what was told holds until something else is."""
    momentary: StrictBool = False
    """An event without a length, such as a paste; those within `merge_gap_s` of one another are one incident."""
    severity: Severity

    @property
    def clear_at(self) -> float:
        """The threshold while an incident goes on."""
        return self.threshold if self.clear is None else self.clear

    @model_validator(mode="after")
    def _can_end(self) -> Self:
        if not self.after_s and not self.merge_gap_s:
            raise ValueError("give after_s or merge_gap_s: without either, one event would be many incidents")
        return self


class Relaxation(Record):
    """How an accommodation changes a rule; never makes it stricter."""

    ignored: StrictBool = False
    """Nothing of this kind is filed."""
    after_times: Annotated[float, Field(ge=1, le=100)] = 1
    """The condition must hold so many times as long."""
    threshold: float | None = None
    """This one, where it is the more lenient."""
    severity: Severity | None = None
    """This one, where it is the lower."""


class RulesFile(Record):
    """Rules for every kind, and what accommodations change in them."""

    version: Annotated[Line, Field(max_length=60)]
    kinds: dict[IncidentKind, Rule]
    relax: dict[str, dict[IncidentKind, Relaxation]] = {}
    """By the name of a switch of `Accommodations`."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for kind in IncidentKind:
            if kind not in self.kinds:
                raise ValueError(f"kinds.{kind}: there is no rule for it")
            rule, signal = self.kinds[kind], SIGNALS[kind]
            for name, value in (("threshold", rule.threshold), ("clear", rule.clear)):
                if value is not None and not signal.lowest <= value <= signal.highest:
                    raise ValueError(f"kinds.{kind}.{name}: it lies between {signal.lowest:g} and {signal.highest:g}")
            if rule.clear is not None and _more_lenient(kind, rule.clear, rule.threshold) != rule.threshold:
                raise ValueError(f"kinds.{kind}.clear: it is stricter than the threshold, so nothing would go on")
        unknown = set(self.relax) - switches()
        if unknown:
            raise ValueError(f"relax.{min(unknown)}: there is no such accommodation")
        return self


class RuleSet(Record):
    """The rules that hold for one session. `rules` has every kind; only those in `watched` are filed."""

    version: str
    rules: dict[IncidentKind, Rule]
    watched: tuple[IncidentKind, ...]

    def only(self, kinds: Iterable[IncidentKind]) -> Self:
        """Return the same rules, of which only these kinds are filed."""
        wanted = frozenset(kinds)
        return self.model_copy(update={"watched": tuple(kind for kind in self.watched if kind in wanted)})

    @property
    def hole_s(self) -> float:
        """After how long without a frame the camera's silence has to be told."""
        return self.rules[IncidentKind.NO_FACE].hole_s or 5.0


def switches() -> frozenset[str]:
    """Return the names of the accommodations that are switches."""
    fields = Accommodations.model_fields.items()
    return frozenset(name for name, field in fields if isinstance(field.default, bool))


def rules_for(file: RulesFile, policy: ProctoringPolicy, accommodations: Accommodations) -> RuleSet:
    """Return the rules of a session: the house's, changed by its plan, relaxed by its accommodations."""
    relaxed = [changes for name, changes in sorted(file.relax.items()) if getattr(accommodations, name)]
    rules: dict[IncidentKind, Rule] = {}
    watched: list[IncidentKind] = []
    for kind, rule in file.kinds.items():
        found = [changes[kind] for changes in relaxed if kind in changes]
        rules[kind] = _relaxed(kind, _as_planned(rule, policy, kind), found)
        if policy.watches_for(kind) and not any(change.ignored for change in found):
            watched.append(kind)
    return RuleSet(version=file.version, rules=rules, watched=tuple(watched))


def _as_planned(rule: Rule, policy: ProctoringPolicy, kind: IncidentKind) -> Rule:
    own = policy.thresholds.get(kind)
    if own is None:
        return rule
    changes: dict[str, float | None] = {}
    if own.after_s is not None:
        changes["after_s"] = own.after_s
    if own.threshold is not None:
        changes.update(threshold=own.threshold, clear=None)
    return rule.model_copy(update=changes)


def _relaxed(kind: IncidentKind, rule: Rule, relaxations: Iterable[Relaxation]) -> Rule:
    after_times = 1.0
    for change in relaxations:
        after_times = max(after_times, change.after_times)
        if change.threshold is not None:
            threshold = _more_lenient(kind, rule.threshold, change.threshold)
            rule = rule.model_copy(update={"threshold": threshold, "clear": None})
        if change.severity is not None and change.severity.rank > rule.severity.rank:
            rule = rule.model_copy(update={"severity": change.severity})
    return rule.model_copy(update={"after_s": rule.after_s * after_times})


def _more_lenient(kind: IncidentKind, one: float, other: float) -> float:
    return max(one, other) if SIGNALS[kind].sense is Sense.AT_LEAST else min(one, other)
