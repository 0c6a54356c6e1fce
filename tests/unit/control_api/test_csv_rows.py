"""Reading the CSV of a bulk invitation."""

import csv
import io
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_api.sessions.csv_rows import MAX_ROWS, Sheet, read_sheet


def codes(sheet: Sheet) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in sheet.errors]


@pytest.mark.parametrize(
    "text",
    [
        "name,email\nAda,ada@example.com\n",
        "\ufeffname,email\r\nAda,ada@example.com\r\n",
        "name;email\nAda;ada@example.com",
        "email,name\nada@example.com,Ada\n\n,\n",
        ' Name ,EMAIL\n" Ada ",ada@example.com\n',
        "name,email,\nAda,ada@example.com,\n",
    ],
)
def test_the_usual_kinds_of_csv_are_read(text: str) -> None:
    sheet = read_sheet(text.encode())
    assert sheet.errors == []
    assert sheet.rows == {1: {"name": "Ada", "email": "ada@example.com"}}


def test_cells_in_quotes_hold_separators_quotes_and_lines() -> None:
    sheet = read_sheet(b'name,email,reference\n"Ada, ""the"" first",a@example.com,"two\nlines"\nB,b@example.com,\n')
    assert sheet.rows[1]["name"] == 'Ada, "the" first'
    assert sheet.rows[1]["reference"] == "two\nlines"
    assert sheet.rows[2] == {"name": "B", "email": "b@example.com"}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", [(0, "", "empty")]),
        (b"\n\n", [(0, "", "empty")]),
        (b"name,email\n", [(0, "", "empty")]),
        (b"name,email\nAd\xe9,a@example.com\n", [(0, "", "not_utf8")]),
        ("name,email\n".encode("utf-16"), [(0, "", "not_utf8")]),
        (b"name,email\nA\x00,a@example.com\n", [(0, "", "not_text")]),
        (b"name\nAda\n", [(0, "email", "column_missing")]),
        (b"name,email,mood\nA,a@example.com,x\n", [(0, "mood", "unknown_column")]),
        (b"name,email,email\nA,a@example.com,x\n", [(0, "email", "column_twice")]),
        (b'name,email\n"Ada,a@example.com\n', [(0, "", "malformed_csv")]),
        (b'name,email\n"A"da,a@example.com\n', [(0, "", "malformed_csv")]),
        (b"name,email\nA,a@example.com,x\n", [(1, "", "too_many_cells")]),
        (b"name,email\n,a@example.com\nB\n", [(1, "name", "missing"), (2, "email", "missing")]),
        (b"name,email\n" + b"x" * 6000 + b",a@example.com\n", [(0, "", "too_long")]),
        (b"x" * 200_000, [(0, "", "malformed_csv")]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(body: bytes, wrong: list[tuple[int, str, str]]) -> None:
    assert codes(read_sheet(body)) == wrong


def test_there_are_at_most_a_thousand_rows() -> None:
    row = "A,a@example.com\n"
    assert read_sheet(("name,email\n" + row * MAX_ROWS).encode()).errors == []
    sheet = read_sheet(("name,email\n" + row * (MAX_ROWS + 1)).encode())
    assert codes(sheet) == [(0, "", "too_many_rows")]


@given(st.binary(max_size=200))
def test_no_bytes_break_it(body: bytes) -> None:
    read_sheet(body)


_CELLS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=20), st.sampled_from(",;"), st.booleans())
def test_what_a_spreadsheet_writes_is_read_back(rows: list[Any], separator: str, marked: bool) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([("name", "email"), *rows])
    sheet = read_sheet(text.getvalue().encode("utf-8-sig" if marked else "utf-8"))
    assert [(row["name"], row["email"]) for row in sheet.rows.values()] == [(a.strip(), b.strip()) for a, b in rows]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"name,email\n" + b"\n" * 9_900_000, "too_many_rows"),
        (b"name,email\n" + b"," * 9_900_000, "too_many_cells"),
        (",".join(f"{n:x}" for n in range(1_500_000)).encode(), "too_many_cells"),
    ],
    ids=["blank lines", "commas", "columns"],
)
def test_ten_megabytes_of_nothing_cost_neither_seconds_nor_memory(body: bytes, code: str) -> None:
    began = time.process_time()
    assert codes(read_sheet(body)) == [(0, "", code)]
    assert time.process_time() - began < 1.5
