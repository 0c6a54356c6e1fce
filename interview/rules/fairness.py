"""How often proctoring is wrong, under which conditions: false and missed incidents with counts and intervals. Pure.

What is *false* and what is *missed* is what people decided: an incident that was dismissed as `not_so`, and an incident
that somebody saw and software had not filed. What was not decided, or decided unsure, is counted and taken for neither.
Who has the truth from elsewhere, such as scripted recordings, makes `Case`s of it in the same way.

Conditions are recorded, never guessed from a face: the light from measured brightness, everything else (glasses, groups
of skin tone and the like) from a file of the organisation.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from interview.errors import Invalid
from interview.incident import BY_A_PERSON, Incident, Observation
from interview.incident_kind import IncidentKind
from interview.review import Reason, ReviewState, Verdict
from interview.wilson import Interval, wilson

UNKNOWN = "unknown"
ALL = "all"
LIGHT = "light"
_DIM_LUMA, _BRIGHT_LUMA = 60.0, 190.0
"""Bounds of median brightness (0 to 255), chosen by eye on webcam pictures: under 60 a lit screen is the main light."""
MAX_ROWS = 100_000
_MAX_CELL = 100


class Outcome(StrEnum):
    """What an incident turned out to be."""

    TRUE = "true"
    FALSE = "false"
    MISSED = "missed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Case:
    """One incident, and under which conditions it happened."""

    session_id: str
    kind: IncidentKind
    outcome: Outcome
    conditions: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Row:
    """One group of one condition. `false_of` are the decided filed ones, `missed_of` what really happened."""

    condition: str
    group: str
    sessions: int
    filed: int
    undecided: int
    false: int
    false_of: int
    missed: int
    missed_of: int

    @property
    def false_interval(self) -> Interval:
        """Where the share of false ones among the decided may really lie (95 %)."""
        return wilson(self.false, self.false_of)

    @property
    def missed_interval(self) -> Interval:
        """Where the share of missed ones among what happened may really lie (95 %)."""
        return wilson(self.missed, self.missed_of)


def outcome_of(incident: Incident) -> Outcome:
    """Say what an incident turned out to be, by what people decided about it."""
    if incident.detector == BY_A_PERSON:
        return Outcome.MISSED
    if incident.state is not ReviewState.DECIDED or incident.verdict in (None, Verdict.UNSURE):
        return Outcome.UNDECIDED
    return Outcome.FALSE if incident.reason is Reason.NOT_SO else Outcome.TRUE


def light_of(observations: Iterable[Observation]) -> str:
    """Name the light of a session by the median of its measured brightness."""
    # `luma` was the mean until it became that of the brightest part
    measured = [seen.values.get("mean_luma", seen.values["luma"]) for seen in observations if "luma" in seen.values]
    if not measured:
        return UNKNOWN
    luma = median(measured)
    return "dim" if luma < _DIM_LUMA else "bright" if luma >= _BRIGHT_LUMA else "medium"


def read_conditions(text: str) -> dict[str, dict[str, str]]:
    """Read the organisation's file: CSV with `session_id` and a column for each condition; by session, by condition.

    An empty cell is unknown. Raises `Invalid` that names the row.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    names = [name.strip() for name in reader.fieldnames or []]
    if "session_id" not in names or len(names) < 2 or len(set(names)) != len(names) or not all(names):
        raise Invalid("the first row names the columns: session_id, and one for each condition, each once")
    reader.fieldnames = names
    found: dict[str, dict[str, str]] = {}
    for number, row in enumerate(reader, 1):
        if number > MAX_ROWS:
            raise Invalid(f"there are more than {MAX_ROWS} rows")
        if None in row or any(value is None for value in row.values()):
            raise Invalid(f"row {number} has not as many cells as the first row has names")
        if any(len(value) > _MAX_CELL for value in row.values()):
            raise Invalid(f"row {number} has a cell of more than {_MAX_CELL} characters")
        session_id = row.pop("session_id").strip()
        if not session_id or session_id in found:
            raise Invalid(f"row {number}: {'the session stands twice' if session_id else 'there is no session_id'}")
        found[session_id] = {name: value.strip() or UNKNOWN for name, value in row.items()}
    return found


def audit(cases: Sequence[Case], sessions: Mapping[str, Mapping[str, str]]) -> list[Row]:
    """Count what was false and missed: over all, then for each group of each condition, by name.

    `sessions` holds every session that was proctored with its conditions, so that groups without any incident show.
    """
    rows = [_row(ALL, ALL, list(cases), len(sessions))]
    for condition in sorted({name for conditions in sessions.values() for name in conditions}):
        groups = sorted({conditions.get(condition, UNKNOWN) for conditions in sessions.values()})
        for group in groups:
            of_group = {key for key, conditions in sessions.items() if conditions.get(condition, UNKNOWN) == group}
            rows.append(_row(condition, group, [one for one in cases if one.session_id in of_group], len(of_group)))
    return rows


def by_kind(cases: Sequence[Case]) -> Iterator[tuple[IncidentKind, list[Case]]]:
    """Yield the cases of each kind of which there are any."""
    for kind in IncidentKind:
        of_kind = [case for case in cases if case.kind is kind]
        if of_kind:
            yield kind, of_kind


def _row(condition: str, group: str, cases: Sequence[Case], sessions: int) -> Row:
    n = {outcome: sum(case.outcome is outcome for case in cases) for outcome in Outcome}
    return Row(
        condition=condition,
        group=group,
        sessions=sessions,
        filed=len(cases) - n[Outcome.MISSED],
        undecided=n[Outcome.UNDECIDED],
        false=n[Outcome.FALSE],
        false_of=n[Outcome.TRUE] + n[Outcome.FALSE],
        missed=n[Outcome.MISSED],
        missed_of=n[Outcome.TRUE] + n[Outcome.MISSED],
    )
