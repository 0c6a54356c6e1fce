"""A real SMTP server that keeps what it was sent, or refuses it as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "viva", "a password of the tests"


@dataclass(frozen=True)
class Mail:
    sender: str
    recipient: str
    message: EmailMessage
    over_tls: bool
    user: str | None


class Mailbox:
    """`answers` are given to DATA in turn, the last of them for ever; `rcpt` to RCPT TO, where it is set."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.answers = ["250 kept"]
        self.rcpt: str | None = None
        self.tried = 0

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried += 1
        if self.rcpt is not None:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            message = message_from_bytes(content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            user = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else None
            self.mails.append(
                Mail(str(envelope.mail_from), envelope.rcpt_tos[0], message, session.ssl is not None, user)
            )
        return answer


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=good, handled=False, auth_data=data if good else None)


@asynccontextmanager
async def serving(mailbox: Mailbox, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve on a free port: plain, or with STARTTLS and a login, both required."""
    secured: dict[str, Any] = {
        "tls_context": tls,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": authenticate,
    }
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="mail.example", loop=loop, **(secured if tls else {})), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def hanging() -> AsyncIterator[int]:
    """Serve what takes a connection and never says a word."""

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
