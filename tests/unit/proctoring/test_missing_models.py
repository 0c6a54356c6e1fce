"""A model that is missing or altered switches off what it finds, and nothing else."""

import shutil
from pathlib import Path

import pytest

from interview.incident_kind import IncidentKind
from interview.settings import Settings
from local.camera import Scene
from proctoring.detectors.shared import OF_FACES, load
from tests.unit.proctoring.seeing import Seen


@pytest.mark.parametrize(
    ("setting", "off"),
    [
        ("face_detector_model", OF_FACES),
        ("person_model", {IncidentKind.DIFFERENT_PERSON}),
        ("phone_model", {IncidentKind.PHONE}),
        ("voice_model", {IncidentKind.SECOND_VOICE}),
    ],
)
def test_what_a_model_finds_is_off_without_it(
    model_settings: Settings, tmp_path: Path, setting: str, off: set[IncidentKind]
) -> None:
    for path in (None, tmp_path / "absent"):
        models = load(model_settings.model_copy(update={setting: path}))
        assert set(models.off) == off
        assert all(setting.upper() in why for why in models.off.values())
        models.close()


def test_a_model_with_one_changed_byte_is_not_used(model_settings: Settings, tmp_path: Path) -> None:
    original = model_settings.face_detector_model
    assert original is not None
    altered = tmp_path / original.name
    data = bytearray(original.read_bytes())
    data[len(data) // 2] ^= 1
    altered.write_bytes(data)
    models = load(model_settings.model_copy(update={"face_detector_model": altered}))
    assert models.faces is None
    assert "another file or damaged" in models.off[IncidentKind.NO_FACE]
    models.close()


def test_weights_beside_a_good_description_are_checked_as_well(model_settings: Settings, tmp_path: Path) -> None:
    original = model_settings.phone_model
    assert original is not None
    copied = tmp_path / original.name
    shutil.copy(original, copied)
    (tmp_path / "nanodet.bin").write_bytes(b"not weights")
    models = load(model_settings.model_copy(update={"phone_model": copied}))
    assert set(models.off) == {IncidentKind.PHONE}
    models.close()


def test_without_any_model_light_and_stillness_are_still_told(scene: Scene) -> None:
    models = load(Settings.model_construct())
    assert IncidentKind.CAMERA_DARK not in models.off
    seen = Seen(models)
    seen.show(scene.person, 3)
    seen.show(lambda at_s: scene.person(at_s) // 30, 5)
    assert seen.kinds == [IncidentKind.CAMERA_DARK]
    models.close()
