"""The rules, told timelines of observations at five frames a second."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interview.accommodation import Accommodations
from interview.incident import Observation, Severity
from interview.plan import IncidentKind, ProctoringPolicy
from interview.rules import IncidentChange, RuleSet, State, default_rules, due_at, replay, resume, rules_for, step, tick
from interview.signals import CAMERA, WINDOW

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FRAME_S = 0.2
FACES, BRIGHTNESS = "yunet", "brightness"


def rules(**policy: Any) -> RuleSet:
    return rules_for(default_rules(), ProctoringPolicy(**policy), Accommodations())


RULES = rules()

ONE = {"best": 0.93, "second": 0.0}
TWO = {"best": 0.93, "second": 0.9}
NOBODY = {"best": 0.1, "second": 0.0}
TURNED = {"best": 0.68, "second": 0.0}
DARK = {"luma": 9.0}
STOPPED = {"on": 0.0}

Scene = tuple[dict[str, float], float]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def timeline(*scenes: Scene) -> Iterator[Observation]:
    """Observe each scene's values for so many seconds; a silent scene has no values."""
    frame = 0
    for values, lasts_s in scenes:
        for _ in range(round(lasts_s / FRAME_S)):
            if values:
                detector = BRIGHTNESS if "luma" in values else CAMERA if "on" in values else FACES
                yield Observation(at=at(frame * FRAME_S), detector=detector, version="1", values=values)
            frame += 1


def found(*scenes: Scene, by: RuleSet = RULES) -> list[IncidentChange]:
    return replay(timeline(*scenes), by)


def seconds(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - START).total_seconds()


def spans(changes: list[IncidentChange]) -> list[tuple[IncidentKind, float, float]]:
    return [(c.kind, seconds(c.started_at), seconds(c.ended_at)) for c in changes]


def test_a_clean_interview_files_nothing() -> None:
    assert found((ONE, 600)) == []


def test_an_absence_is_one_incident_from_the_first_empty_frame_to_the_first_with_a_face() -> None:
    assert spans(found((ONE, 10), (NOBODY, 4), (ONE, 10))) == [
        (IncidentKind.NO_FACE, pytest.approx(10), pytest.approx(14))
    ]


def test_an_absence_shorter_than_two_seconds_is_nothing() -> None:
    assert found((ONE, 10), (NOBODY, 1.8), (ONE, 10)) == []


def test_it_is_found_as_soon_as_it_has_lasted_long_enough() -> None:
    state, when = State(), None
    for observation in timeline((ONE, 10), (NOBODY, 4)):
        state, changes = step(state, observation, RULES)
        if changes:
            when = seconds(observation.at)
            break
    assert when == pytest.approx(12)


def test_someone_else_in_view_is_a_second_face() -> None:
    assert spans(found((ONE, 10), (TWO, 3), (ONE, 10))) == [
        (IncidentKind.SECOND_FACE, pytest.approx(10), pytest.approx(13))
    ]


def test_a_face_in_passing_is_nothing() -> None:
    assert found((ONE, 10), (TWO, 0.8), (ONE, 10)) == []


def test_a_blink_of_the_detector_is_nothing() -> None:
    assert found(*[(ONE, 0.8), (NOBODY, 0.2)] * 60) == []


def test_two_failures_of_a_starved_detector_are_nothing() -> None:
    assert found((ONE, 5), (NOBODY, 0.2), ({}, 2.8), (NOBODY, 0.2), (ONE, 5)) == []


def test_a_detector_that_misses_every_second_frame_has_not_seen_an_absence() -> None:
    assert found(*[(ONE, 0.2), (NOBODY, 0.2)] * 60) == []


def test_a_false_face_in_an_empty_frame_does_not_hide_the_absence() -> None:
    assert spans(found((ONE, 10), *[(NOBODY, 1.2), (ONE, 0.2)] * 4, (NOBODY, 1), (ONE, 10))) == [
        (IncidentKind.NO_FACE, pytest.approx(10), pytest.approx(16.6))
    ]


def test_a_turned_head_that_scores_low_is_still_a_face() -> None:
    assert found((ONE, 10), (TURNED, 20), (ONE, 10)) == []


def test_a_gap_of_a_second_does_not_split_an_incident() -> None:
    assert spans(found((ONE, 5), (NOBODY, 4), (ONE, 1), (NOBODY, 4), (ONE, 10))) == [
        (IncidentKind.NO_FACE, pytest.approx(5), pytest.approx(14))
    ]


