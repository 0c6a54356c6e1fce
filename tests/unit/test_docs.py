"""What README.md and docs/ name is there, and what is there to be named is named."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi.routing import APIRoute

from cli.app import app as viva
from control_api.access.gates import Gate, SeatGate
from control_api.access.table import TABLE, Who, rows
from control_api.app import API_ROUTERS
from control_api.pages import endpoints as pages
from interview.accommodation import Accommodations
from interview.plan import PlanContent
from interview.session import Status
from interview.settings import Settings
from local.assets import ASSETS
from local.inference.settings import InferenceSettings
from local.models import override_name

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
DECISIONS = [page for page in PAGES if page.parent.name == "decisions"]
API, ACCESS, OPERATING, ARCHITECTURE = (
    ROOT / "docs" / f"{name}.md" for name in ("api", "access", "operating", "architecture")
)

SETTINGS = {name.upper() for name in Settings.model_fields}
INFERENCE_SETTINGS = {f"VIVA_{name.upper()}" for name in InferenceSettings.model_fields}
OTHER_VARIABLES = {
    *("VIVA_STATE_DIR", "XDG_CACHE_HOME", "SSL_CERT_FILE", "MALLOC_ARENA_MAX", "TOKIO_WORKER_THREADS"),
    *(override_name(name) for name in ASSETS),
}
"""Read by `local/` or a library as they are: where state, cache and authorities lie, paths of models of one's own, and
how many threads and pools of memory there are."""

PACKAGES = (
    *("agent", "bench", "cli", "control_api", "interview"),
    *("local", "proctoring", "providers", "reports", "rooms"),
)
MADE_AT_RUN_TIME = (".env", ".venv", ".viva", "build")
FETCHED = {"libGL.so.1", "libgthread-2.0.so.0"}
"""File names that belong to others."""

_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_METHODS = "GET|POST|PUT|PATCH|DELETE"
_FILE_TYPES = "py|md|yaml|yml|toml|sh|go|lock|patch|txt|css|html|js|j2|example"
_MEDIA_TYPE = re.compile(r"(application|audio|image|text)/")

by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def spans(page: Path) -> list[str]:
    """Everything between single backticks, on one line each."""
    return [" ".join(span.split()) for span in _SPAN.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))]


def code(page: Path) -> list[str]:
    """Spans, and the lines of code blocks without their comments."""
    blocks = _FENCE.findall(page.read_text(encoding="utf-8"))
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [*spans(page), *filter(None, lines)]


def tables(page: Path) -> Iterator[list[str]]:
    """The cells of each row of each table but its head."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        if line.startswith("| ") and not line.startswith("| ---") and above.startswith("|"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


@cache
def sources(*folders: str) -> dict[Path, str]:
    """The text of every Python file in these folders."""
    return {path: path.read_text(encoding="utf-8") for folder in folders for path in (ROOT / folder).rglob("*.py")}


# settings


