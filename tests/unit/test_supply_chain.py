"""What is installed is what was locked, and runs as nobody in particular."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def requirements() -> list[str]:
    """Return the lock's requirements, each with its continuation lines."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [entry for entry in "\n".join(lines).replace("\\\n", " ").splitlines() if entry.strip()]


def test_every_requirement_is_pinned_and_hashed() -> None:
    assert len(requirements()) > 50
    loose = [entry for entry in requirements() if not re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+\s", entry)]
    assert loose == []
    assert [entry.split()[0] for entry in requirements() if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_place_to_download_from() -> None:
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", "\n".join(requirements()))


def test_whatever_installs_checks_the_hashes() -> None:
    for name in ("local/bootstrap.sh", "Dockerfile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        installs = re.findall(r"\bpip (?:sync|install) [^\n&]*", text)
        assert any("requirements.lock" in install for install in installs), name
        assert [install for install in installs if "--require-hashes" not in install] == [], name


def test_the_servers_modules_are_pinned_by_their_sums() -> None:
    for server in ("livekit", "mongo"):
        folder = ROOT / "local" / "servers" / server
        sums = (folder / "go.sum").read_text(encoding="utf-8")
        mod = (folder / "go.mod").read_text(encoding="utf-8")
        required = re.findall(r"^(?:require|\t)\s*([\w./~-]+) (v\d[\w.+-]*)", mod, re.MULTILINE)
        assert required, server
        missing = [
            f"{module} {version}" for module, version in required if f"{module} {version}/go.mod h1:" not in sums
        ]
        assert missing == [], server


def test_the_image_runs_as_nobody_in_particular_and_says_whether_it_is_well() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM ")) :]
    users = [line.split()[1] for line in last_stage if line.startswith("USER ")]
    assert users == ["viva"]
    assert any(line.startswith("HEALTHCHECK ") for line in last_stage)
