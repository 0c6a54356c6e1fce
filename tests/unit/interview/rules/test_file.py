"""The rules file: whole, validated, changed by a house, by a plan and by accommodations."""

from pathlib import Path

import pytest

from interview.accommodation import Accommodations
from interview.errors import ConfigurationError
from interview.incident import Severity
from interview.plan import IncidentKind, KindThreshold, ProctoringPolicy
from interview.rules import default_rules, house_rules, rules_for
from tests.storage.builders import plan

ALL = ProctoringPolicy(kinds=tuple(IncidentKind))


def test_every_kind_has_a_rule() -> None:
    assert set(default_rules().kinds) == set(IncidentKind)


def test_a_house_changes_single_fields_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("version: ours-7\nkinds:\n  no_face: {after_s: 4}\nrelax:\n  tic:\n    no_face: {ignored: true}\n")
    ours, usual = house_rules(file), default_rules()
    assert ours.version == "ours-7"
    assert ours.kinds[IncidentKind.NO_FACE] == usual.kinds[IncidentKind.NO_FACE].model_copy(update={"after_s": 4})
    assert ours.kinds[IncidentKind.PHONE] == usual.kinds[IncidentKind.PHONE]
    tic = rules_for(ours, ALL, Accommodations(tic=True))
    assert IncidentKind.NO_FACE not in tic.watched
    assert IncidentKind.GAZE_AWAY not in tic.watched, "the usual relaxations still hold"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("kinds: {no_face: {after_s: -1}}", "kinds.no_face.after_s"),
        ("kinds: {no_face: {threshold: 5}}", "kinds.no_face.threshold"),
        ("kinds: {second_face: {clear: 0.95}}", "kinds.second_face.clear"),
        ("kinds: {no_face: {after: 3}}", "kinds.no_face.after"),
        ("kinds: {mood: {threshold: 1}}", "kinds.mood"),
        ("kinds: {paste: {merge_gap_s: 0}}", "kinds.paste"),
        ("relax: {left_handed: {phone: {ignored: true}}}", "relax.left_handed"),
        ("relax: {tic: {phone: {after_times: 0.5}}}", "relax.tic.phone.after_times"),
        ("- a list", "version"),
        ("kinds: {no_face: &x {}}", "anchors"),
    ],
)
def test_a_wrong_file_is_refused_and_says_where(tmp_path: Path, text: str, where: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=where):
        house_rules(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml"):
        house_rules(tmp_path / "nowhere.yaml")


def test_a_plan_switches_kinds_on_and_sets_thresholds() -> None:
    policy = ProctoringPolicy(
        kinds=(IncidentKind.HEAD_AWAY,),
        thresholds={IncidentKind.HEAD_AWAY: KindThreshold(after_s=9.0, threshold=50.0)},
    )
    rules = rules_for(default_rules(), policy, Accommodations())
    assert rules.watched == (IncidentKind.HEAD_AWAY,)
    rule = rules.rules[IncidentKind.HEAD_AWAY]
    assert (rule.after_s, rule.threshold, rule.clear_at) == (9, 50, 50)
    assert rules_for(default_rules(), ProctoringPolicy(enabled=False), Accommodations()).watched == ()


def test_a_threshold_out_of_its_kinds_range_is_no_plan() -> None:
    policy = {"kinds": ["head_away"], "thresholds": {"head_away": {"threshold": 500.0}}}
    with pytest.raises(ValueError, match="between 0 and 90"):
        type(plan()).model_validate({**plan().model_dump(), "proctoring": policy})
    with pytest.raises(ValueError, match="give after_s or threshold"):
        KindThreshold()


def test_of_several_accommodations_the_most_lenient_counts() -> None:
    usual = default_rules().kinds
    one = rules_for(default_rules(), ALL, Accommodations(head_covering=True))
    both = rules_for(default_rules(), ALL, Accommodations(head_covering=True, tic=True))
    assert one.rules[IncidentKind.HEAD_AWAY].after_s == 2 * usual[IncidentKind.HEAD_AWAY].after_s
    assert both.rules[IncidentKind.HEAD_AWAY].after_s == 3 * usual[IncidentKind.HEAD_AWAY].after_s
    assert one.rules[IncidentKind.NO_FACE].threshold < usual[IncidentKind.NO_FACE].threshold
    assert IncidentKind.NO_FACE in one.watched


def test_with_a_helper_in_the_room_a_second_face_or_voice_is_expected() -> None:
    watched = rules_for(default_rules(), ALL, Accommodations(helper_present=True)).watched
    assert not {IncidentKind.SECOND_FACE, IncidentKind.SECOND_VOICE} & set(watched)
    assert IncidentKind.DIFFERENT_PERSON in watched


def test_a_relaxation_lowers_a_severity_and_never_raises_one() -> None:
    magnified = rules_for(default_rules(), ALL, Accommodations(low_vision=True))
    assert magnified.rules[IncidentKind.TAB_HIDDEN].severity is Severity.LOW
    assert IncidentKind.WINDOW_BLUR not in magnified.watched
