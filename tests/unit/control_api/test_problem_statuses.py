"""The table of problem codes says what the code raises."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from control_api.app import routed
from control_api.document.describe import codes_of_answers
from control_api.document.statuses import STATUSES
from interview.errors import VivaError

ROOT = Path(__file__).parents[3]

TO_PROGRAMS = {
    "bad_cursor",
    "bad_signature",
    "bad_token",
    "bad_webhook",
    "cross_site",
    "malformed_json",
    "range_not_satisfiable",
    "refresh_in_progress",
}
"""Codes that no person meets: the pages make no such call, or handle it themselves."""
TO_CANDIDATES = {"seat_closed", "seat_in_use", "seat_taken_over"}


def kinds(base: type[VivaError] = VivaError) -> Iterator[type[VivaError]]:
    """All classes of errors that the API can meet; importing it brings them in."""
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


CLASSES = {kind.__name__: kind for kind in kinds()}


def raised() -> Iterator[tuple[str, int]]:
    """Each code that is given at a call of an error's class, or is the class's own, with the class's status."""
    for kind in CLASSES.values():
        yield kind.code, kind.status
    for path in (path for folder in ("control_api", "interview", "rooms") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES:
                for keyword in node.keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield str(keyword.value.value), CLASSES[node.func.id].status


RAISED = {(code, status) for code, status in raised() if status != 500}
"""But for what is wrong with our house itself: its codes are not told one by one."""


@pytest.mark.parametrize("code", sorted(STATUSES))
def test_a_code_comes_under_the_statuses_with_which_it_is_raised(code: str) -> None:
    if code == "internal":
        return  # what no error names: `LastResort`
    assert set(STATUSES[code]) == {status for found, status in RAISED if found == code}


def test_every_code_that_an_operation_declares_has_a_status() -> None:
    declared = {code for operation in codes_of_answers(routed().openapi()) for code in operation}
    assert declared <= set(STATUSES)
    assert set(STATUSES) == declared


@pytest.mark.parametrize("language", ["en", "de"])
def test_staff_read_in_their_language_what_was_refused(language: str) -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob(f"web/src/texts/staff/*.{language}.ts"))
    told = set(re.findall(r'"(?:error|signin)\.(\w+)":', texts))
    assert set(STATUSES) - TO_PROGRAMS - TO_CANDIDATES - told == set()
