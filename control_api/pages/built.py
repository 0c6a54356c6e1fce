"""The folder of built pages, read once: which files there are is known before anybody asks for one."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wav": "audio/wav"}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""In the order in which they are preferred: what the browser must name, and how the file beside is called."""


@dataclass(frozen=True)
class Asset:
    """One file as it is sent; `encoding` is that of its bytes, or empty."""

    path: Path
    media_type: str
    encoding: str


class BuiltPages:
    """Pages and their assets. Only names that were there at the start are ever opened."""

    def __init__(self, folder: Path) -> None:
        self._pages = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
        self._assets = {path.name: path for path in (folder / "assets").glob("*") if path.is_file()}

    @staticmethod
    @cache
    def of(folder: Path) -> "BuiltPages":
        """Return the pages of a folder; another build lies in another folder."""
        return BuiltPages(folder)

    def page(self, name: str) -> str | None:
        """Return a page, or None where it is not built."""
        return self._pages.get(name)

    def asset(self, name: str, accept_encoding: str) -> Asset | None:
        """Return a script or style, compressed where the browser takes that, or None where there is no such."""
        path = self._assets.get(name)
        media_type = path and _MEDIA_TYPES.get(path.suffix)
        if path is None or media_type is None:
            return None
        accepted = {part.partition(";")[0].strip() for part in accept_encoding.lower().split(",")}
        for encoding, suffix in _ENCODINGS:
            if encoding in accepted and (beside := self._assets.get(name + suffix)):
                return Asset(beside, media_type, encoding)
        return Asset(path, media_type, "")
