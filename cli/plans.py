"""`viva plan …`: plans as files."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import console
from interview.clock import SystemClock
from interview.errors import Invalid, NotFound
from local import runtime
from local.user import state_dir_of, user_environment

if TYPE_CHECKING:
    from interview.plan import PlanContent
    from interview.storage import Storage
    from providers.directory import Directory

app = typer.Typer(help="Plans of interviews, as YAML files.", no_args_is_help=True)


@app.command("import")
def import_plans(
    files: Annotated[list[Path], typer.Argument(help="YAML files, such as `viva plan export` writes.", exists=True)],
    owner: Annotated[
        str, typer.Option(help="Email of the account that they belong to; the first admin's by default.")
    ] = "",
    shared: Annotated[bool, typer.Option(help="Let every recruiter read and use them.")] = False,
) -> None:
    """Keep plans, and print their ids. Nothing is kept when one of the files is wrong. Viva must be running."""
    from providers.directory import Directory

    providers = Directory(runtime.read_settings(state_dir_of(user_environment())))
    contents = [_read(path, providers) for path in files]
    for path, plan_id in zip(files, asyncio.run(_import(contents, owner, shared)), strict=True):
        console.print(f"{plan_id}  {path}", markup=False, soft_wrap=True)


@app.command("export")
def export_plan(plan_id: Annotated[str, typer.Argument(help="A plan's id, also one such as ready:sales.")]) -> None:
    """Print a plan as YAML. Viva must be running."""
    typer.echo(asyncio.run(_export(plan_id)), nl=False)


def _read(path: Path, providers: "Directory") -> "PlanContent":
    from control_api.plans.service import check_engines, check_language, decoded
    from interview.plan_yaml import read_plan

    try:
        content = read_plan(decoded(path.read_bytes()))
        check_language(content.language)
        check_engines(content.engines, providers)
    except Invalid as error:
        raise Invalid(f"{path}: {error.message}", code=error.code, **error.details) from None
    return content


async def _import(contents: "list[PlanContent]", owner: str, shared: bool) -> list[str]:
    from control_api.plans.service import add_plan

    async with _storage() as (storage, admin_email):
        user = await storage.users.by_email(owner or admin_email)
        if user is None:
            raise NotFound(f"there is no account {owner or admin_email}; name one with --owner")
        made = [
            await add_plan(storage, SystemClock(), content, owner_id=user.user_id, actor="system:cli", shared=shared)
            for content in contents
        ]
        return [plan.plan_id for plan in made]


async def _export(plan_id: str) -> str:
    from control_api.access.plan_gate import find_plan
    from interview.plan_yaml import write_plan

    async with _storage() as (storage, _):
        plan = await find_plan(storage, plan_id)
        if plan is None:
            raise NotFound(f"there is no plan {plan_id}")
        return write_plan(plan.content)


@asynccontextmanager
async def _storage() -> "AsyncIterator[tuple[Storage, str]]":
    """Connect to the database of the running Viva; also the first admin's email."""
    from interview.storage import Storage

    settings = runtime.read_settings(state_dir_of(user_environment()))
    storage = await Storage.connect(settings, SystemClock())
    try:
        yield storage, settings.admin_email
    finally:
        await storage.close()
