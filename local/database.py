"""The database that a command works on: the running one, the one that the environment names, or one started for now."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from interview.errors import MachineError
from interview.settings import Settings, load
from local import runtime
from local.services import Stack
from local.user import state_dir_of, user_environment


@asynccontextmanager
async def database_here(*, nothing_else: bool = False) -> AsyncIterator[Settings]:
    """Yield the settings under which the database is reached, for as long as the block lasts.

    On one machine that is the running Viva, or else its database alone, started for the block. Elsewhere, where
    nothing was ever started and the environment names a database, it is that one. `nothing_else` asks that Viva does
    not run. Raises `MachineError` and `ConfigurationError`.
    """
    user = user_environment()
    state_dir = state_dir_of(user)
    if runtime.read(state_dir) is not None:
        if nothing_else:
            raise MachineError("Viva runs; stop it first: `viva down`")
        yield runtime.read_settings(state_dir)
    elif user.get("MONGODB_URI") and not state_dir.exists():
        yield load()
    else:
        async with Stack(state_dir, services=["mongo"], user_environment=user, usual_ports=True) as stack:
            yield stack.settings()
