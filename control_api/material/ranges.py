"""Which bytes of a file a request wants (RFC 9110, 14). Pure."""

import re

from interview.errors import Invalid

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class RangeUnsatisfiable(Invalid):
    """The file has none of the wanted bytes; `size_bytes` in the details says how many there are (`Content-Range`)."""

    code = "range_not_satisfiable"
    status = 416


def wanted_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """Return the first and the last byte that a `Range` header wants; None where it wants all.

    Several ranges, and what is no range of bytes, are answered with all, as the standard allows. Raises
    `RangeUnsatisfiable`.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found.groups() == ("", ""):
        return None
    start, end = found.groups()
    if not start:  # the last so many bytes
        first, last = max(size_bytes - int(end), 0), size_bytes - 1
        empty = int(end) == 0
    else:
        first, last = int(start), min(int(end) if end else size_bytes - 1, size_bytes - 1)
        if end and int(end) < int(start):
            return None
        empty = first >= size_bytes
    if empty:
        raise RangeUnsatisfiable(f"there are {size_bytes} bytes, and none of those", size_bytes=size_bytes)
    return first, last
