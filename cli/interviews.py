"""`viva interview …`: sessions from the command line."""

import asyncio
import uuid
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cli.output import console
from interview.clock import SystemClock
from interview.errors import Invalid, NotFound
from local import runtime
from local.user import state_dir_of, user_environment

app = typer.Typer(help="Interviews.", no_args_is_help=True)


@app.callback()
def interviews() -> None:
    """Keep `new` a command of its own; Typer would fold a single one into the group."""


@app.command()
def new(
    name: Annotated[str, typer.Option(help="The candidate's name.")],
    email: Annotated[str, typer.Option(help="The candidate's email.")],
    plan: Annotated[str | None, typer.Option(help="The id of a plan.")] = None,
    question: Annotated[list[str] | None, typer.Option(help="Instead of a plan; once for each question.")] = None,
    owner: Annotated[str | None, typer.Option(help="Whose it is, by email; the first admin's by default.")] = None,
) -> None:
    """Make an interview, and print its id and the candidate's link, which is shown only now. Viva must be running."""
    given = {"name": name, "email": email, "plan_id": plan, "questions": question or None}
    session_id, invite_url = asyncio.run(_new(given, owner))
    console.print(session_id, markup=False)
    console.print(invite_url, markup=False, soft_wrap=True)


async def _new(given: dict[str, Any], owner_email: str | None) -> tuple[str, str]:
    from control_api.access import UserCaller  # the API's parts, which the other commands need not load
    from control_api.app import create_app
    from control_api.idempotency import Claim
    from control_api.sessions.creating import create
    from control_api.sessions.schemas import CreateRequest
    from interview.storage import Storage
    from rooms.rooms import Rooms

    try:
        asked = CreateRequest.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
        raise Invalid(f"this interview cannot be made: {wrong}") from None
    settings = runtime.read_settings(state_dir_of(user_environment()))
    clock = SystemClock()
    storage = await Storage.connect(settings, clock)
    rooms = Rooms.of(settings)
    try:
        parts = create_app(settings, storage, rooms, clock).state.parts
        owner = await storage.users.by_email(owner_email or settings.admin_email)
        if owner is None:
            raise NotFound(f"there is no account {owner_email or settings.admin_email}; `viva user add` makes one")
        session, invite_url, _ = await create(parts, UserCaller(owner), asked, Claim(str(uuid.uuid4())))
    finally:
        await rooms.aclose()
        await storage.close()
    return session.session_id, invite_url
