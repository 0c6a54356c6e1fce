"""Reading the CSV of a bulk invitation: text in, rows and errors out. Pure."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_ROWS = 1000
MAX_ERRORS = 200
REQUIRED = ("name", "email")
OPTIONAL = ("plan_id", "language", "not_before", "not_after", "reference")
_MAX_CELL = 5000
_MAX_CELLS = 100
"""In a row, empty ones included."""
_MAX_LINES = 10 * MAX_ROWS
"""Rows, blank ones included: a file of nothing but ends of lines must not take seconds."""


@dataclass(frozen=True)
class RowError:
    """What is wrong in a place. `row` counts from 1, without the header; 0 is the file as a whole."""

    row: int
    column: str
    code: str
    message: str


@dataclass
class Sheet:
    """The rows of a file, by number, each with its filled cells by column; and what is wrong with it."""

    rows: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    errors: list[RowError] = field(default_factory=list[RowError])

    def wrong(self, row: int, column: str, code: str, message: str) -> None:
        """Note an error."""
        self.errors.append(RowError(row, column, code, message))


def read_sheet(body: bytes) -> Sheet:
    """Read UTF-8, with or without a byte order mark, separated by comma or semicolon; cells in quotes may hold lines.

    The columns are named by the first row, in any order and case. Blank rows are passed over. What is wrong is in the
    sheet's `errors`.
    """
    sheet = Sheet()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        sheet.wrong(0, "", "not_utf8", f'the file is not UTF-8 (near its line {line}); save it as "CSV UTF-8"')
        return sheet
    if "\x00" in text:
        sheet.wrong(0, "", "not_text", "the file contains NUL characters: it is not a CSV")
        return sheet
    lines = _lines(text, sheet)
    header = next(lines, None)
    if header is None:
        if not sheet.errors:
            sheet.wrong(0, "", "empty", "the file is empty")
        return sheet
    columns = _columns(header, sheet)
    if sheet.errors:
        return sheet
    for number, cells in enumerate(lines, 1):
        if number > MAX_ROWS:
            sheet.wrong(0, "", "too_many_rows", f"the file has more than {MAX_ROWS} rows; split it")
            break
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            sheet.wrong(
                number, "", "too_many_cells", f"the row has {len(cells)} cells, and there are {len(columns)} columns"
            )
            continue
        filled = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
        sheet.rows[number] = filled
        for name in REQUIRED:
            if name not in filled:
                sheet.wrong(number, name, "missing", f"{name} is empty")
    if not sheet.rows and not sheet.errors:
        sheet.wrong(0, "", "empty", "the file has no rows below its header")
    return sheet


def _lines(text: str, sheet: Sheet) -> Iterator[list[str]]:
    """Yield the cells of each row that is not blank; what the reader refuses ends it."""
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader):
            if number > _MAX_LINES:
                sheet.wrong(
                    0, "", "too_many_rows", f"the file has more than {_MAX_LINES} lines; leave the blank ones out"
                )
                return
            if len(cells) > _MAX_CELLS:
                words = f"the row near line {reader.line_num} has more than {_MAX_CELLS} cells"
                sheet.wrong(0, "", "too_many_cells", words)
                return
            if any(len(cell) > _MAX_CELL for cell in cells):
                sheet.wrong(
                    0, "", "too_long", f"a cell near line {reader.line_num} has more than {_MAX_CELL} characters"
                )
                return
            if any(cell.strip() for cell in cells):
                yield cells
    except csv.Error as error:
        sheet.wrong(0, "", "malformed_csv", f"the file cannot be read near its line {reader.line_num}: {error}")


def _columns(header: list[str], sheet: Sheet) -> list[str]:
    columns = [cell.strip().lower() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    known = (*REQUIRED, *OPTIONAL)
    for name in dict.fromkeys(columns):
        shown = name[:80]
        if name not in known:
            sheet.wrong(0, shown, "unknown_column", f"there is no column {shown!r}; there is {', '.join(known)}")
        elif columns.count(name) > 1:
            sheet.wrong(0, shown, "column_twice", f"the column {shown} is there twice")
    for name in REQUIRED:
        if name not in columns:
            sheet.wrong(0, name, "column_missing", f"the column {name} is missing; the first row names the columns")
    return columns
