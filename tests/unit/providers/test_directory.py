"""Which providers there are, from a file or from single settings; secrets are nowhere to be seen."""

import os
from pathlib import Path
from typing import Any

import pytest

from interview.engines import EngineKind
from interview.errors import ConfigurationError
from interview.private_file import write_private
from interview.settings import Settings
from interview.watched_file import LOOK_EVERY_S
from providers.directory import Directory

SECRET = "dg-7f3e-very-secret"
FILE = f"""
stt:
  - name: deepgram
    base_url: https://api.deepgram.com/v1/listen
    model: nova-3
    slots: 10
    keys:
      - {{name: main, key: {SECRET}}}
      - {{name: second, key: {SECRET}-2, slots: 50}}
  - name: other
    base_url: https://stt.example/v1/listen
    model: nova-2
    deadline_s: 7
    keys: [{{name: main, key: {SECRET}-3}}]
"""


def settings(**changes: Any) -> Settings:
    given = {"livekit_api_key": "k", "livekit_api_secret": "s", "jwt_secret": "j", "encryption_keys": "a:b"}
    return Settings.model_validate({**given, **changes})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "providers.yaml"
    write_private(path, FILE)
    return path


def names(directory: Directory, kind: EngineKind) -> list[str]:
    return [provider.name for provider in directory.of(kind)]


def test_single_settings_are_a_chain_of_one():
    directory = Directory(settings(deepgram_base_url="https://api.deepgram.com/v1/listen", deepgram_api_key=SECRET))
    (only,) = directory.of(EngineKind.STT)
    assert (only.name, only.model, only.slots, only.keys[0].key.get_secret_value()) == (
        "api.deepgram.com",
        "nova-3",
        10,
        SECRET,
    )


def test_local_inference_is_the_last_where_it_is_not_there_already():
    local = "http://127.0.0.1:8090/v1"
    directory = Directory(settings(openai_base_url="https://api.openai.com/v1", local_inference_url=local))
    assert names(directory, EngineKind.LLM) == ["api.openai.com", "local"]
    assert names(directory, EngineKind.STT) == ["local"]
    without = Directory(
        settings(openai_base_url="https://api.openai.com/v1", local_inference_url=local, local_inference_llm="none")
    )
    assert names(without, EngineKind.LLM) == ["api.openai.com"]


def test_a_file_names_several_with_their_keys_and_leaves_the_rest_to_the_settings(path: Path):
    directory = Directory(settings(providers_file=path))
    first, second = directory.of(EngineKind.STT)
    assert [(key.name, first.slots_of(key)) for key in first.keys] == [("main", 10), ("second", 50)]
    assert (first.deadline_s, second.deadline_s) == (settings().stt_deadline_s, 7)
    assert names(directory, EngineKind.LLM) == ["local"]


def test_keys_rotate_without_a_restart(path: Path, monkeypatch: pytest.MonkeyPatch):
    directory = Directory(settings(providers_file=path))
    write_private(path, FILE.replace(SECRET, "dg-new"))
    assert directory.of(EngineKind.STT)[0].keys[0].key.get_secret_value() == SECRET
    monkeypatch.setattr("interview.watched_file.LOOK_EVERY_S", -1.0)
    assert LOOK_EVERY_S > 0
    assert directory.of(EngineKind.STT)[0].keys[0].key.get_secret_value() == "dg-new"


@pytest.mark.parametrize(
    "spoiled",
    [
        "stt: [{name: deepgram, keys: [{name: main, key: dg-broken}]}]",
        "stt: {",
        "ttt: []",
        "stt: []",
        f"stt: [{{name: a, base_url: {SECRET}, model: m, keys: [{{name: k, key: {SECRET}}}]}}]",
        "",
    ],
)
def test_a_file_that_is_wrong_changes_nothing_and_gives_nothing_away(
    path: Path, spoiled: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    directory = Directory(settings(providers_file=path))
    monkeypatch.setattr("interview.watched_file.LOOK_EVERY_S", -1.0)
    write_private(path, spoiled)
    assert names(directory, EngineKind.STT) == ["deepgram", "other"]
    assert "PROVIDERS_FILE" in caplog.text
    assert "dg-" not in caplog.text
    with pytest.raises(ConfigurationError) as caught:
        Directory(settings(providers_file=path))
    assert "dg-" not in str(caught.value)


def test_a_file_that_others_can_read_is_refused(path: Path):
    os.chmod(path, 0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        Directory(settings(providers_file=path))


def test_no_repr_shows_a_key(path: Path):
    directory = Directory(settings(providers_file=path))
    assert SECRET not in repr(directory.of(EngineKind.STT))
    assert SECRET not in str(directory.of(EngineKind.STT)[0].model_dump())
