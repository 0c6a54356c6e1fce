"""The golden set is whole: enough answers, every level reasoned from its rubric."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

GOLDEN: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "golden" / "answers.yaml").read_text(encoding="utf-8")
)


def test_there_are_enough_answers_of_every_level_and_kind():
    answers = GOLDEN["answers"]
    assert len(answers) >= 30
    assert len({answer["id"] for answer in answers}) == len(answers)
    levels = Counter(answer["level"] for answer in answers)
    assert set(levels) == {1, 2, 3, 4, 5}
    assert min(levels.values()) >= 5
    assert {answer["competency"] for answer in answers} == set(GOLDEN["competencies"])
    assert all(len(one["rubric"]) == 5 for one in GOLDEN["competencies"].values())


def test_every_level_is_reasoned_from_the_rubric_up_to_the_first_that_is_not_met():
    for answer in GOLDEN["answers"]:
        reasons, level = answer["reasons"], answer["level"]
        assert level in reasons, answer["id"]
        assert level == 5 or level + 1 in reasons, f"{answer['id']}: say why it is not {level + 1}"
        assert all(reasons.values()), answer["id"]