@by_page
def test_every_variable_that_a_page_names_is_read(page: Path) -> None:
    named = {name for text in code(page) for name in re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", text)}
    assert named - SETTINGS - INFERENCE_SETTINGS - OTHER_VARIABLES - set(Status) == set()


def test_every_setting_of_local_inference_is_described() -> None:
    described = {span for row in tables(OPERATING) for span in _SPAN.findall(row[0])}
    assert described >= INFERENCE_SETTINGS


def test_every_setting_is_read_by_something() -> None:
    read = "\n".join(text for path, text in sources(*PACKAGES).items() if path != ROOT / "interview" / "settings.py")
    assert [name for name in Settings.model_fields if not re.search(rf"\b{name}\b", read)] == []


# commands


@by_page
def test_every_target_of_make_that_a_page_names_is_there(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets, variables = (set(re.findall(p, makefile, re.MULTILINE)) for p in (r"^([a-z]+):", r"^([A-Z]+) \?="))
    for text in code(page):
        for target, rest in re.findall(r"^make ([a-z]+)(.*)", text):
            assert target in targets, text
            assert set(re.findall(r"\b([A-Z]+)=", rest)) <= variables, text
            if tier := re.search(r"TIER=(\w+)", rest):
                assert (ROOT / "tests" / tier[1]).is_dir(), text
            if measurement := re.search(r"NAME=(\w+)", rest):
                module = ROOT / "bench" / measurement[1]
                assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file(), text


@by_page
def test_every_command_of_viva_that_a_page_names_is_there(page: Path) -> None:
    for text in code(page):
        for words in re.findall(r"^(?:\./)?viva((?: [^\s`]+)+)", text):
            check_command(words.split(), text)


def check_command(words: list[str], text: str) -> None:
    """Walk the groups of the typer application, then compare the options."""
    command: Any = typer.main.get_command(viva)
    while hasattr(command, "commands"):
        assert words, text
        assert words[0] in command.commands, text
        command, words = command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options, text


def test_every_command_of_viva_is_in_the_readme() -> None:
    commands: Any = typer.main.get_command(viva)
    groups = {name: command.commands for name, command in commands.commands.items() if hasattr(command, "commands")}
    names = {f"{group} {sub}" for group, subs in groups.items() for sub in subs}
    assert (set(commands.commands) - set(groups)) | names <= set(spans(ROOT / "README.md"))


@by_page
def test_every_module_that_is_run_is_there(page: Path) -> None:
    for module in (name for text in code(page) for name in re.findall(r"python -m ([a-z_.]+)", text)):
        path = ROOT / module.replace(".", "/")
        assert (path / "__main__.py").is_file() or path.with_suffix(".py").is_file(), module


# endpoints


def plain(path: str) -> str:
    """A path whose parameters have no names."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def routes() -> list[APIRoute]:
    """Every endpoint, the pages included."""
    return [route for router in (*API_ROUTERS, pages.router) for route in router.routes if isinstance(route, APIRoute)]


def endpoints() -> set[tuple[str, str]]:
    """Method and path of every endpoint."""
    return {(method, plain(route.path)) for route in routes() for method in route.methods or ()}


def rows_of_endpoints() -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Method and path, and the other cells, of each row of docs/api.md that describes an endpoint."""
    for first, *rest in tables(API):
        if found := re.fullmatch(rf"`({_METHODS}) (/\S*)`", first):
            yield (found[1], plain(found[2])), rest


@by_page
def test_every_endpoint_that_a_page_names_is_there(page: Path) -> None:
    paths = {path for _, path in endpoints()}
    for span in spans(page):
        if found := re.fullmatch(rf"(?:({_METHODS}) )?(/[a-z][\w{{}}./-]*)", span):
            method, path = found[1], plain(found[2])
            if method:
                assert (method, path) in endpoints(), span
            else:
                assert any(known == path or known.startswith(f"{path}/") for known in paths), span


def test_every_endpoint_is_described_once() -> None:
    described = [endpoint for endpoint, _ in rows_of_endpoints()]
    assert sorted(described) == sorted(endpoints())


def test_who_may_call_is_what_the_access_table_says() -> None:
    said = {endpoint: cells[0] for endpoint, cells in rows_of_endpoints()}
    for route in routes():
        gates = [part.call for part in route.dependant.dependencies if isinstance(part.call, Gate)]
        for method in route.methods or ():
            who = said[method, plain(route.path)]
            if gates:
                seat_only = isinstance(gates[0], SeatGate)
                callers = (Who.CANDIDATE,) if seat_only else TABLE[gates[0].act].callers
                assert who == ", ".join(callers), route.path
            else:
                assert who.startswith("anyone"), route.path


def test_the_problem_codes_of_an_endpoint_are_those_that_it_declares() -> None:
    said = {endpoint: _SPAN.findall(cells[-1]) for endpoint, cells in rows_of_endpoints()}
    for route in routes():
        declared = (route.openapi_extra or {}).get("x-problem-codes", [])
        for method in route.methods or ():
            codes = [code for code in said[method, plain(route.path)] if re.fullmatch(r"[a-z_]+", code)]
            assert sorted(codes) == declared, route.path


def test_the_access_page_shows_the_table() -> None:
    shown = [tuple(cells) for cells in tables(ACCESS)]
    wanted = list(rows())
    assert shown == wanted, "docs/access.md should hold:\n" + "\n".join(f"| {' | '.join(row)} |" for row in wanted)
    assert list(Who) == re.findall(r"\w+", ACCESS.read_text().partition("| act | thing |")[2].partition("\n")[0])


def test_every_problem_code_that_is_described_exists_and_every_one_of_the_api_is_described() -> None:
    raised = {code for text in sources("control_api").values() for code in re.findall(r'\bcode ?= ?"(\w+)"', text)}
    known = set(re.findall(r'"(\w+)"', "\n".join(sources("control_api", "interview", "rooms").values())))
    described = {span for cells in tables(API) for span in _SPAN.findall(cells[-1]) if re.fullmatch(r"[a-z_]+", span)}
    assert described <= known
    assert raised <= set(spans(API))


# plans


def test_every_field_of_a_plan_and_every_accommodation_is_described() -> None:
    described = {span for row in tables(ROOT / "docs" / "plans.md") for span in _SPAN.findall(row[0])}
    assert described == {*PlanContent.model_fields, *Accommodations.model_fields}


# files


def looks_like_a_file(span: str) -> bool:
    """Tell whether a span is meant as a file or folder of the project."""
    if not re.fullmatch(r"[\w.][\w./-]*", span) or _MEDIA_TYPE.match(span) or span in FETCHED:
        return False
    if span.split("/")[0] in MADE_AT_RUN_TIME:
        return False
    return "/" in span or re.search(rf"\.({_FILE_TYPES})$", span) is not None


@cache
def names_of_files() -> set[str]:
    """The names of all files of the project's folders."""
    below = (path for folder in (*PACKAGES, "tests", "docs") for path in (ROOT / folder).rglob("*"))
    return {path.name for path in (*below, *ROOT.iterdir())}


@by_page
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    for span in filter(looks_like_a_file, spans(page)):
        there = (ROOT / span).exists() if "/" in span else span in names_of_files()
        assert there, f"{span} is not there"


@by_page
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            assert (page.parent / path).exists(), target
            assert not anchor, f"{target}: headings change unseen; link the page"


def test_a_feature_is_found_in_at_most_four_files() -> None:
    section = ARCHITECTURE.read_text().partition("## Where to look first")[2]
    rows = [_SPAN.findall(line) for line in section.splitlines() if line.startswith("| ") and "`" in line]
    assert len(rows) >= 10
    assert all(1 <= len(row) <= 4 for row in rows)


# threats


def test_every_test_that_the_threat_model_names_is_there_and_every_threat_names_one() -> None:
    for threat, *_, tests in tables(ROOT / "docs" / "security.md"):
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)
        assert named, threat
        for path, name in named:
            assert re.search(rf"def {name}\(", (ROOT / path).read_text(encoding="utf-8")), f"{path}::{name}"


# decisions


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name.split("-")[0]) for page in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_says_context_options_choice_and_cost(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {int(page.name.split('-')[0])}. ")
    parts = re.findall(r"^\*\*(Context|Options|Choice|Cost)\.\*\*", text, re.MULTILINE)
    assert parts == ["Context", "Options", "Choice", "Cost"]


@by_page
def test_every_decision_that_a_page_cites_is_there(page: Path) -> None:
    for number in re.findall(r"\b[Dd]ecision (\d+)", page.read_text()):
        assert 1 <= int(number) <= len(DECISIONS)
