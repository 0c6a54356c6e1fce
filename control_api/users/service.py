"""Accounts: made by an admin, from the command line, or at the first start."""

import asyncio
import logging
import uuid
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.networks import EmailStr

from control_api.users.passwords import hash_password, new_password
from interview.clock import Clock
from interview.errors import ConfigurationError, Conflict, Invalid
from interview.storage import Storage
from interview.user import Role, User

log = logging.getLogger(__name__)

MIN_PASSWORD = 10
MAX_PASSWORD = 200
_EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)


async def add_user(
    storage: Storage, clock: Clock, *, email: str, name: str, role: Role, password: str | None = None
) -> tuple[User, str | None]:
    """Make an account. Returns it, and the generated password when none was given (shown once, kept nowhere).

    Raises `Invalid` for a wrong email, a blank name or a password of the wrong length, and `Conflict`
    (`email_taken`) when the email has an account already.
    """
    generated = new_password() if password is None else None
    secret = password if password is not None else (generated or "")
    if not MIN_PASSWORD <= len(secret) <= MAX_PASSWORD:
        raise Invalid(
            f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; this one has {len(secret)}",
            code="bad_password",
        )
    try:
        user = User(
            user_id=str(uuid.uuid4()),
            email=_EMAIL.validate_python(email.strip().lower()),
            name=name,
            role=role,
            password_hash=await hash_password(secret),
            created_at=clock.now(),
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "email"
        raise Invalid(f"{where}: {first['msg']}", code="bad_user", field=where) from error
    await storage.users.add(user)
    await storage.audit.add(actor="system:accounts", action="add user", subject=f"user:{user.user_id}")
    return user, generated


async def ensure_first_admin(storage: Storage, clock: Clock, *, email: str, password_file: Path | None) -> None:
    """Make the first admin when there is no user at all; its password is the first line of `password_file`.

    Raises `ConfigurationError` when the file cannot be read. Without a file nobody can sign in, which is logged.
    """
    if await storage.users.count():
        return
    if password_file is None:
        log.warning("there is no user and ADMIN_PASSWORD_FILE is not set; make one with `viva user add`")
        return
    password = await asyncio.to_thread(_first_line, password_file)
    try:
        user, _ = await add_user(storage, clock, email=email, name="Administrator", role=Role.ADMIN, password=password)
    except Invalid as error:
        raise ConfigurationError(f"the first admin cannot be made: {error.message}") from error
    except Conflict:
        log.info("another process made the first admin")
        return
    log.info("made the first admin, user %s", user.user_id)


def _first_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"ADMIN_PASSWORD_FILE {path} cannot be read ({type(error).__name__}); write the first admin's password on "
            "its first line, or unset it and run `viva user add`"
        ) from error
    return lines[0].strip() if lines else ""
