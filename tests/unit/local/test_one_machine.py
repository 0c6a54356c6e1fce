"""Ports, secrets, settings and servers of one machine."""

import base64
import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from interview.errors import ConfigurationError, MachineError
from interview.settings import Settings
from local import keys, ports, runtime
from local.environment import (
    SETTING_NAMES,
    Engines,
    Ports,
    inference_environment,
    livekit_config,
    process_environment,
    settings_environment,
)
from local.inference.settings import InferenceSettings
from local.servers import build
from local.services import SERVICES, Stack, needed_models, pick_ports
from local.user import PROJECT, engines_of, user_environment


@pytest.fixture
def taken_port() -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        yield listener.getsockname()[1]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def reservations() -> Iterator[ports.Reservations]:
    held = ports.Reservations()
    yield held
    held.release()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_the_usual_port_is_used_where_it_is_free(reservations: ports.Reservations) -> None:
    port = free_port()

    assert reservations.pick(port) == port


def test_another_port_is_picked_where_the_usual_one_is_taken(reservations: ports.Reservations, taken_port: int) -> None:
    picked = reservations.pick(taken_port)

    assert picked != taken_port
    assert ports.is_free(picked)
    assert not ports.is_free(taken_port)


def test_two_that_start_at_once_do_not_pick_the_same_port(reservations: ports.Reservations) -> None:
    port = free_port()
    other = ports.Reservations()

    assert reservations.pick(port) == port
    assert other.pick(port) != port
    reservations.release()
    assert ports.Reservations().pick(port) == port
    other.release()


def test_who_holds_a_port_is_told(taken_port: int) -> None:
    assert "pid" in ports.holder(taken_port)


def test_no_port_is_picked_twice(reservations: ports.Reservations) -> None:
    picked = list(vars(pick_ports(reservations, usual=False)).values())

    assert len(set(picked)) == len(picked)


def test_secrets_are_generated_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = keys.load_or_create(tmp_path)

    assert keys.load_or_create(tmp_path) == first
    assert len(first.values["LIVEKIT_API_SECRET"]) >= 32
    assert len(first.admin_password_file.read_text().strip()) >= 20
    assert [mode(path) for path in keys.secret_files(tmp_path)] == [0o600, 0o600, 0o600]
    assert keys.load_or_create(tmp_path / "other").values != first.values


def test_secrets_that_others_could_read_are_closed_again(tmp_path: Path) -> None:
    first = keys.load_or_create(tmp_path)
    for path in keys.secret_files(tmp_path):
        path.chmod(0o644)

    assert keys.load_or_create(tmp_path) == first
    assert [mode(path) for path in keys.secret_files(tmp_path)] == [0o600, 0o600, 0o600]


def test_a_lost_key_is_not_replaced_over_encrypted_data(tmp_path: Path) -> None:
    keys.load_or_create(tmp_path)
    database = tmp_path / "data" / "mongo" / "sqlite" / "viva.sqlite"
    database.parent.mkdir(parents=True)
    database.touch()
    (tmp_path / "encryption.keys").unlink()

    with pytest.raises(MachineError, match="encrypted data, but the key that opens it"):
        keys.load_or_create(tmp_path)


def test_keys_that_lay_among_the_other_secrets_move_to_a_file_of_their_own(tmp_path: Path) -> None:
    keys.load_or_create(tmp_path)
    key = "k1:" + base64.b64encode(bytes(32)).decode()
    (tmp_path / "encryption.keys").unlink()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "viva.sqlite").touch()
    before = (tmp_path / "secrets.env").read_text()
    (tmp_path / "secrets.env").write_text(f"{before}ENCRYPTION_KEYS={key}\n")

    for _ in range(2):
        found = keys.load_or_create(tmp_path)
        assert Path(found.values["ENCRYPTION_KEYS_FILE"]).read_text() == f"{key}\n"
        assert "ENCRYPTION_KEYS" not in found.values
        assert (tmp_path / "secrets.env").read_text() == before
        assert [mode(path) for path in keys.secret_files(tmp_path)] == [0o600, 0o600, 0o600]


