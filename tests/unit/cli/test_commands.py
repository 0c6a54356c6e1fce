"""`viva` says what is, and what to do about it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from interview.errors import MachineError
from local import keys
from local.assets import ASSETS


@pytest.fixture
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIVA_STATE_DIR", str(tmp_path))
    return tmp_path


def viva(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_status_says_how_to_start_when_nothing_runs(state_dir: Path) -> None:
    result = viva("status")

    assert result.exit_code == 3
    assert "viva up" in result.output


def test_stopping_what_does_not_run_is_harmless(state_dir: Path) -> None:
    assert viva("down").exit_code == 0


def test_a_log_that_is_not_there_is_answered_with_those_that_are(state_dir: Path) -> None:
    (state_dir / "logs").mkdir()
    (state_dir / "logs" / "agent.log").write_text("first\nsecond\n")

    assert viva("logs", "agent", "-n", "1").output.endswith("second\n")
    error = viva("logs", "agnet").exception
    assert isinstance(error, MachineError)
    assert "there is agent" in error.message


def test_an_account_needs_a_running_house(state_dir: Path) -> None:
    error = viva("user", "add", "r@example.com").exception

    assert isinstance(error, MachineError)
    assert "viva up" in error.message


def test_the_doctor_finds_open_secrets_and_says_how_to_close_them(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(state_dir / "cache"))
    keys.load_or_create(state_dir)
    assert viva("doctor").exit_code == 0

    (state_dir / "secrets.env").chmod(0o644)
    result = viva("doctor")

    assert result.exit_code == 1
    assert f"chmod 600 {state_dir / 'secrets.env'}" in result.output


def test_the_doctor_tells_what_is_made_later(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(state_dir / "cache"))

    output = viva("doctor").output

    assert "later the LiveKit server: not built yet" in output
    assert "later language model (Qwen2.5-Coder 1.5B): not fetched yet" in output


def test_the_doctor_says_what_is_off_in_proctoring_where_a_model_is_altered(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = ASSETS["yunet"].files
    altered = state_dir / "models" / file.name
    altered.parent.mkdir(parents=True)
    altered.write_bytes(b"not the network")
    monkeypatch.setenv("VIVA_MODEL_YUNET", str(altered))

    result = viva("doctor")

    assert result.exit_code == 1
    assert "what it finds is off in proctoring" in " ".join(result.output.split())


def test_the_doctor_names_a_model_of_ones_own_that_is_missing(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_MODEL_WHISPER", str(state_dir / "nowhere"))

    result = viva("doctor")

    assert result.exit_code == 1
    assert "VIVA_MODEL_WHISPER names" in result.output
