"""Getting at a résumé's text: whatever is sent, in a child process, within bounds."""

import asyncio
import io
import time
import zipfile

import psutil
import pytest

from control_api.resumes.reading import ResumeReader
from interview.errors import Invalid
from interview.resume import ResumeKind
from tests import resumes
from tests.storage.builders import settings

BOUND_S = 30.0


def reader(limit_s: float = BOUND_S) -> ResumeReader:
    return ResumeReader(settings("mongodb://127.0.0.1", "none", resume_read_s=limit_s))


@pytest.mark.parametrize(
    ("content", "kind", "pages"),
    [
        (resumes.pdf(), ResumeKind.PDF, 1),
        (resumes.pdf(pages=3), ResumeKind.PDF, 3),
        (resumes.locked_pdf(""), ResumeKind.PDF, 1),
        (resumes.docx(), ResumeKind.DOCX, None),
        (resumes.TEXT, ResumeKind.TEXT, None),
        (b"\xef\xbb\xbf" + resumes.TEXT, ResumeKind.TEXT, None),
        (resumes.TEXT.decode().encode("utf-16"), ResumeKind.TEXT, None),
    ],
    ids=["pdf", "three pages", "pdf that anybody may read", "docx", "text", "text with a mark", "utf-16"],
)
async def test_every_line_of_a_resume_is_read(content: bytes, kind: ResumeKind, pages: int | None) -> None:
    read = await reader().read(content)
    assert (read.kind, read.pages) == (kind, pages)
    assert read.text.splitlines()[: len(resumes.LINES)] == list(resumes.LINES)


async def test_text_of_an_old_editor_is_read_too() -> None:
    assert "Zoë Müller" in (await reader().read("Zoë Müller led the migration".encode("cp1252"))).text


async def test_what_was_deleted_in_a_document_is_not_read() -> None:
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = (
        "<w:p><w:r><w:t>Moved the ledger</w:t><w:tab/><w:t>in one night</w:t></w:r>"
        "<w:del><w:r><w:delText>secretly</w:delText><w:t>secretly</w:t></w:r></w:del></w:p>"
    )
    content = resumes.docx_with(f"<w:document {names}><w:body>{body}</w:body></w:document>".encode())
    assert (await reader().read(content)).text == "Moved the ledger in one night"


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "'
    + b"ha" * 5000
    + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9))
    + b"]><d>&j;</d>"
)


def zip_of_something_else() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("holiday.txt", "sand")
    return sink.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "resume_type_unknown"),
        (b"{\\rtf1 a resume}", "resume_type_unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "resume_type_unknown"),
        (zip_of_something_else(), "resume_type_unknown"),
        (b"text\x00with a NUL and more of it", "resume_type_unknown"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "resume_encrypted"),
        (resumes.locked_pdf("secret"), "resume_encrypted"),
        (resumes.pdf(()), "resume_no_text"),
        (b"", "resume_no_text"),
        (b"   \n 12345 \n", "resume_no_text"),
        (b"many words " * 5000, "resume_too_long"),
        (resumes.pdf(pages=41), "resume_too_long"),
        (resumes.pdf()[:300], "resume_unreadable"),
        (b"%PDF-1.7 and nothing else", "resume_unreadable"),
        (resumes.docx()[:2000], "resume_unreadable"),
        (resumes.docx_with(b"<not xml"), "resume_unreadable"),
        (resumes.docx_with(LAUGHS), "resume_unreadable"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_what_to_do(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        await reader().read(content)
    assert refused.value.code == code
    assert any(word in refused.value.message for word in ("save it", "send a"))


@pytest.mark.parametrize("make", [resumes.bomb_docx, resumes.bomb_pdf], ids=["docx", "pdf"])
async def test_a_file_that_unpacks_to_far_more_is_refused_in_bounded_memory(make) -> None:
    content = await asyncio.to_thread(make)
    before = psutil.Process().memory_info().rss
    with pytest.raises(Invalid) as refused:
        await reader().read(content)
    assert refused.value.code in ("resume_unreadable", "resume_too_long")
    assert psutil.Process().memory_info().rss - before < 100_000_000


async def test_what_takes_too_long_is_given_up_and_its_process_is_gone() -> None:
    before, began = psutil.Process().children(), time.monotonic()
    with pytest.raises(Invalid) as refused:
        await reader(0.01).read(resumes.pdf(pages=40))
    assert refused.value.code == "resume_unreadable"
    assert time.monotonic() - began < BOUND_S
    assert psutil.Process().children() == before