def test_keys_of_the_users_own_replace_the_generated_file(tmp_path: Path) -> None:
    environment = computed(tmp_path, {"ENCRYPTION_KEYS": "mine:" + base64.b64encode(bytes(32)).decode()})
    assert "ENCRYPTION_KEYS_FILE" not in environment
    assert computed(tmp_path, {"ENCRYPTION_KEYS_FILE": "/elsewhere"})["ENCRYPTION_KEYS_FILE"] == "/elsewhere"


def computed(tmp_path: Path, user: dict[str, str]) -> dict[str, str]:
    generated = keys.load_or_create(tmp_path)
    return settings_environment(
        ports=replace(Ports(), control_api=1234, inference=2345),
        engines=Engines(llm="scripted"),
        secrets=generated.values,
        admin_password_file=generated.admin_password_file,
        models={"yunet": tmp_path / "yunet.onnx", "livekit_client": tmp_path},
        user=user,
    )


def test_the_computed_environment_holds_only_known_settings_and_all_that_are_required(tmp_path: Path) -> None:
    environment = computed(tmp_path, {})

    assert set(environment) <= SETTING_NAMES
    settings = Settings.model_validate({name.lower(): value for name, value in environment.items()})
    assert settings.api_public_url == "http://127.0.0.1:1234"
    assert settings.openai_base_url == "http://127.0.0.1:2345/v1"
    assert settings.llm_model == "scripted"


def test_a_key_without_an_address_means_the_providers_own(tmp_path: Path) -> None:
    environment = computed(tmp_path, {"OPENAI_API_KEY": "sk-x", "PATH": "/bin"})

    assert environment["OPENAI_BASE_URL"].startswith("https://api.openai.com")
    assert environment["LLM_MODEL"] != "scripted"
    assert environment["DEEPGRAM_BASE_URL"] == "http://127.0.0.1:2345/v1/listen"
    assert "PATH" not in environment


