"""Which bytes a `Range` header wants."""

import pytest

from control_api.material.ranges import RangeUnsatisfiable, wanted_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", (0, 99)),
        ("bytes=0-0", (0, 0)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-1000", (90, 99)),
        ("bytes=99-", (99, 99)),
        ("bytes=-1", (99, 99)),
        ("bytes=-1000", (0, 99)),
        (" bytes=5-6 ", (5, 6)),
        ("bytes=-", None),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("bytes=a-b", None),
        ("items=0-1", None),
        ("bytes=9999999999999999999999-", None),
    ],
)
def test_a_range_of_a_hundred_bytes(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert wanted_range(header, 100) == wanted


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_a_range_without_a_byte_is_refused(header: str) -> None:
    with pytest.raises(RangeUnsatisfiable) as refused:
        wanted_range(header, 100)
    assert (refused.value.status, refused.value.details["size_bytes"]) == (416, 100)
