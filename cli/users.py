"""`viva user …`: accounts."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from cli.output import console
from interview.clock import SystemClock
from local import runtime
from local.user import state_dir_of, user_environment

app = typer.Typer(help="Accounts of recruiters, proctors and admins.", no_args_is_help=True)


class RoleName(StrEnum):
    """The roles that an account can have."""

    recruiter = "recruiter"
    proctor = "proctor"
    admin = "admin"


@app.callback()
def users() -> None:
    """Keep `add` a command of its own; Typer would fold a single one into the group."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="What they sign in with.")],
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = RoleName.recruiter,
    name: Annotated[str, typer.Option(help="Their name; the part before @ by default.")] = "",
) -> None:
    """Make an account, and print its generated password once. Viva must be running."""
    password = asyncio.run(_add(email, role, name or email.split("@")[0]))
    console.print(f"Made the account {email} ({role.value}). Its password, shown only now:", markup=False)
    console.print(password, markup=False, style="bold")


async def _add(email: str, role: RoleName, name: str) -> str | None:
    from control_api.users.service import add_user  # the API's parts, which the other commands need not load
    from interview.storage import Storage
    from interview.user import Role

    settings = runtime.read_settings(state_dir_of(user_environment()))
    clock = SystemClock()
    storage = await Storage.connect(settings, clock)
    try:
        _, password = await add_user(storage, clock, email=email, name=name, role=Role(role.value))
    finally:
        await storage.close()
    return password
