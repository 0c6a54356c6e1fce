"""When an interview that was hit goes on, by what its candidate is shown."""

from types import SimpleNamespace
from typing import cast

import pytest

from local.blows import another_speaks
from local.ordeal import Ordeal
from local.typist import Said, Shown, Typist


def shown(at_s: float, identity: str, state: str) -> Shown:
    return Shown(at_s, identity, "q1", "questions", state)


@pytest.mark.parametrize("identity", ["interviewer-2", ""], ids=["known", "not told by the room yet"])
async def test_another_interviewer_goes_on_where_it_first_shows_that_it_speaks(identity: str):
    candidate = Typist()
    candidate.shown += [
        shown(5.0, "interviewer-1", "speaking"),
        shown(11.0, "interviewer-1", "speaking"),
        shown(12.0, identity, "listening"),
        shown(13.0, identity, "speaking"),
        shown(15.0, "interviewer-2", "speaking"),
    ]
    candidate.said += [Said(6.0, "interviewer-1", "First?"), Said(14.0, "interviewer-2", "Once more.")]
    ordeal = cast(Ordeal, SimpleNamespace(candidate=candidate))
    assert await another_speaks(ordeal, {"interviewer-1"}, 10.0) == pytest.approx(3.0)
