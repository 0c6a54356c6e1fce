"""`viva plan`: plans out of the house and into it, as files."""

import re
from pathlib import Path

from interview.plan_yaml import read_plan
from interview.plans import ready_made
from tests.api.cli.conftest import Viva


def test_plans_go_out_as_files_and_come_in_as_plans_or_not_at_all(viva: Viva, here: Viva, tmp_path: Path) -> None:
    assert viva("up", "--only", "mongo").returncode == 0
    out = here("plan", "export", "ready:sales")
    assert out.returncode == 0, out.stderr
    assert read_plan(out.stdout) == ready_made()["ready:sales"].content
    (tmp_path / "good.yaml").write_text(out.stdout)
    (tmp_path / "wrong.yaml").write_text(out.stdout.replace("competency: discipline", "competency: luck"))

    nobody = viva("plan", "import", "good.yaml")
    assert nobody.returncode == 1
    assert "--owner" in nobody.stderr
    assert here("user", "add", "rae@example.com").returncode == 0
    wrong = here("plan", "import", "--owner", "rae@example.com", "good.yaml", "wrong.yaml")
    assert wrong.returncode == 1
    assert "wrong.yaml: the plan is wrong: questions.5.competency" in " ".join(wrong.stderr.split())

    made = here("plan", "import", "--owner", "RAE@example.com", "good.yaml", "good.yaml")
    assert made.returncode == 0, made.stderr
    ids = re.findall(r"^[0-9a-f-]{36}", made.stdout, re.MULTILINE)
    assert len(set(ids)) == 2
    assert here("plan", "export", ids[0]).stdout == out.stdout
    assert here("plan", "export", "nothing").returncode == 1
