"""Markdown: a reader sees what was said, and no markup comes of it."""

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from reports.render.markdown import escaped, to_markdown
from tests.unit.reports.render.samples import EVIL, SCRIPTS, empty_report, full_report, long_report, report_of_words

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def shown(text: str) -> str:
    """What a reader of a paragraph with this text sees."""
    html = READER.render(text)
    inner = re.fullmatch(r"<p>(.*)</p>\n", html, re.DOTALL)
    assert inner, html
    assert "<" not in inner.group(1), html
    return unescape(inner.group(1))


@pytest.mark.parametrize(
    "text",
    [
        *SCRIPTS.values(),
        EVIL,
        "# head",
        "- item",
        "+ item",
        "1. one",
        "12) twelve",
        "> quote",
        "---",
        "===",
        "***",
        "```code",
        "~~~",
        "| a | b |",
        "a\\b \\* c",
        "[x]: http://evil.example",
        "<b>bold</b> &lt; &#60; <!-- c -->",
        "snake_case_name and 2*3*4",
        "http://evil.example www.evil.example me@evil.example",
        "    indented",
        "ends with two spaces  ",
    ],
)
def test_text_is_shown_as_it_is(text: str) -> None:
    assert shown(escaped(text)) == " ".join(text.split(" ")).strip()


def test_lines_of_a_text_stay_on_one() -> None:
    assert escaped("one\r\n# two\n\n- three\u2028four") == r"one \# two - three four"


def test_addresses_become_no_links_even_for_eager_readers() -> None:
    made = to_markdown(
        report_of_words("see https://evil.example/x, www.evil.example, mailto:a@b.c, javascript:x()")
    ).decode()
    assert not re.search(r"https?://|www\.evil|mailto:|javascript:|\w@b", made)


def test_a_report_reads_well_and_links_nowhere() -> None:
    content = full_report()
    made = to_markdown(content).decode()
    html = READER.render(made)
    assert html.count("<h1>") == 1
    for chapter in ("Competencies", "Questions", "Talk and conditions", "Incidents", "Transcript"):
        assert f"<h2>{chapter}</h2>" in html
    assert html.count("<table>") == 5
    assert "<mark>we lost no invoice</mark>" in html
    assert "<a " not in html
    assert "<img" not in html
    assert "level 3 of 5" in html
    for turn in content.transcript:
        assert f"(turn {turn.seq}):" in html


def test_markup_in_names_and_answers_is_text() -> None:
    html = READER.render(to_markdown(report_of_words(EVIL)).decode())
    tags = set(re.findall(r"<(\w+)", html))
    usual = set(re.findall(r"<(\w+)", READER.render(to_markdown(full_report()).decode())))
    assert tags <= usual | {"mark"}
    cells = {row.count("<td") + row.count("<th") for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)}
    assert cells <= {2, 5, 7}, "no bar in a text made a cell"


def test_nothing_and_three_hours() -> None:
    assert "Nothing was said that could be stored." in to_markdown(empty_report()).decode()
    assert "2:59:54" in to_markdown(long_report()).decode()
