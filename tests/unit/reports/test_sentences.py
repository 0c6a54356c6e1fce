"""What the API says in whole sentences stands in the pages' catalogue, so that it can be read in other languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CATALOGUE = ROOT / "web" / "src" / "texts" / "sentences.en.ts"
SAID_IN = {
    "reports/scores.py": ("under_way", "too_thin"),
    "reports/scoring.py": ("_score",),
    "reports/verdicts.py": ("_why_not", "NO_EVIDENCE"),
    "reports/answers.py": ("result_of",),
    "reports/build.py": ("_results",),
    "reports/notices.py": ("_of_the_session", "_of_the_scoring", "_of_the_words"),
    "interview/plan.py": ("DEFAULT_RUBRIC",),
    "interview/candidate_report.py": ("HOW_IT_CAME_ABOUT",),
    "control_api/raised/service.py": ("ask_for_a_person", "ask_for_erasure"),
}
"""Functions and constants of which every string that ends a sentence is shown to people."""
REASONS = {
    "agent/leaving.py": ("NO_SHOW", "NOT_BACK"),
    "control_api/custodian/ending.py": ("NO_SHOW", "NOT_BACK", "OUT_OF_TIME", "INACTIVE"),
    "control_api/sessions/consenting.py": ("DECLINED",),
}
"""Constants that say why an interview ended."""


def words_of(node: ast.expr) -> str:
    """The words of a string; a letter stands for each value that is put into it."""
    if isinstance(node, ast.JoinedStr):
        return "".join(words_of(part) for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "X"


def strings(node: ast.AST) -> Iterator[ast.expr]:
    """All strings in a node, each whole, without the docstring of a function."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
        return
    inner = ast.iter_child_nodes(node)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
        inner = iter(node.body[1:])
    for one in inner:
        yield from strings(one)


def named(path: str) -> dict[str, ast.AST]:
    """The functions and constants of a module, by their names."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
    return found


def said() -> Iterator[str]:
    for path, names in SAID_IN.items():
        for name in names:
            for node in strings(named(path)[name]):
                words = words_of(node).replace("quoteX", "quotes")
                if words.endswith(".") and " " in words:
                    yield words
    for path, names in REASONS.items():
        yield from (words_of(node) for name in names for node in strings(named(path)[name]))


def known() -> list[re.Pattern[str]]:
    found = re.findall(r'^  "[\w.]+": "((?:[^"\\]|\\.)+)",$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(words.replace('\\"', '"')))) for words in found]


@pytest.mark.parametrize("words", sorted({*said()}))
def test_a_sentence_that_people_read_is_in_the_catalogue(words: str) -> None:
    assert any(form.fullmatch(words) for form in known()), words


def test_sentences_were_found() -> None:
    assert len({*said()}) > 30
