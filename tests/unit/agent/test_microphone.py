"""What is the matter with a microphone, from what is seen of it."""

import pytest

from agent.dialogue.events import Microphone
from agent.microphone import MISSING_S, SILENT_S, Signs, judge

FINE = Signs(here_s=60, published=True, muted=False, soundless_s=0)


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        (FINE, Microphone.OK),
        (FINE._replace(muted=True), Microphone.MUTED),
        (FINE._replace(soundless_s=SILENT_S), Microphone.SILENT),
        (FINE._replace(soundless_s=SILENT_S - 1), Microphone.OK),
        (FINE._replace(published=False), Microphone.MISSING),
        (FINE._replace(published=False, here_s=MISSING_S - 1), Microphone.OK),
        (Signs(here_s=None, published=False, muted=False, soundless_s=99), Microphone.OK),
    ],
)
def test_a_microphone_is_judged_by_what_comes_from_it(signs: Signs, expected: Microphone):
    assert judge(signs) is expected
