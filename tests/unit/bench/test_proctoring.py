"""The proctoring benchmark's figures: what is unique, and what a run that leaves something out keeps."""

import json
from pathlib import Path
from typing import Any

from bench.clips.running import Outcome
from bench.proctoring import figures, kept_from, measured


def outcome(material: str, clean_s: float, material_s: float) -> Outcome:
    return Outcome("clip", "somebody", (), (), clean_s, clean_s, 1.0, 500, material, material_s)


def test_what_is_shown_again_is_clean_time_and_not_unique() -> None:
    found = figures([outcome("film", 60, 40), outcome("film", 60, 40), outcome("photo", 90, 100)], 0)
    assert found["clean_hours"] == 0.06
    assert found["unique_clean_minutes"] == round((40 + 90) / 60, 1)


def test_a_run_of_the_rooms_alone_keeps_what_the_clips_gave_and_replaces_their_cost(tmp_path: Path) -> None:
    path = tmp_path / "proctoring.json"
    result: dict[str, Any] = kept_from(path)
    measured(result, "clips", figures([outcome("film", 60, 40)], 500))
    path.write_text(json.dumps(result))

    result = kept_from(path)
    measured(result, "room", {"room": {"cpu_cores": 0.2, "pss_mb": 330, "fps": 5.5}})
    measured(result, "states", {"states": {"paste": {"recall": 1.0}}})
    assert (result["clips"], result["cpu_cores"], result["pss_mb"]) == (1, 0.2, 330)
    assert result["kinds"]["paste"] == {"recall": 1.0}
    assert set(result["measured_at"]) == {"clips", "room", "states"}

    measured(result, "clips", figures([outcome("film", 60, 40)] * 2, 500))
    assert (result["clips"], result["cpu_cores"]) == (2, 0.2)
    assert result["kinds"]["paste"] == {"recall": 1.0}
