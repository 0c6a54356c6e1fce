"""Cursors come back as they went out."""

from datetime import UTC, datetime, timedelta

import pytest

from interview.errors import Invalid
from interview.storage.paging import Cursor


@pytest.mark.parametrize("milliseconds", [0, 1, 123, 999])
@pytest.mark.parametrize("year", [1970, 2026, 9999])
def test_a_cursor_is_read_as_it_was_given(year: int, milliseconds: int) -> None:
    moment = datetime(year, 11, 22, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    cursor = Cursor(moment, "0f8fad5b-d9cb-469f-a165-70867728950e")
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "%%%", "x", "\N{SNOWMAN}", "a" * 10_000, "LTE6eA==="])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Cursor.parse(text)
    assert refused.value.code == "bad_cursor"
