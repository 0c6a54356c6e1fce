"""How what was filed is held against what happened."""

import pytest

from bench.clips.scoring import ROWS, STATES, Filed, Row, Truth, false_in_clean_time, score, wilson
from interview.incident import Severity
from interview.incident_kind import IncidentKind
from interview.signals import OF_THE_PAGE

NO_FACE = next(row for row in ROWS if row.name == "no_face")
LARGE = next(row for row in ROWS if row.name == "second_face_50")
SMALL = next(row for row in ROWS if row.name == "second_face_26")


def truth(start_s: float, kind: IncidentKind = IncidentKind.NO_FACE, width_px: int = 0, clip: str = "a") -> Truth:
    return Truth(clip, kind, start_s, start_s + 6, width_px)


def filed(start_s: float, kind: IncidentKind = IncidentKind.NO_FACE, clip: str = "a", filed_s: float = 0) -> Filed:
    return Filed(clip, kind, Severity.MEDIUM, start_s, start_s + 5, filed_s or start_s + 2)


def result(row: Row, truths: list[Truth], incidents: list[Filed]) -> tuple[float | None, float | None]:
    found = score(row, truths, incidents)
    return found.recall, found.precision


def test_an_incident_within_two_seconds_is_about_its_event_and_another_is_not() -> None:
    assert result(NO_FACE, [truth(20)], [filed(21.5)]) == (1, 1)
    assert result(NO_FACE, [truth(20)], [filed(28.5)]) == (0, 0)
    assert result(NO_FACE, [truth(20)], [filed(20, clip="b")]) == (0, 0)


def test_a_second_incident_about_the_same_event_is_wrong() -> None:
    assert result(NO_FACE, [truth(20)], [filed(20.4), filed(24)]) == (1, 0.5)


def test_an_incident_that_began_long_before_the_event_does_not_find_it() -> None:
    early = Filed("a", IncidentKind.NO_FACE, Severity.MEDIUM, 5, 25, 7)
    assert result(NO_FACE, [truth(20)], [early]) == (0, 0)


def test_time_to_file_counts_from_the_onset() -> None:
    assert score(NO_FACE, [truth(20)], [filed(20.5, filed_s=23)]).p95_s == 3


def test_large_and_small_second_faces_are_scored_apart() -> None:
    kind = IncidentKind.SECOND_FACE
    truths = [truth(20, kind, 100), truth(40, kind, 30)]
    assert result(LARGE, truths, [filed(20, kind)]) == (1, 1)
    assert result(SMALL, truths, [filed(20, kind)]) == (0, None)
    assert result(SMALL, truths, [filed(40, kind), filed(60, kind)]) == (1, 0.5)


def test_kinds_of_the_camera_stand_for_one_another() -> None:
    row = next(row for row in ROWS if row.name == "camera_state")
    still, frozen = IncidentKind.STILL_PICTURE, IncidentKind.CAMERA_FROZEN
    assert result(row, [truth(20, still)], [filed(20, frozen)]) == (1, 1)


def test_what_begins_while_something_else_happens_is_not_counted_as_clean_time() -> None:
    away = filed(22, IncidentKind.HEAD_AWAY)
    alone = filed(50, IncidentKind.HEAD_AWAY)
    assert false_in_clean_time([truth(20)], [filed(20), away, alone]) == [alone]


def test_the_interval_of_a_share() -> None:
    assert wilson(30, 30) == (pytest.approx(0.8865, abs=1e-3), 1.0)
    assert wilson(0, 0) == (0.0, 1.0)


def test_what_is_told_has_a_row_for_each_kind_of_the_page_and_the_camera() -> None:
    rows = {kind for row in STATES for kind in row.kinds}
    assert rows == {IncidentKind.CAMERA_OFF, *OF_THE_PAGE}
    assert all((row.recall, row.precision, row.p95_s) == (1.0, 1.0, 1.0) for row in STATES)
