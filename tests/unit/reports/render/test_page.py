"""The HTML page: self-contained, escaped, navigable, in any script and of any length."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from interview.session import Candidate
from reports.build import Sources, build
from reports.content import ReportContent
from reports.render.page import to_html
from tests.unit.reports.records import PLAN, Talk, at, incident, said, score, segment, session, usual_talk


class Page(HTMLParser):
    """What a browser would make of a page: its ids, links, text by tag, and attributes."""

    def __init__(self, content: ReportContent) -> None:
        super().__init__()
        self.source = to_html(content).decode("utf-8")
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.marked: list[str] = []
        self._in_mark = False
        self.words: list[str] = []
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name == "href" and value:
                self.links.append(value)
        self._in_mark = tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = False

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._in_mark:
            self.marked.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page(**changes: object) -> Page:
    values = {"session": session(), "turns": usual_talk()} | changes
    return Page(build(Sources(**values), at(300)))  # pyright: ignore[reportArgumentType]


def test_each_quote_links_to_its_turn_and_shows_its_time():
    shown = page(scores=[score("ownership", ["we lost no invoice", "ran the rehearsals"])])
    assert "#turn-3" in shown.links
    assert "at 0:18 in the transcript" in shown.text
    assert shown.marked == ["we lost no invoice", "ran the rehearsals"]


def test_every_link_leads_somewhere_on_the_page_and_no_id_is_there_twice():
    shown = page(scores=[score("ownership", ["we lost no invoice"])], incidents=[incident(1, 2)])
    assert shown.links
    own = {link.removeprefix("#") for link in shown.links if link.startswith("#")}
    assert {"main", "transcript", "turn-3"} <= own <= set(shown.ids)
    assert len(set(shown.ids)) == len(shown.ids)


def test_the_page_asks_nothing_of_the_network():
    shown = page(scores=[score("ownership", ["we lost no invoice"])])
    assert not {"script", "img", "link", "iframe", "object", "embed"} & set(shown.tags)
    assert not re.search(r"https?://|@import|url\(", shown.source)
    (style,) = re.findall(r"<style>(.*?)</style>", shown.source, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert ("content", policy) in shown.attributes
    assert "style" not in [name for name, _ in shown.attributes], "the policy lets no attribute style anything"


def test_quotes_and_turns_lead_to_their_moment_in_the_recording_beside_the_page():
    shown = page(scores=[score("ownership", ["we lost no invoice"])], recordings=[segment(0, -1.5)])
    assert "recording.wav#t=19.8" in shown.links, "the quote, said at 18.3 s"
    assert "recording.wav#t=9.5" in shown.links, "the turn at 8 s"
    assert {link for link in shown.links if not link.startswith("#")} == {
        link for link in shown.links if link.startswith("recording.wav#t=")
    }
    assert not any("recording" in link for link in page().links), "nothing was recorded"


def test_the_page_is_built_for_assistive_technology():
    shown = page(incidents=[incident(1, 2)], recordings=[segment(0, 0)])
    assert ("lang", "en") in shown.attributes
    assert shown.tags.count("h1") == 1
    assert shown.tags.count("caption") == shown.tags.count("table") == 5
    assert ("scope", "col") in shown.attributes
    assert "title" in shown.tags
    assert [shown.tags.count(tag) for tag in ("main", "nav")] == [1, 1]
    assert shown.links[0] == "#main", "the first thing to reach skips to the report"
    headings = [int(tag[1]) for tag in shown.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert shown.tags.count("svg") == shown.tags.count("desc") == 2
    for name, value in shown.attributes:
        if name == "aria-labelledby":
            assert set((value or "").split()) <= set(shown.ids)


EVIL = '<script>alert("1")</script>\'"><img src=x onerror=alert(1)> & {{ 7*7 }} {% raw %}'


def test_names_and_words_with_markup_stay_words():
    candidate = Candidate(name=EVIL, email="a@example.org")
    plan = PLAN.model_copy(update={"title": EVIL, "job_role": EVIL[:90]})
    turns = said(f"I said {EVIL} and meant it.")
    shown = page(
        session=session(candidate=candidate, plan=plan, end_reason=EVIL),
        turns=turns,
        scores=[score("ownership", ["and meant it", "<b>never said</b>"])],
    )
    assert "script" not in shown.tags
    assert "img" not in shown.tags
    assert not any(name.startswith("on") for name, _ in shown.attributes)
    assert EVIL in shown.source.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace(
        "&#39;", "'"
    ).replace("&amp;", "&")
    assert shown.marked == ["and meant it"]


@pytest.mark.parametrize(
    "text", ["我负责了整个迁移项目。", "כתבתי את התוכנית", "ฉันเขียนแผนเอง", "मैंने योजना लिखी", "👩🏽‍💻 ok"]
)
def test_any_script_is_shown(text: str):
    shown = page(session=session(candidate=Candidate(name=text, email="a@example.org")), turns=said(text))
    assert text in shown.source
    assert ("dir", "auto") in shown.attributes


def test_an_empty_transcript_says_so():
    shown = page(turns=[], session=session(clock_started_at=None, started_at=None, ended_at=None, consent=None))
    assert "Nothing was said that could be stored." in shown.text
    assert "Not scorable" in shown.text
    assert "Questions answered 0 of 3" in shown.text


def test_overlapping_quotes_are_marked_once():
    shown = page(scores=[score("ownership", ["we lost no", "lost no invoice"])])
    assert shown.marked == ["we lost no", " invoice"]


def test_three_hours_of_talk_are_rendered():
    talk = Talk()
    for number in range(1200):
        talk.asks("And then?", number * 9, number * 9 + 2).says(
            f"Thing {number} — done.", number * 9 + 3, number * 9 + 8
        )
    shown = page(turns=talk.turns)
    assert "turn-2399" in shown.ids
    assert "2:59:54" in shown.text
    assert len(shown.source) < 3_000_000


def test_the_transcript_is_parted_by_question():
    shown = page()
    text = shown.text.partition("Times count from")[2]
    assert text.index("Greeting") < text.index("Question 1") < text.index("Question 2") < text.index("Question 3")
