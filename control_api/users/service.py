"""Making accounts: by an admin, from the command line, by invitation, or at the first start."""

import asyncio
import logging
import uuid
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic.networks import EmailStr

from control_api.users.password_rules import check_password
from control_api.users.passwords import hash_password, new_password
from interview.clock import Clock
from interview.errors import ConfigurationError, Conflict, Invalid, NotFound
from interview.storage import Storage
from interview.user import Role, User

log = logging.getLogger(__name__)

CLI = "system:cli"
"""The actor in the audit log for what is done on the machine itself."""
_EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)


async def add_user(
    storage: Storage,
    clock: Clock,
    *,
    email: str,
    name: str,
    role: Role,
    password: str | None = None,
    user_id: str | None = None,
    by: str = "system:accounts",
) -> tuple[User, str | None]:
    """Make an account. Returns it, and the generated password when none was given (shown once, kept nowhere).

    Raises `Invalid` for a wrong email or a blank name (`bad_user`) or a password against the rules (`bad_password`),
    and `Conflict` (`email_taken`) when the email has an account already.
    """
    generated = new_password() if password is None else None
    secret = password if password is not None else (generated or "")
    check_password(secret, email=email.strip(), name=name)
    try:
        user = User(
            user_id=user_id or str(uuid.uuid4()),
            email=checked_email(email),
            name=name,
            role=role,
            password_hash=await hash_password(secret),
            created_at=clock.now(),
        )
    except ValidationError as error:
        raise _bad_user(error) from error
    await storage.users.add(user)
    await storage.audit.add(actor=by, action="add user", subject=f"user:{user.user_id}")
    return user, generated


def checked_email(email: str) -> str:
    """Return an email in lower case. Raises `Invalid` (`bad_user`)."""
    try:
        return _EMAIL.validate_python(email.strip().lower())
    except ValidationError as error:
        raise _bad_user(error) from error


async def by_email(storage: Storage, email: str) -> User:
    """Return the account of an email. Raises `NotFound`."""
    user = await storage.users.by_email(email)
    if user is None:
        raise NotFound("no account has this email")
    return user


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


def _bad_user(error: ValidationError) -> Invalid:
    first = error.errors(include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "email"
    return Invalid(f"{where}: {first['msg']}", code="bad_user", field=where)


def _first_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"ADMIN_PASSWORD_FILE {path} cannot be read ({type(error).__name__}); write the first admin's password on "
            "its first line, or unset it and run `viva user add`"
        ) from error
    return lines[0].strip() if lines else ""
