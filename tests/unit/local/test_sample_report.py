"""The pages that the docs show are pages of a report as it is made today."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from local import models
from local.sample_report import PICTURES, SESSION_ID, TURNS, pictures, sample
from reports.render.pdf import to_pdf


@pytest.fixture(scope="module")
def fonts() -> Path:
    return models.ensure(["fonts"])["fonts"]


def test_the_docs_show_the_pages_as_they_are(fonts: Path) -> None:
    for number, picture in enumerate(pictures(to_pdf(sample(), fonts)), start=1):
        shown = np.asarray(Image.open(PICTURES / f"report-{number}.png").convert("L"), dtype=int)
        made = np.asarray(Image.open(io.BytesIO(picture)).convert("L"), dtype=int)
        assert shown.shape == made.shape
        # another release of the reader draws edges otherwise; another word or figure is far more
        assert (np.abs(shown - made) > 96).mean() < 0.0005, "run `python -m local.sample_report`"


def test_the_sample_is_an_interview_of_45_minutes_in_which_something_of_everything_happened() -> None:
    content = sample()
    assert content.session.session_id == SESSION_ID
    assert len(content.transcript) == TURNS == 120
    assert 2600 < content.transcript[-1].end_s <= 2700
    assert all(
        before.end_s <= after.start_s for before, after in zip(content.transcript, content.transcript[1:], strict=False)
    )
    assert content.conditions.pauses
    assert content.conditions.absences
    assert content.incidents
    assert content.dropped_quotes == 1
    assert {result.level for result in content.competencies} == {3, 4, None}
    assert content.figures.silences_s.longest is not None
    assert content.figures.silences_s.longest < 30, "a pause is no silence"
