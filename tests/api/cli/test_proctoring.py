"""`viva proctor` on a real database: what other rules would file, and who is wronged how often."""

from datetime import timedelta
from pathlib import Path

import pytest

from interview.incident import Observation, ObservationBatch
from interview.review import Reason, Verdict
from interview.session import Status
from interview.storage import Storage
from interview.storage.incident_reviews import Decision
from tests.api.cli.conftest import Viva
from tests.api.cli.test_data_commands import on_database
from tests.storage.builders import NOON, incident, session


async def proctored(storage: Storage) -> str:
    """A session in which nobody was to be seen for three seconds, then for seven; the first was dismissed."""
    one = session(status=Status.IN_PROGRESS, attempt=1, started_at=NOON)
    await storage.sessions.add(one)
    frames = [
        Observation(
            at=NOON + timedelta(seconds=tenth / 5),
            detector="yunet",
            version="1",
            values={"best": 0.1 if 10 <= tenth / 5 < 13 or 30 <= tenth / 5 < 37 else 0.9, "second": 0.0, "luma": 40.0},
        )
        for tenth in range(250)
    ]
    batch = ObservationBatch(session_id=one.session_id, attempt=1, seq=0, observations=tuple(frames))
    await storage.observations.append(batch)
    for number, reason in enumerate((Reason.NOT_SO, None)):
        filed = incident(one.session_id, incident_id=f"{number}" * 32, stills=())
        await storage.incidents.file(filed)
        if reason is not None:
            await storage.incident_reviews.claim(filed.incident_id, "p1", NOON, 60)
            decision = Decision("p1", Verdict.DISMISSED, reason)
            await storage.incident_reviews.decide(filed.incident_id, decision, NOON)
    return one.session_id


@pytest.mark.timeout(300)
def test_a_change_of_the_rules_is_tried_on_a_session_and_outcomes_are_counted(viva: Viva, tmp_path: Path) -> None:
    session_id = on_database(tmp_path / "state", proctored)
    stricter = tmp_path / "new.yaml"
    stricter.write_text("version: new\nkinds:\n  no_face: {after_s: 5}\n")
    replayed = viva("proctor", "replay", str(session_id), "--rules", str(stricter))
    assert replayed.returncode == 0, replayed.stderr
    assert "- no_face 10.0 s to 13.0 s, medium" in replayed.stdout
    assert "  no_face 30.0 s to 37.0 s, medium" in replayed.stdout
    assert "1 kept, of which 0 changed; 0 added, 1 dropped" in replayed.stdout

    conditions = tmp_path / "conditions.csv"
    conditions.write_text(f"session_id,glasses\n{session_id},yes\n")
    counted = viva("proctor", "audit", "--conditions", str(conditions))
    assert counted.returncode == 0, counted.stderr
    rows = [[cell.strip() for cell in line.split("│")] for line in counted.stdout.splitlines() if "│" in line]
    groups = {row[1]: row[2:] for row in rows if len(row) > 7}
    assert "glasses" in counted.stdout
    assert "dim" in counted.stdout
    assert "1/1 (0.21–1.00)" in counted.stdout, groups

    stricter.write_text("kinds: {no_face: {after_s: never}}")
    refused = viva("proctor", "replay", str(session_id), "--rules", str(stricter))
    assert refused.returncode != 0
    assert "kinds.no_face.after_s" in refused.stderr
    nowhere = viva("proctor", "audit", "--conditions", str(tmp_path / "nowhere.csv"))
    assert nowhere.returncode != 0
    assert "nowhere.csv" in nowhere.stderr.replace("\n", ""), "a terminal wraps long lines"
