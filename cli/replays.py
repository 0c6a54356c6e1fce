"""`viva replay`: would this code have conducted a stored interview differently?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from agent.dialogue.outline import Outline
from agent.replay import Difference, Replayable, differences, replayable
from cli.output import console
from cli.privacy import BY
from cli.storage import with_storage
from interview.errors import Invalid
from interview.private_file import write_private
from interview.settings import Settings
from interview.storage import Storage

_SHOWN = 20
_LONGEST = 160


def replay(
    session_id: Annotated[str, typer.Argument(help="The session.")],
    save: Annotated[Path | None, typer.Option(help="Keep it as a test case here. It holds what was said.")] = None,
) -> None:
    """Conduct a stored interview again from what its dialogue was told, and show what comes out differently."""

    async def load(settings: Settings, storage: Storage) -> Replayable:
        session = await storage.sessions.get(session_id)
        await storage.audit.add(BY, "replay session", f"session:{session_id}")
        return replayable(session, await storage.dialogue_events.of(session_id), settings)

    stored = with_storage(load)
    if not stored.events:
        raise Invalid(f"nothing is stored of the dialogue of {session_id}: it has not begun, or was anonymised")
    if save is not None:
        write_private(save, stored.model_dump_json(indent=1))
        console.print(f"Kept in {save}", markup=False)
    found = differences(stored)
    for difference in found[:_SHOWN]:
        _show(difference)
    if len(found) > _SHOWN:
        console.print(f"… and {len(found) - _SHOWN} more")
    console.print(f"{len(stored.events)} events, {len(found)} answered differently")
    if found:
        raise typer.Exit(1)


def _show(difference: Difference) -> None:
    event = difference.event
    console.print(f"[bold]{event.seq}[/] {escape(_short(str(event.event)))}")
    for mark, colour, side, other in (
        ("-", "red", difference.then, difference.now),
        ("+", "green", difference.now, difference.then),
    ):
        for action in side:
            if action not in other:
                console.print(f"  [{colour}]{mark} {escape(_words(action))}[/]")


def _words(action: Outline) -> str:
    return _short(" ".join(f"{key}={value}" if key != "do" else str(value) for key, value in action.items()))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
