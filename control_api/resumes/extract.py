"""Runs by itself, as a child process: a file of unknown make on standard input, its text as JSON on standard output.

What a stranger sends is parsed here and nowhere else, within bounds of time, memory and open files that the system
enforces; `reading` starts it and waits. It imports nothing of ours, so that it starts quickly and holds no secret.
The answer is `{"kind", "pages", "text"}`, or `{"refused": CODE}`.
"""

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MAX_PAGES = 40
MAX_CHARS = 50_000
MIN_LETTERS = 20
"""A file with fewer has no text: a scan, or empty."""
MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 60_000_000
"""Of all parts of a DOCX together, by their own declaration; no more of a part is ever unpacked than it declares."""
MEMORY_BYTES = 1_000_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_LAYOUT = frozenset("\t\n\r\f\v")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAKS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n"}


class Refused(Exception):
    """The file cannot be used; the code says why."""


def main() -> None:
    """Read, extract, answer."""
    limit_s = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        answer = extract(content)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except Exception as error:  # noqa: BLE001 - parsers of broken files raise anything; the type alone is told
        answer = {"refused": "unreadable", "error": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def extract(content: bytes) -> dict[str, Any]:
    """Return what a file is, and its text. Raises `Refused`, and whatever a parser raises."""
    pages: int | None = None
    if b"%PDF-" in content[:1024]:
        kind, (text, pages) = "pdf", _pdf(content)
    elif content.startswith(b"PK\x03\x04"):
        kind, text = "docx", _docx(content)
    elif content.startswith(_OLE):
        raise Refused("encrypted" if _ENCRYPTED_OFFICE in content else "type_unknown")
    else:
        kind, text = "text", _plain(content)
    text = "\n".join(line for line in map(_tidy, text.splitlines()) if line)
    if len(text) > MAX_CHARS:
        raise Refused("too_long")
    if sum(map(str.isalpha, text)) < MIN_LETTERS:
        raise Refused("no_text")
    return {"kind": kind, "pages": pages, "text": text}


def _pdf(content: bytes) -> tuple[str, int]:
    from pypdf import PasswordType, PdfReader

    reader = PdfReader(io.BytesIO(content))
    # one that only its owner may change opens with the empty password
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        raise Refused("encrypted")
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise Refused("too_long")
    found: list[str] = []
    for page in reader.pages:
        found.append(page.extract_text())
        if sum(map(len, found)) > 4 * MAX_CHARS:  # white space included, which is tidied away afterwards
            raise Refused("too_long")
    return "\n".join(found), count


def _docx(content: bytes) -> str:
    from docx import Document

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if "[Content_Types].xml" not in archive.namelist():
            raise Refused("type_unknown")
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise Refused("unreadable")
    body = Document(io.BytesIO(content)).element.body
    return "\n".join("".join(_pieces(paragraph)) for paragraph in body.iter(f"{_W}p"))


def _pieces(paragraph: Any) -> Iterator[str]:
    """Yield the text of a paragraph: not that of boxes within it, which are paragraphs themselves."""
    for child in paragraph:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag not in (f"{_W}p", f"{_W}del", _FALLBACK):
            yield from _pieces(child)


def _plain(content: bytes) -> str:
    if content.startswith(b"{\\rtf"):
        raise Refused("type_unknown")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if any(ord(char) < 32 and char not in _LAYOUT for char in text):
        raise Refused("type_unknown")
    return text


def _tidy(line: str) -> str:
    """Return a line that a database and JSON can carry, with single spaces."""
    carried = "".join(" " if ord(char) < 32 or 0xD800 <= ord(char) <= 0xDFFF else char for char in line)
    return " ".join(carried.split())


if __name__ == "__main__":
    main()
