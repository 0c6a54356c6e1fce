"""`viva backup` and `viva restore`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import console
from cli.storage import counting, with_storage
from interview.clock import SystemClock
from interview.errors import ConfigurationError
from interview.settings import Settings
from interview.storage import Storage
from local.caches import size_words
from local.database import database_here

if TYPE_CHECKING:
    from interview.storage.archive import Manifest
    from interview.storage.restore import Restored

PassphraseFile = Annotated[
    Path | None, typer.Option(help="A file whose first line is the passphrase that encrypts the archive.")
]


def backup(
    file: Annotated[Path, typer.Argument(help="The archive to make; never overwritten.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write everything that is stored, and the keys that open it, to one file. Works while everything runs."""
    from interview.storage.backup import back_up

    passphrase = _passphrase(passphrase_file)

    async def work(_: Settings, storage: Storage) -> "Manifest":
        with counting() as shown:
            task = shown.add_task("beginning")

            def on_progress(collection: str, n: int) -> None:
                shown.update(task, description=f"{collection}: {n}")

            return await back_up(storage, file, SystemClock(), passphrase=passphrase, on_progress=on_progress)

    made = with_storage(work)
    console.print(
        f"Wrote {file}: {sum(made.counts.values())} documents, {size_words(file.stat().st_size)}.", markup=False
    )
    if passphrase is None:
        console.print(
            "The keys are in it, and it is not encrypted: whoever has this file can read everything. Keep it as you "
            "would keep the keys, or make it with --passphrase-file."
        )
    else:
        console.print("Without its passphrase nothing in it can be read, by you either: keep that apart from it.")


def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `viva backup` made.", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of what is there.")] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put a backup back, once it is checked to its end. Viva must not run; its database is started for now."""
    from interview.storage.restore import restore

    passphrase = _passphrase(passphrase_file)

    async def work() -> "Restored":
        async with database_here(nothing_else=True) as settings:
            with counting() as shown:
                task = shown.add_task("checking the archive")

                def on_progress(collection: str, n: int) -> None:
                    shown.update(task, description=f"{collection}: {n}")

                return await restore(
                    file, settings, SystemClock(), replace=replace, passphrase=passphrase, on_progress=on_progress
                )

    done = asyncio.run(work())
    console.print(f"Restored {sum(done.counts.values())} documents of {done.made_at:%Y-%m-%d %H:%M} UTC.")
    if done.erased_again or done.anonymised_again:
        console.print(
            f"Erased again {done.erased_again} and anonymised again {done.anonymised_again} sessions that were so "
            "here already."
        )
    console.print("Erasures of which this database did not know are not repeated: see docs/privacy.md.")
    for problem in done.problems:
        console.print(problem, markup=False)
    if done.problems:
        raise typer.Exit(1)
    console.print("Everything in it validates and opens.")


def _passphrase(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the passphrase file {file} cannot be read ({type(error).__name__})") from error
    if not lines or not lines[0].strip():
        raise ConfigurationError(f"the first line of the passphrase file {file} is empty")
    return lines[0].strip()