def test_the_user_has_the_last_word(tmp_path: Path) -> None:
    user = {"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "http://mine/v1", "LLM_MODEL": "mine", "LOG_LEVEL": "DEBUG"}

    environment = computed(tmp_path, user)

    assert {name: environment[name] for name in user} == user


def test_children_do_not_inherit_settings_from_the_shell() -> None:
    environment = process_environment({"OPENAI_API_KEY": "from the shell", "HOME": "/h"}, {"LOG_LEVEL": "INFO"}, "/s")

    assert "OPENAI_API_KEY" not in environment
    assert environment["HOME"] == "/h"
    assert environment["LOG_LEVEL"] == "INFO"


def test_local_inference_reads_what_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = {"whisper": tmp_path / "w", "qwen": tmp_path / "q.gguf"}
    chosen = Engines(stt="whisper", llm="qwen", tts="espeak", delay_profile="hosted")
    for name, value in inference_environment(replace(Ports(), inference=2345), chosen, models).items():
        monkeypatch.setenv(name, value)

    settings = InferenceSettings()

    assert (settings.stt, settings.llm, settings.tts, settings.delay_profile) == ("whisper", "qwen", "espeak", "hosted")
    assert (settings.inference_port, settings.stt_model, settings.llm_model) == (2345, *models.values())


def test_livekit_is_configured_with_keys_ports_and_the_webhook() -> None:
    picked = Ports(livekit=1, livekit_rtc_tcp=2, livekit_rtc_udp=3, control_api=4)

    config = yaml.safe_load(livekit_config((PROJECT / "livekit.yaml").read_text(), picked, "key", "secret"))

    assert (config["port"], config["rtc"]["tcp_port"], config["rtc"]["udp_port"]) == (1, 2, 3)
    assert config["keys"] == {"key": "secret"}
    assert config["webhook"] == {"api_key": "key", "urls": ["http://127.0.0.1:4/api/webhooks/livekit"]}
    assert config["room"] == {"auto_create": False, "empty_timeout": 660, "departure_timeout": 150}


def test_the_committed_livekit_configuration_holds_no_keys() -> None:
    assert "keys" not in yaml.safe_load((PROJECT / "livekit.yaml").read_text())


def test_only_the_models_that_the_engines_use_are_needed() -> None:
    assert needed_models(["mongo"], Engines()) == []
    seeing_and_hearing = ["campplus", "human", "yunet"]
    assert needed_models(SERVICES, Engines(llm="scripted")) == ["whisper", *seeing_and_hearing, "livekit_client"]
    assert needed_models(["proctoring"], Engines()) == seeing_and_hearing
    assert "qwen" in needed_models(SERVICES, Engines())


def test_an_engine_that_does_not_exist_is_named() -> None:
    assert engines_of({"VIVA_LLM": "scripted"}) == Engines(llm="scripted")
    with pytest.raises(ConfigurationError, match="VIVA_LLM=gpt"):
        engines_of({"VIVA_LLM": "gpt"})


def test_the_shell_comes_before_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LLM_MODEL=from-file\nTTS_MODEL='quoted name'\n")
    monkeypatch.setenv("LLM_MODEL", "from-shell")

    user = user_environment(tmp_path)

    assert (user["LLM_MODEL"], user["TTS_MODEL"]) == ("from-shell", "quoted name")


def test_one_state_folder_has_one_supervisor(tmp_path: Path) -> None:
    claim = runtime.claim(tmp_path)
    with pytest.raises(MachineError, match="already runs") as refused:
        runtime.claim(tmp_path)
    assert refused.value.code == "already_running"

    claim.release()
    runtime.claim(tmp_path).release()


def test_what_a_dead_supervisor_wrote_is_not_believed(tmp_path: Path) -> None:
    claim = runtime.claim(tmp_path)
    runtime.write(tmp_path, runtime.Runtime(state="ready", supervisor_pid=1, services={}))
    assert runtime.read(tmp_path) is not None

    claim.release()

    assert runtime.read(tmp_path) is None


def test_settings_survive_the_way_through_the_file(tmp_path: Path) -> None:
    environment = computed(tmp_path, {"ADMIN_EMAIL": "o'neil admin@example.com", "LIVEKIT_PUBLIC_URL": ""})
    runtime.write_settings(tmp_path, environment)

    assert mode(tmp_path / "settings.env") == 0o600
    assert runtime.read_settings(tmp_path).admin_email == "o'neil admin@example.com"


def test_an_unknown_service_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="no service mongodb; known are mongo"):
        Stack(tmp_path, services=["mongodb"])


def test_a_server_of_ones_own_is_not_started_here(tmp_path: Path) -> None:
    stack = Stack(tmp_path, services=["mongo", "livekit"], user_environment={"MONGODB_URI": "mongodb://db.example/"})

    assert stack.names == ("livekit",)


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on this machine's PATH")
def test_a_failed_build_shows_the_compilers_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "sources" / "broken"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module viva/broken\n\ngo 1.20\n")
    (module / "go.sum").touch()
    (module / "main.go").write_text("package main\n\nfunc main() { undefinedThing() }\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(build, "_SOURCES", tmp_path / "sources")
    monkeypatch.setattr(build, "SERVERS", {"broken": build.Server("broken", "the broken server", ".")})

    with pytest.raises(MachineError, match=r"building the broken server failed[\s\S]*undefinedThing") as failed:
        build.ensure_server("broken", progress=False)

    assert failed.value.code == "build_failed"
    assert build.built("broken") is None
    (module / "main.go").write_text("package main\n\nfunc main() {}\n")
    assert build.ensure_server("broken", progress=False) == build.built("broken")
