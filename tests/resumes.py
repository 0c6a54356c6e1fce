"""Résumés of each kind, made by hand or by the libraries that read them, and one as it is stored."""

import io
import zipfile

from docx import Document
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from interview.resume import Resume, ResumeKind
from interview.storage.resumes import file_id_of
from tests.storage.builders import NOON

LINES = (
    "Amina Okafor",
    "Moved the quokka ledger to PostgreSQL without a pause",
    "Halved the nightly build of six teams",
)
TEXT = "\n".join(LINES).encode()


def pdf_writer(lines: tuple[str, ...] = LINES, pages: int = 1) -> PdfWriter:
    """A PDF whose pages each show these lines in one of the fonts that every reader has."""
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(width=595, height=842)
        font = DictionaryObject(
            {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1")}
        )
        font[NameObject("/BaseFont")] = NameObject("/Helvetica")
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        shown = " ".join(f"({line}) Tj T*" for line in lines)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    return writer


def written(writer: PdfWriter) -> bytes:
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def pdf(lines: tuple[str, ...] = LINES, pages: int = 1) -> bytes:
    return written(pdf_writer(lines, pages))


def locked_pdf(password: str, owner: str = "owner") -> bytes:
    writer = pdf_writer()
    writer.encrypt(password, owner, algorithm="AES-256")
    return written(writer)


def bomb_pdf() -> bytes:
    """A page whose content unpacks to far more than it is."""
    writer = pdf_writer(("x" * 100_000_000,))
    for page in writer.pages:
        page.compress_content_streams()
    return written(writer)


def docx(lines: tuple[str, ...] = LINES) -> bytes:
    """The first line as a heading, the second as a paragraph, the others in a table."""
    document = Document()
    document.add_heading(lines[0])
    document.add_paragraph(lines[1])
    table = document.add_table(rows=len(lines) - 2, cols=2)
    for row, line in zip(table.rows, lines[2:], strict=True):
        row.cells[1].text = line
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def bomb_docx(size: int = 100_000_000) -> bytes:
    """A DOCX whose text unpacks to so many bytes."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx())) as source, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in source.infolist():
            if part.filename != "word/document.xml":
                archive.writestr(part, source.read(part))
        with archive.open("word/document.xml", "w", force_zip64=True) as text:
            for _ in range(size // 1_000_000):
                text.write(b" " * 1_000_000)
    return sink.getvalue()


def docx_with(text: bytes) -> bytes:
    """A DOCX with another main part."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx())) as source, zipfile.ZipFile(sink, "w") as archive:
        for part in source.infolist():
            archive.writestr(part, text if part.filename == "word/document.xml" else source.read(part))
    return sink.getvalue()


def resume(session_id: str, text: str = TEXT.decode()) -> Resume:
    return Resume(
        session_id=session_id,
        kind=ResumeKind.TEXT,
        size_bytes=len(text.encode()),
        text=text,
        file_id=file_id_of(session_id, "0" * 64),
        uploaded_at=NOON,
        uploaded_by="candidate",
    )
