"""`viva export` and `viva erase`: what a person may ask for."""

import os
import shutil
from pathlib import Path
from typing import IO, Annotated

import typer

from cli.output import console
from cli.storage import with_storage
from interview.clock import SystemClock
from interview.errors import Conflict
from interview.settings import Settings
from interview.storage import Storage

BY = "system:cli"
"""Who acts, in the audit log."""

Email = Annotated[str, typer.Argument(help="Whose; in any case.")]


def export(
    email: Email,
    output: Annotated[Path, typer.Option(help="The ZIP to write; never overwritten.")] = Path("export.zip"),
) -> None:
    """Write everything that is stored about a person to a ZIP that they can read."""
    from control_api.privacy.export import export_person

    async def work(_: Settings, storage: Storage) -> None:
        with await export_person(storage, email, now=SystemClock().now(), by=BY) as made:
            _write_new(output, made)

    with_storage(work)
    console.print(f"Wrote {output}.", markup=False)


def erase(
    email: Email, yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False
) -> None:
    """Erase every session of a person: recordings, transcripts, reports, everything but a tombstone without a name."""
    from control_api.privacy.erasing import erase_person
    from rooms.rooms import Rooms

    async def count(_: Settings, storage: Storage) -> int:
        return len(await storage.sessions.of_email(email))

    async def work(settings: Settings, storage: Storage) -> int:
        rooms = Rooms.of(settings)
        try:
            return await erase_person(storage, rooms, SystemClock(), email, by=BY)
        finally:
            await rooms.aclose()

    if not yes:
        found = with_storage(count)
        typer.confirm(f"Erase {found} session(s) for good?", abort=True)
    console.print(f"Erased {with_storage(work)} session(s). Backups still hold them: see docs/privacy.md.")


def _write_new(path: Path, content: IO[bytes]) -> None:
    """Write a file that only its owner can read. Raises `Conflict` when it exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{path} exists already; give another name with --output", code="file_exists") from None
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(content, file)
