"""CSV that spreadsheets read as it was meant: RFC 4180, UTF-8 with a mark, no cell that would be a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

Value = str | int | float | None

_FORMULAS = frozenset("=+-@＝＋－＠\t\r\n|%")
"""What a spreadsheet may take for the beginning of a formula or a command, the wide forms included."""


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: where it might, an apostrophe stands before it."""
    return f"'{text}" if text.lstrip(" \u00a0\ufeff\u200b")[:1] in _FORMULAS and text.strip() else text


def csv_file(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Write a CSV file. Texts are made safe (`safe_cell`); numbers are left as they are, None is empty."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([safe_cell(value.replace("\x00", "")) if isinstance(value, str) else value for value in row])
    return sink.getvalue().encode("utf-8-sig", "replace")