def test_two_absences_well_apart_are_two_incidents() -> None:
    assert len(found((ONE, 5), (NOBODY, 4), (ONE, 8), (NOBODY, 4), (ONE, 5))) == 2


def test_soon_after_an_incident_the_next_must_last_twice_as_long() -> None:
    short = found((ONE, 5), (NOBODY, 4), (ONE, 3), (NOBODY, 3), (ONE, 10))
    long = found((ONE, 5), (NOBODY, 4), (ONE, 3), (NOBODY, 5), (ONE, 10))
    assert len(short) == 1
    assert spans(long)[1:] == [(IncidentKind.NO_FACE, pytest.approx(12), pytest.approx(17))]


def test_nobody_from_the_first_frame_on_counts_from_the_first_frame() -> None:
    assert spans(found((NOBODY, 5), (ONE, 5))) == [(IncidentKind.NO_FACE, pytest.approx(0), pytest.approx(5))]


def test_a_dark_room_is_not_an_empty_one() -> None:
    assert found((ONE, 5), (DARK, 20), (ONE, 5)) == []


def test_an_absence_that_turns_dark_ends_with_the_last_frame_that_showed_it() -> None:
    assert spans(found((ONE, 5), (NOBODY, 4), (DARK, 20), (ONE, 5))) == [
        (IncidentKind.NO_FACE, pytest.approx(5), pytest.approx(8.8))
    ]


def test_a_camera_that_stops_files_nothing_and_ends_what_is_open() -> None:
    assert found((ONE, 5), (STOPPED, 0.2), ({}, 60), (ONE, 5)) == []
    assert spans(found((ONE, 5), (NOBODY, 4), (STOPPED, 0.2), ({}, 60), (ONE, 5))) == [
        (IncidentKind.NO_FACE, pytest.approx(5), pytest.approx(8.8))
    ]


def test_an_absence_begun_before_the_camera_stopped_does_not_go_on_after_it() -> None:
    assert found((ONE, 5), (NOBODY, 1), (STOPPED, 0.2), (NOBODY, 1), (ONE, 5)) == []


def test_observations_that_fail_to_come_end_an_incident_too() -> None:
    assert spans(found((ONE, 5), (NOBODY, 4), ({}, 8), (ONE, 5))) == [
        (IncidentKind.NO_FACE, pytest.approx(5), pytest.approx(8.8))
    ]


def test_kinds_that_the_plan_switches_off_are_not_filed() -> None:
    only_second = rules(kinds=(IncidentKind.SECOND_FACE,))
    scenes = ((ONE, 5), (NOBODY, 5), (ONE, 5), (TWO, 5), (ONE, 5))
    assert [change.kind for change in found(*scenes, by=only_second)] == [IncidentKind.SECOND_FACE]
    assert found(*scenes, by=rules(enabled=False)) == []


def test_an_incident_says_who_measured_and_how_surely() -> None:
    (change,) = found((ONE, 5), (NOBODY, 5), (ONE, 5))
    assert (change.detector, change.version, change.threshold) == (FACES, "1", 0.6)
    assert change.severity is Severity.MEDIUM
    assert change.confidence == pytest.approx(0.9)


def test_a_replay_finds_what_was_found_live() -> None:
    scenes = ((ONE, 5), (NOBODY, 4), (ONE, 9), (TWO, 2), (DARK, 3), (TWO, 3), (NOBODY, 6), (STOPPED, 0.2))
    state, live = State(), []
    for observation in timeline(*scenes):
        state, changes = step(state, observation, RULES)
        live += [change for change in changes if change.closed]
    assert sorted(live, key=lambda change: change.started_at) == found(*scenes)
    assert len(live) >= 3


def test_a_restarted_worker_goes_on_in_the_middle_of_an_absence() -> None:
    observations = list(timeline((ONE, 5), (NOBODY, 6), (ONE, 5)))
    before, after = observations[:40], observations[40:]
    state, known = resume(before, RULES)
    assert [change.closed for change in known] == [False]
    later: list[IncidentChange] = []
    for observation in after:
        state, changes = step(state, observation, RULES)
        later += changes
    assert spans(later) == [(IncidentKind.NO_FACE, pytest.approx(5), pytest.approx(11))]


def told(*given: tuple[float, str, dict[str, float]]) -> list[Observation]:
    return [Observation(at=at(when), detector=detector, version="1", values=values) for when, detector, values in given]


EVERYTHING = rules(kinds=tuple(IncidentKind))


