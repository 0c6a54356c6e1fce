"""`viva user …`: accounts. Each command is a use case of the API, done on the machine itself."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from cli.output import console
from interview.clock import SystemClock
from local import runtime
from local.user import state_dir_of, user_environment

if TYPE_CHECKING:
    from interview.storage import Storage
    from interview.user import User

# What the commands call is imported where it is called: the API's parts, which no other command need load.

app = typer.Typer(help="Accounts of recruiters, proctors and admins.", no_args_is_help=True)
T = TypeVar("T")
_PAGE = 100
Email = Annotated[str, typer.Argument(help="What they sign in with.")]


class RoleName(StrEnum):
    """The roles that an account can have."""

    recruiter = "recruiter"
    proctor = "proctor"
    admin = "admin"


@app.command()
def add(
    email: Email,
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = RoleName.recruiter,
    name: Annotated[str, typer.Option(help="Their name; the part before @ by default.")] = "",
) -> None:
    """Make an account, and print its generated password once. Viva must be running."""
    password = _run(_add(email, role, name or email.split("@")[0]))
    console.print(f"Made the account {email} ({role.value}). Its password, shown only now:", markup=False)
    console.print(password, markup=False, style="bold")


@app.command()
def disable(email: Email) -> None:
    """Disable an account: whoever is signed in with it is out at once."""
    open_sessions = _run(_disable(email))
    console.print(f"Disabled {email}.", markup=False)
    if open_sessions:
        console.print(
            f"It owns {open_sessions} sessions that have not ended; an admin gives them to somebody else by "
            "POST /api/users/{user_id}/transfer.",
            markup=False,
        )


@app.command()
def enable(email: Email) -> None:
    """Enable an account again."""
    _run(_enable(email))
    console.print(f"Enabled {email}.", markup=False)


@app.command()
def password(email: Email) -> None:
    """Give an account a generated password, and print it once; whoever is signed in with it is out at once."""
    made = _run(_password(email))
    console.print(f"The new password of {email}, shown only now:", markup=False)
    console.print(made, markup=False, style="bold")


@app.command("list")
def list_() -> None:
    """List the accounts, newest first."""
    table = Table("email", "role", "name", "since", "disabled", box=None)
    for user in _run(_list()):
        disabled = f"{user.disabled_at:%Y-%m-%d}" if user.disabled_at else ""
        table.add_row(escape(user.email), user.role.value, escape(user.name), f"{user.created_at:%Y-%m-%d}", disabled)
    console.print(table)


async def _add(email: str, role: RoleName, name: str) -> str | None:
    from control_api.users.service import CLI, add_user
    from interview.user import Role

    async with _storage() as storage:
        _, made = await add_user(storage, SystemClock(), email=email, name=name, role=Role(role.value), by=CLI)
    return made


async def _disable(email: str) -> int:
    from control_api.users.changing import disable as disable_account
    from control_api.users.service import CLI, by_email

    async with _storage() as storage:
        user = await by_email(storage, email)
        await disable_account(storage, SystemClock(), actor=CLI, user_id=user.user_id)
        return await storage.sessions.count_open(user.user_id)


async def _enable(email: str) -> None:
    from control_api.users.changing import enable as enable_account
    from control_api.users.service import CLI, by_email

    async with _storage() as storage:
        user = await by_email(storage, email)
        await enable_account(storage, actor=CLI, user_id=user.user_id)


async def _password(email: str) -> str:
    from control_api.users.new_passwords import generate
    from control_api.users.service import CLI, by_email

    async with _storage() as storage:
        return await generate(storage, SystemClock(), actor=CLI, user=await by_email(storage, email))


async def _list() -> "list[User]":
    async with _storage() as storage:
        users, after = await storage.users.page(limit=_PAGE)
        while after is not None:
            more, after = await storage.users.page(limit=_PAGE, after=after)
            users += more
    return users


@asynccontextmanager
async def _storage() -> "AsyncIterator[Storage]":
    from interview.storage import Storage

    settings = runtime.read_settings(state_dir_of(user_environment()))
    storage = await Storage.connect(settings, SystemClock())
    try:
        yield storage
    finally:
        await storage.close()


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
