"""Getting at the text of a résumé that somebody sent: in a child process, a few at a time, and never for long."""

import asyncio
import json
import math
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from interview.errors import Invalid, TooMany
from interview.resume import ResumeKind
from interview.settings import Settings

_CHILD = Path(__file__).with_name("extract.py")
_AT_ONCE = 2
_UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Readable:
    """What a file is, by its content, and what it says; `pages` of a PDF only."""

    kind: ResumeKind
    pages: int | None
    text: str


class ResumeReader:
    """Reads résumés. One per application: it bounds how many are read at once."""

    def __init__(self, settings: Settings) -> None:
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._limit_s = settings.resume_read_s

    async def read(self, content: bytes) -> Readable:
        """Return the text of a file.

        Raises `Invalid` (`resume_type_unknown`, `resume_encrypted`, `resume_no_text`, `resume_too_long`,
        `resume_unreadable`), each saying what to do, and `TooMany` (`too_many_uploads`).
        """
        try:
            async with asyncio.timeout(self._limit_s):
                await self._places.acquire()
        except TimeoutError:
            words = "too many résumés are being read just now; try again in a moment"
            raise TooMany(words, code="too_many_uploads", retry_after_s=self._limit_s) from None
        try:
            answer = await self._ask_child(content)
        finally:
            self._places.release()
        if "refused" in answer:
            _refuse(answer["refused"])
        return Readable(ResumeKind(answer["kind"]), answer["pages"], answer["text"])

    async def _ask_child(self, content: bytes) -> dict[str, Any]:
        # -I: nothing of the environment or of the folder where we run gets into it
        command = (sys.executable, "-I", str(_CHILD), str(math.ceil(self._limit_s)))
        child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={})
        try:
            async with asyncio.timeout(self._limit_s):
                answer, _ = await child.communicate(content)
        except TimeoutError:
            return {"refused": _UNREADABLE}
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        try:
            return json.loads(answer) if child.returncode == 0 else {"refused": _UNREADABLE}
        except ValueError:
            return {"refused": _UNREADABLE}


def _refuse(why: str) -> NoReturn:
    match why:
        case "type_unknown":
            words = "this is neither PDF nor DOCX nor plain text, whatever its name says; save it as one of them"
            raise Invalid(words, code="resume_type_unknown")
        case "encrypted":
            words = "this file opens only with a password; save it without one and send it again"
            raise Invalid(words, code="resume_encrypted")
        case "no_text":
            words = "no text was found: it is a scan, or empty; send a file in which the text can be selected"
            raise Invalid(words, code="resume_no_text")
        case "too_long":
            words = "this is longer than a résumé may be (40 pages, 50,000 characters); send a shorter one"
            raise Invalid(words, code="resume_too_long")
        case _:
            words = "this file could not be read; save it anew as PDF or as plain text and send that"
            raise Invalid(words, code="resume_unreadable")
