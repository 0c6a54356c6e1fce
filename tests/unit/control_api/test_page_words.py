"""The interview page in the languages that the interviewer speaks."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from control_api.pages import endpoints
from interview.catalogue import languages

STATIC = Path(endpoints.__file__).parent / "static"
SCRIPT = (STATIC / "interview.js").read_text(encoding="utf-8")
TABLE = (STATIC / "interview.words.js").read_text(encoding="utf-8")
WORDS: dict[str, dict[str, str]] = json.loads(TABLE[TABLE.index("{") : TABLE.rindex(";")])
STATES = {"Speaking.", "Listening.", "Thinking.", "Closing.", "Paused."}
"""What the interviewer does, from `ShowProgress.state`."""

OTHERS = pytest.mark.parametrize("language", sorted(languages() - {"en"}))


class Shown(HTMLParser):
    """Collects what a reader of the page sees or is read."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.texts |= {data.strip()} - {""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts |= {value for name, value in attrs if name == "aria-label" and value}


def on_the_page() -> set[str]:
    shown = Shown()
    shown.feed((STATIC / "interview.html").read_text(encoding="utf-8"))
    in_the_script = re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', SCRIPT)
    return shown.texts | set(in_the_script) | STATES


@OTHERS
def test_there_are_words_for_everything_that_the_page_says(language: str) -> None:
    assert on_the_page() - WORDS[language].keys() == set()


@OTHERS
def test_the_same_values_are_filled_in(language: str) -> None:
    for english, other in WORDS[language].items():
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", other)), english
        assert other


@OTHERS
def test_nothing_is_kept_that_the_page_does_not_say(language: str) -> None:
    assert WORDS[language].keys() - on_the_page() == set()


def test_what_is_said_to_a_reader_goes_through_the_table() -> None:
    bare = re.findall(r'\b(?:state|problem|confirm)\((["`][^)]{3,})\)', SCRIPT)
    assert bare == []
