from pathlib import Path

import pytest

from local import models


@pytest.fixture(scope="session")
def fonts() -> Path:
    """The fonts that PDFs are set in."""
    return models.ensure(["fonts"])["fonts"]
