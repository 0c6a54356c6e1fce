"""`viva keys …`: the keys that seal what is stored."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import console
from cli.storage import counting, with_storage
from interview.settings import Settings
from interview.storage import Storage

if TYPE_CHECKING:
    from interview.storage.rotation import Rotation

app = typer.Typer(help="The keys that seal what is stored.", no_args_is_help=True)


@app.callback()
def keys() -> None:
    """Keep `rotate` a command of its own; Typer would fold a single one into the group."""


@app.command()
def rotate(
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Take the old keys out of the file once nothing needs them.")
    ] = False,
    keep_key: Annotated[
        bool, typer.Option("--keep-key", help="Add no key: seal everything with the first one there is.")
    ] = False,
) -> None:
    """Seal everything that is stored with a new key. Works while everything runs, and may be cut short and repeated."""
    from interview.storage.rotation import Progress, Rotation, rotate

    async def work(settings: Settings, storage: Storage) -> Rotation:
        with counting() as shown:
            task = shown.add_task("looking at what is sealed with which key")

            def on_progress(progress: Progress) -> None:
                shown.update(task, description=f"{progress.seen} looked at, {progress.resealed} sealed anew")

            return await rotate(
                storage,
                add_key=not keep_key,
                drop_old=drop_old,
                wait_s=settings.mongodb_wait_s,
                on_progress=on_progress,
            )

    _tell(with_storage(work), drop_old=drop_old)


def _tell(done: "Rotation", *, drop_old: bool) -> None:
    if done.resumed:
        console.print("An earlier rotation had left something to do; it is finished, and no key was added.")
    elif done.added:
        console.print(f"Added the key {done.key_id}.", markup=False)
    console.print(f"Sealed {done.resealed} values and files anew with the key {done.key_id}.", markup=False)
    for where in done.lost[:20]:
        console.print(f"No key opens {where}; it stays as it is.", markup=False)
    if done.left:
        words = ", ".join(f"{key_id} ({count})" for key_id, count in done.left.items())
        console.print(f"Still sealed with other keys: {words}. No key was dropped.", markup=False)
        raise typer.Exit(1)
    console.print("Nothing is left that another key sealed.")
    if done.dropped:
        console.print(f"Dropped {', '.join(done.dropped)}. Backups from before need these keys: they hold them.")
    elif drop_old:
        console.print("The keys are the setting ENCRYPTION_KEYS: take the old ones out of it now, and restart.")
    elif not done.added and not done.resumed:
        console.print(
            "To add a key: where the keys are the setting ENCRYPTION_KEYS, put `id:base64 of 32 random bytes` in front "
            "of it, restart everything, and run this again. With ENCRYPTION_KEYS_FILE this command does it by itself."
        )