def everything(*given: tuple[float, str, dict[str, float]]) -> list[tuple[IncidentKind, float, float | None]]:
    changes = replay(told(*given), EVERYTHING)
    return [(c.kind, seconds(c.started_at), None if c.ended_at is None else seconds(c.ended_at)) for c in changes]


def test_a_hidden_tab_is_found_at_once_and_lasts_until_it_is_shown() -> None:
    hidden = (5.0, "page", {"tab_hidden": 1.0})
    assert everything(hidden) == [(IncidentKind.TAB_HIDDEN, 5, None)]
    assert everything(hidden, (900.0, "page", {"tab_hidden": 0.0})) == [(IncidentKind.TAB_HIDDEN, 5, 900)]


def test_going_back_and_forth_is_one_event() -> None:
    flips = [(5 + 3.0 * n, "page", {"tab_hidden": float(n % 2 == 0)}) for n in range(30)]
    assert everything(*flips) == [(IncidentKind.TAB_HIDDEN, 5, 92)]


def test_what_begins_again_long_after_it_was_over_is_another_event_though_nothing_was_told_in_between() -> None:
    hidden = [(when, "page", {"tab_hidden": float(n % 2 == 0)}) for n, when in enumerate((5.0, 9.0, 60.0, 70.0))]
    assert everything(*hidden) == [(IncidentKind.TAB_HIDDEN, 5, 9), (IncidentKind.TAB_HIDDEN, 60, 70)]
    seen = [
        (when, "phones", {"phone": held})
        for when, held in ((0.0, 1.0), (2.0, 1.0), (4.0, 0.0), (14.0, 1.0), (16.0, 1.0))
    ]
    assert [started for _, started, _ in everything(*seen)] == [0, 14]


@pytest.mark.parametrize("first", ["window_blur", "tab_hidden"])
def test_a_tab_that_is_left_loses_the_focus_too_and_that_is_one_event(first: str) -> None:
    second = {"window_blur": "tab_hidden", "tab_hidden": "window_blur"}[first]
    left = [(5.0, "page", {first: 1.0}), (5.02, "page", {second: 1.0})]
    back = [(9.0, "page", {"tab_hidden": 0.0}), (9.01, "page", {"window_blur": 0.0})]
    assert [kind for kind, *_ in everything(*left, *back)] == [IncidentKind.TAB_HIDDEN]


def test_another_window_is_found_once_it_has_lasted_without_anything_being_told() -> None:
    state, changes = step(State(), told((5, "page", {"window_blur": 1.0}))[0], EVERYTHING)
    assert changes == []
    assert due_at(state, EVERYTHING) == at(5.3)
    assert tick(state, at(5.2), EVERYTHING)[1] == []
    state, (found,) = tick(state, at(5.3), EVERYTHING)
    assert (found.kind, seconds(found.started_at), found.ended_at) == (IncidentKind.WINDOW_BLUR, 5, None)
    assert due_at(state, EVERYTHING) is None
    assert tick(state, at(50), EVERYTHING)[1] == []


def test_what_has_to_be_told_more_often_is_not_due_until_it_was() -> None:
    twice = EVERYTHING.rules | {
        IncidentKind.WINDOW_BLUR: EVERYTHING.rules[IncidentKind.WINDOW_BLUR].model_copy(update={"min_observations": 2})
    }
    watching = EVERYTHING.model_copy(update={"rules": twice})
    state, _ = step(State(), told((5, "page", {"window_blur": 1.0}))[0], watching)
    assert due_at(state, watching) is None, "time alone makes no incident of it"
    state, _ = step(state, told((5.1, "page", {"window_blur": 1.0}))[0], watching)
    assert due_at(state, watching) == at(5.3)
    assert len(tick(state, at(5.3), watching)[1]) == 1


def test_a_focus_that_is_lost_for_a_blink_is_nothing() -> None:
    assert everything((5, "page", {"window_blur": 1.0}), (5.2, "page", {"window_blur": 0.0})) == []
    long = everything((5, "page", {"window_blur": 1.0}), (7.5, "page", {"window_blur": 0.0}))
    assert long == [(IncidentKind.WINDOW_BLUR, 5, 7.5)]


def test_what_stands_does_so_until_something_else_is_told_over_whatever_stretch_that_was_measured() -> None:
    found = everything((5, "page", {"window_blur": 1.0}), (6, "page", {"window_blur": 0.0, WINDOW: 5.0}))
    assert found == [(IncidentKind.WINDOW_BLUR, 5, 6)]


