"""Models and faces that the tests of proctoring share; fetched once."""

from pathlib import Path

import pytest

from interview.settings import Settings
from local import models
from local.camera import Scene
from local.environment import PROCTORING_ASSETS, PROCTORING_MODELS
from proctoring.detectors.shared import Models, load


@pytest.fixture(scope="session")
def model_settings() -> Settings:
    paths = models.ensure(PROCTORING_ASSETS, progress=False)
    named = {setting.lower(): paths[asset] / member for setting, (asset, member) in PROCTORING_MODELS.items()}
    return Settings.model_construct(None, **named)


@pytest.fixture(scope="session")
def loaded(model_settings: Settings) -> Models:
    return load(model_settings)


@pytest.fixture(scope="session")
def photos() -> Path:
    return models.ensure(["faces"], progress=False)["faces"]


@pytest.fixture(scope="session")
def scene() -> Scene:
    return Scene(models.ensure(["astronaut"], progress=False)["astronaut"])
