"""Mails to candidates: templates by language, filled in and put together as a MIME message.

A template is text; its first line is the subject, blank lines divide paragraphs. The HTML form shows the same
paragraphs (`letter.html`), so that the two cannot say different things.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

_FOLDER = Path(__file__).parent / "templates"
_FALLBACK = "en"
_DIRECTION_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""They can make a name swallow the words after it."""


class Letter(StrEnum):
    """The mails that there are."""

    INVITE = "invite"
    REMINDER = "reminder"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


def languages() -> frozenset[str]:
    """Return the languages in which there are mails."""
    return frozenset(path.name for path in _FOLDER.iterdir() if path.is_dir())


def compose(
    letter: Letter,
    language: str,
    values: Mapping[str, Any],
    *,
    sender: Address,
    recipient: Address,
    reply_to: Address | None,
    message_id: str,
    at: datetime,
) -> EmailMessage:
    """Return the whole message. A language without templates is answered in English.

    `values` fill the template in; texts among them lose line breaks and control characters first. `message_id` is the
    same for each attempt, so that a repeated sending is recognisable.
    """
    language = language if language in languages() else _FALLBACK
    filled = {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
    rendered = _environment().get_template(f"{language}/{letter}.txt").render(filled)
    subject, *paragraphs = [part for part in (" ".join(p.split()) for p in rendered.split("\n\n")) if part]
    html = (
        _environment()
        .get_template("letter.html")
        .render(language=language, subject=subject, paragraphs=paragraphs, link=filled.get("invite_url", ""))
    )
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    if reply_to is not None:
        message["Reply-To"] = reply_to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(paragraphs) + "\n")
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = language  # last: setting the content clears what describes it
    return message


def address(email: str, name: str = "") -> Address:
    """Return an address for a header; a domain in any script is written as mail servers know it.

    Raises `ValueError` when it is none.
    """
    local, _, domain = email.rpartition("@")
    found = Address(clean(name), username=local, domain=domain.encode("idna").decode())
    if not local or not domain:
        raise ValueError("not an email address")
    return found


def clean(text: str) -> str:
    """Return the text on one line: no breaks, control characters, or marks that turn the direction of writing."""
    line = " ".join(_DIRECTION_MARKS.sub("", text).split())
    return "".join(char for char in line if unicodedata.category(char) != "Cc")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
