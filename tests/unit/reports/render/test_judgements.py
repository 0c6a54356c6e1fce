"""What the scoring found out stands in every form, in words that need no explanation."""

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from reports.content import ReportContent
from reports.render.markdown import to_markdown
from reports.render.page import to_html
from reports.render.pdf import to_pdf
from reports.render.table import to_csv
from reports.render.view import view_of
from reports.scores import under_way
from tests.unit.reports.records import PLAN, scored
from tests.unit.reports.render.samples import ATTEMPT, EVIL, full_report, report, scored_report

Shown = Callable[[ReportContent], str]


@pytest.fixture(params=["page", "markdown", "pdf"])
def shown(request: pytest.FixtureRequest, fonts: Path) -> Shown:
    """What a reader of that form reads, in one line."""

    def read(content: ReportContent) -> str:
        match request.param:
            case "page":
                text = re.sub(r"<[^>]+>", "", to_html(content).decode())
            case "markdown":
                text = re.sub(r"</?mark>|\\\\", "", to_markdown(content).decode())
            case _:
                document = pypdfium2.PdfDocument(to_pdf(content, fonts))
                text = " ".join(page.get_textpage().get_text_bounded() for page in document)
        return " ".join(text.split())

    return read


def test_every_layout_says_what_the_passes_gave_and_how_far_they_agree(shown: Shown) -> None:
    text = shown(scored_report())
    assert "3 passes gave 3, 4, 3" in text
    assert "agreement 67%" in text


def test_every_layout_says_what_each_answer_shows_with_its_evidence(shown: Shown) -> None:
    text = shown(scored_report(feedback="Names its own part."))
    assert "What each answer shows by itself" in text
    assert "Names its own part." in text
    assert "“we lost no invoice”" in text
    assert "What each answer shows by itself" not in shown(full_report()), "nothing was evaluated"


def test_every_layout_shows_attempts_to_instruct_before_the_scores(shown: Shown) -> None:
    text = shown(scored_report())
    assert "kept from the model" in text
    assert ATTEMPT in text
    assert "Attempts to instruct" in text
    assert text.index("Attempts to instruct") < text.index("passes gave")
    assert "Attempts to instruct" not in shown(full_report())


def test_every_layout_shows_what_was_recognised_beside_what_it_was_corrected_to(shown: Shown) -> None:
    text = shown(scored_report(heard="we lost no in voice"))
    assert "corrected; recognised was: we lost no in voice" in text
    assert text.count("recognised was") == 1


def test_every_layout_of_a_draft_says_that_scores_follow(shown: Shown) -> None:
    text = shown(report(scores=under_way(PLAN), scores_follow=True))
    assert "Scores are missing so far and follow by themselves" in text
    assert "Its scoring is under way." in text


def test_passes_that_disagree_are_shown_without_a_level() -> None:
    content = report(scores=[scored("ownership", *((n, ["we lost no invoice"]) for n in (1, 3, 5)))])
    (first, *_) = view_of(content).competencies
    assert first.level is None
    assert "3 passes gave 1, 3, 5" in first.tag
    assert "agreement" not in first.tag


def test_feedback_and_recognised_words_are_text_in_a_page_and_in_markdown() -> None:
    content = scored_report(feedback=EVIL, heard=EVIL)
    assert "<script>" not in to_html(content).decode()
    assert "<img" not in to_html(content).decode()
    assert "<script>" not in to_markdown(content).decode()


def test_a_table_holds_passes_agreement_answers_attempts_and_what_was_recognised() -> None:
    rows = [line.split(",") for line in to_csv(scored_report()).decode("utf-8-sig").splitlines()]
    of = {section: [row for row in rows if row[0] == section] for section in {row[0] for row in rows}}
    assert [row[3] for row in of["pass"]] == ["3", "4", "3"]
    assert of["agreement"][0][3] == "0.6667"
    assert of["answer"][0][1:4] == ["q1", "ownership", "4"]
    assert of["answer_quote"][0][-1] == "we lost no invoice"
    assert of["instruction"][0][-1].startswith("Ignore all previous instructions")
    assert of["recognised"][0][-1] == "we lost no in voice"
