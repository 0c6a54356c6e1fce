"""docs/privacy.md names every stored field, and says rightly which are encrypted."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import interview.storage
from interview.storage import outlines
from interview.storage.base import Shape

PAGE = Path(__file__).parents[3] / "docs" / "privacy.md"


def shapes() -> list[Shape[Any]]:
    """Every shape of the storage, wherever it is defined."""
    modules = (
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(interview.storage.__path__, "interview.storage.")
    )
    found = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, Shape)}
    return list(found.values())


SHAPES = shapes()
GRIDFS = {
    "files.chunks.data": True,
    "files.files.filename": False,
    "files.files.metadata": False,
    "files.files.length": False,
    "files.files.uploadDate": False,
}
"""What GridFS stores besides its own links, and whether we seal it."""

DERIVED = {f"sessions.{outlines.UPDATED_IN}": False}
"""What is stored beside a record's fields, to be found by."""


def described() -> dict[str, list[str]]:
    """The cells after the first of every row, by each field that the row names."""
    rows: dict[str, list[str]] = {}
    for line in PAGE.read_text().splitlines():
        if line.startswith("| `"):
            first, *rest = (cell.strip() for cell in line.strip("|").split("|"))
            for field in re.findall(r"`([^`]+)`", first):
                assert field not in rows, f"{field} is described twice"
                rows[field] = rest
    return rows


def stored() -> dict[str, bool]:
    """Every stored field, and whether it is encrypted."""
    fields = {
        f"{shape.collection}.{field}": field in shape.sealed for shape in SHAPES for field in shape.record.model_fields
    }
    return {**fields, **GRIDFS, **DERIVED}


def test_the_page_names_exactly_what_is_stored() -> None:
    assert set(described()) == set(stored())


def test_the_page_says_what_is_encrypted() -> None:
    said = {field: cells[-1].startswith("yes") for field, cells in described().items()}
    assert said == stored()


def test_every_row_says_what_why_and_how_long() -> None:
    for field, cells in described().items():
        assert len(cells) == 4, field
        assert all(cells), field


def test_every_collection_of_the_storage_is_covered() -> None:
    sources = Path(interview.storage.__file__).parent.rglob("*.py")
    named = {name for source in sources for name in re.findall(r'collection="(\w+)"', source.read_text())}
    assert named == {shape.collection for shape in SHAPES}
