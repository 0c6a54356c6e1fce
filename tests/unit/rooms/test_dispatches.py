import pytest

from interview.errors import Invalid
from rooms.dispatches import Dispatch, read_dispatch


def test_a_dispatch_names_session_and_attempt() -> None:
    assert read_dispatch('{"session_id": "s", "attempt": 2}') == Dispatch(session_id="s", attempt=2)


@pytest.mark.parametrize("metadata", ["", "[]", "nonsense", '{"session_id": "s"}', '{"session_id": "s", "attempt": 0}'])
def test_a_dispatch_that_cannot_be_read_is_refused_in_words(metadata: str) -> None:
    with pytest.raises(Invalid, match="attempt"):
        read_dispatch(metadata)