def test_pastes_close_together_are_one_event_and_apart_are_several() -> None:
    assert everything(*[(5.0 + 4 * n, "page", {"paste": 12.0}) for n in range(5)]) == [(IncidentKind.PASTE, 5, 21)]
    assert len(everything(*[(5.0 + 30 * n, "page", {"paste": 12.0}) for n in range(5)])) == 5


def test_a_camera_that_is_switched_off_is_one_event_until_a_frame_comes() -> None:
    off = (5.0, CAMERA, {"on": 0.0})
    assert everything(off) == [(IncidentKind.CAMERA_OFF, 5, None)]
    assert everything(off, (9.0, FACES, ONE)) == [(IncidentKind.CAMERA_OFF, 5, 9)]
    assert everything(off, (9.0, CAMERA, {"on": 1.0})) == [(IncidentKind.CAMERA_OFF, 5, 9)]


def test_a_pause_ends_what_goes_on_and_is_no_camera_that_is_off() -> None:
    assert everything((5, "page", {"tab_hidden": 1.0}), (8, CAMERA, {"paused": 1.0}), (60, FACES, ONE)) == [
        (IncidentKind.TAB_HIDDEN, 5, 8)
    ]


def test_what_stood_for_long_enough_until_a_pause_is_found_though_nothing_was_told_meanwhile() -> None:
    hidden = rules(kinds=list(IncidentKind), thresholds={"tab_hidden": {"after_s": 60}})
    beginning = (5, "page", {"tab_hidden": 1.0})
    long, short = (told(beginning, (end, "page", {"paused": 1.0})) for end in (66, 64))
    (found,) = replay(long, hidden)
    assert (found.kind, seconds(found.started_at), found.ended_at) == (IncidentKind.TAB_HIDDEN, 5, at(66))
    assert replay(short, hidden) == []


@pytest.mark.parametrize("blinder", ["camera_covered", "camera_frozen"])
def test_a_covered_or_frozen_camera_is_one_event_and_not_an_empty_room_as_well(blinder: str) -> None:
    frames = [(0.2 * n, FACES, {**ONE, blinder: 0.0}) for n in range(20)]
    frames += [(4 + 0.2 * n, FACES, {**NOBODY, blinder: 1.0}) for n in range(50)]
    frames += [(14 + 0.2 * n, FACES, {**ONE, blinder: 0.0}) for n in range(20)]
    assert [kind for kind, *_ in everything(*frames)] == [blinder]


def test_a_room_without_a_face_says_nothing_of_a_head_that_is_turned_or_of_who_is_there() -> None:
    frames = [(0.2 * n, FACES, {**NOBODY, "head_away_deg": 80.0, "similarity": 0.0}) for n in range(100)]
    assert [kind for kind, *_ in everything(*frames)] == [IncidentKind.NO_FACE]


def test_what_was_measured_over_a_stretch_began_with_it() -> None:
    clear = [(0.0, "voices", {"second_voice": 0.0, "window_s": 3.0}), (3.0, "voices", {"second_voice": 0.1})]
    heard = (7.0, "voices", {"second_voice": 0.9, "window_s": 3.0})
    later = (10.0, "voices", {"second_voice": 0.0, "window_s": 3.0})
    assert everything(*clear, heard, later, (20.0, "voices", {"second_voice": 0.0})) == [
        (IncidentKind.SECOND_VOICE, 4, 7)
    ]
    longer = (7.0, "voices", {"second_voice": 0.9, "window_s": 30.0})
    ((_, started, _),) = everything(*clear, longer)
    assert started == 3, "not before it was last known to be otherwise"


def test_an_incident_goes_on_until_the_figure_is_well_back() -> None:
    def dark(luma: float, *, since: int, frames: int) -> list[tuple[float, str, dict[str, float]]]:
        return [(since + 0.2 * n, BRIGHTNESS, {"luma": luma}) for n in range(frames)]

    wavering = dark(15, since=0, frames=20) + dark(23, since=4, frames=50) + dark(200, since=14, frames=20)
    assert everything(*wavering) == [(IncidentKind.CAMERA_DARK, 0, 14)]
    assert everything(*dark(23, since=0, frames=100)) == []


def test_an_observation_that_comes_late_cannot_turn_time_back() -> None:
    late = everything(
        (5, "page", {"tab_hidden": 1.0}), (9, "page", {"tab_hidden": 0.0}), (7, "page", {"tab_hidden": 0.0})
    )
    assert late == [(IncidentKind.TAB_HIDDEN, 5, 9)]
