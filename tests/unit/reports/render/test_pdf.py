"""The PDF: whole, readable in many scripts, tagged, with bookmarks; what people said is text in it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pypdfium2
import pytest
from pypdf.generic import ContentStream

from reports.content import ReportContent
from reports.render.pdf import breakable, to_pdf
from tests.unit.reports.render.samples import (
    EVIL,
    SCRIPTS,
    empty_report,
    full_report,
    long_report,
    report_of_words,
)

MARGIN_PT = 20
"""Nothing is printed nearer to the edge: the page's own margins are 51 and 57 points."""


class Pdf:
    """A PDF as two readers see it."""

    def __init__(self, content: ReportContent, fonts: Path) -> None:
        self.bytes = to_pdf(content, fonts)
        self.seen = pypdfium2.PdfDocument(self.bytes)
        self.read = pypdf.PdfReader(io.BytesIO(self.bytes))

    @property
    def text(self) -> str:
        return "\n".join(page.get_textpage().get_text_bounded() for page in self.seen)

    def letters(self) -> str:
        """All characters but spaces and hyphens that a line's end may have brought."""
        return "".join(char for char in self.text if not char.isspace() and char not in "\u00ad\u200b\ufffe\x02")

    def boxes(self) -> Iterator[tuple[float, float, float, float]]:
        """For each printed character how far its box is from the page's four edges, in points."""
        for page in self.seen:
            width, height = page.get_size()
            text = page.get_textpage()
            for index in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(index)
                if right > left and top > bottom:
                    yield left, bottom, width - right, height - top

    def missing_glyphs(self) -> int:
        """Count the characters that are set with glyph 0, which is the box that stands for what a font has not."""
        return sum(_glyphs(page, self.read).count(0) for page in self.read.pages)

    def pictures(self) -> Iterator[np.ndarray]:
        """Each page as grey values, two pixels a point."""
        for page in self.seen:
            yield np.asarray(page.render(scale=2, grayscale=True).to_pil())


def _glyphs(page: pypdf.PageObject, reader: pypdf.PdfReader) -> list[int]:
    """The glyphs of a page, drawings included, of all fonts that name them by two bytes."""
    found: list[int] = []

    def walk(stream: Any, resources: Any) -> None:
        fonts = {name: font.get_object() for name, font in resources.get("/Font", {}).items()}
        wide = False
        for operands, operator in ContentStream(stream, reader).operations:
            if operator == b"Tf":
                wide = fonts[operands[0]]["/Subtype"] == "/Type0"
            elif operator in (b"Tj", b"TJ") and wide:
                pieces = operands[0] if operator == b"TJ" else operands
                for piece in pieces:
                    if isinstance(piece, bytes | str):
                        raw = piece if isinstance(piece, bytes) else piece.original_bytes  # pyright: ignore
                        found.extend(int.from_bytes(raw[n : n + 2]) for n in range(0, len(raw), 2))
            elif operator == b"Do":
                form = resources["/XObject"][operands[0]].get_object()
                if form["/Subtype"] == "/Form":
                    walk(form, form.get("/Resources", resources))

    walk(page.get_contents(), page["/Resources"])
    return found


def assert_whole(pdf: Pdf) -> None:
    """No text runs out of its page, as boxes and as ink."""
    nearest = min(min(box) for box in pdf.boxes())
    assert nearest > MARGIN_PT
    for picture in pdf.pictures():
        edge = 2 * MARGIN_PT
        assert picture.shape == (1684, 1191), "A4"
        for strip in (picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]):
            assert strip.min() > 250, "ink at the edge of the page"
        assert picture[edge:-edge, edge:-edge].min() < 130, "an empty page"


def test_a_full_report_is_whole_with_numbered_pages_bookmarks_and_tags(fonts: Path) -> None:
    pdf = Pdf(full_report(), fonts)
    assert_whole(pdf)
    assert pdf.missing_glyphs() == 0
    pages = [page.get_textpage().get_text_bounded() for page in pdf.seen]
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
    bookmarks = [mark.get_title() for mark in pdf.seen.get_toc()]
    assert bookmarks[0] == "Ada Example"
    for chapter in ("Competencies", "Ownership", "Questions", "Talk and conditions", "Incidents", "Transcript"):
        assert chapter in bookmarks
    root: Any = pdf.read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "en"
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data(), "it says that it is PDF/UA"
    assert pdf.read.metadata is not None
    assert pdf.read.metadata.title == "Interview report: Ada Example, Backend engineer"


def test_all_fonts_are_embedded(fonts: Path) -> None:
    pdf = Pdf(report_of_words(SCRIPTS["Arabic"]), fonts)
    seen = 0
    for page in pdf.read.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            below = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(below)
            seen += 1
    assert seen


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_and_answers_of_every_script_are_set_whole_and_without_a_missing_glyph(fonts: Path, script: str) -> None:
    text = SCRIPTS[script]
    pdf = Pdf(report_of_words(text), fonts)
    assert_whole(pdf)
    assert pdf.missing_glyphs() == 0
    assert {char for char in text if char.isalpha()} <= set(pdf.text), "it can be searched and copied"


def test_what_no_font_has_is_a_box_and_the_report_is_there_all_the_same(fonts: Path) -> None:
    pdf = Pdf(report_of_words("runes ᚠᚢᚦᚨᚱᚲ and words"), fonts)
    assert pdf.missing_glyphs() > 6
    assert "and words" in pdf.text


def test_markup_in_names_and_answers_is_text(fonts: Path) -> None:
    pdf = Pdf(report_of_words(EVIL), fonts)
    assert_whole(pdf)
    assert "".join(EVIL.split()) in pdf.letters()
    assert not any(
        "evil" in str(note.get_object().get("/A", {})) for page in pdf.read.pages for note in page.get("/Annots", [])
    )


@pytest.mark.parametrize(
    "word", ["w" * 4000, "https://example.org/" + "a/b-c_" * 400, "我" * 3000, "ก" * 2000, "\u0301" * 300]
)
def test_endless_words_break(fonts: Path, word: str) -> None:
    assert_whole(Pdf(report_of_words(word), fonts))


def test_control_characters_and_endings_of_lines_do_no_harm(fonts: Path) -> None:
    pdf = Pdf(report_of_words("one\x01\x0b\x1f two\r\nthree\u2028four\tfive \u202eevil\u202c six"), fonts)
    assert_whole(pdf)
    assert "three" in pdf.text


def test_three_hours_of_talk_are_set(fonts: Path) -> None:
    pdf = Pdf(long_report(), fonts)
    assert len(pdf.seen) > 30
    assert "2:59:54" in pdf.seen[len(pdf.seen) - 1].get_textpage().get_text_bounded()
    assert min(min(box) for box in pdf.boxes()) > MARGIN_PT


def test_an_interview_without_a_word_has_a_report(fonts: Path) -> None:
    pdf = Pdf(empty_report(), fonts)
    assert_whole(pdf)
    assert "Nothing was said that could be stored." in pdf.text


def test_the_same_report_gives_the_same_bytes_whenever_it_is_made(fonts: Path) -> None:
    content = full_report()
    pdf = Pdf(content, fonts)
    assert to_pdf(content, fonts) == pdf.bytes
    assert pdf.read.metadata is not None
    assert pdf.read.metadata.creation_date == content.built_at.replace(microsecond=0), "it tells no time of its own"


def test_only_endless_words_are_given_places_to_break() -> None:
    text = "an ordinary sentence with extraordinarily-hyphenated-words in it"
    assert breakable(text) == text
    assert max(map(len, breakable("x" * 100).split("\u200b"))) == 30
