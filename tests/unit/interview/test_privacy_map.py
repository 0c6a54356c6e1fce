"""docs/privacy.md names every stored field, and says rightly which are encrypted."""

import re
from pathlib import Path

from interview.storage import (
    account_links,
    audit,
    browser_events,
    deliveries,
    dialogue_events,
    idempotency,
    incidents,
    invites,
    leases,
    observations,
    outlines,
    plans,
    problems,
    recordings,
    refresh_tokens,
    replicas,
    reports,
    sessions,
    sign_in_failures,
    slots,
    tallies,
    turns,
    users,
    webhooks,
)

PAGE = Path(__file__).parents[3] / "docs" / "privacy.md"
SHAPES = [
    *(part.SHAPE for part in (browser_events, problems)),
    plans.PLANS,
    plans.VERSIONS,
    *(part.SHAPE for part in (audit, deliveries, dialogue_events, idempotency, incidents, invites, observations)),
    *(part.SHAPE for part in (recordings, reports, sessions, turns, users, webhooks)),
    *(part.SHAPE for part in (account_links, refresh_tokens, sign_in_failures)),
    replicas.SHAPE,
    tallies.SHAPE,
    leases.LEASES,
    leases.COUNTERS,
    slots.SHAPE,
    slots.TICKETS,
]
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
    sources = Path(users.__file__).parent.glob("*.py")
    named = {name for source in sources for name in re.findall(r'collection="(\w+)"', source.read_text())}
    assert named == {shape.collection for shape in SHAPES}
