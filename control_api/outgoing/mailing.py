"""Sending one delivery by SMTP."""

import asyncio
import ssl
from datetime import datetime
from email.headerregistry import Address
from typing import Any, Self

import aiosmtplib
from pydantic import validate_email

from control_api.outgoing.letters import Letter, address, compose
from control_api.outgoing.outcome import Outcome, Verdict, retry
from interview.clock import Clock
from interview.errors import ConfigurationError
from interview.outgoing import Delivery
from interview.settings import Settings

_ABOUT_THE_MESSAGE = (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)
"""What a server refuses for good (5xx) at these places it will refuse again. Elsewhere, as when it refuses our sender
or password, the operator can mend it while the mail waits."""


class Mailer:
    """Sends mails through one SMTP server."""

    def __init__(
        self,
        clock: Clock,
        *,
        host: str,
        port: int,
        user: str,
        password: str,
        security: str,
        sender: Address,
        timeout_s: float,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._sender = sender
        self._timeout_s = timeout_s
        self._server: dict[str, Any] = {
            "hostname": host,
            "port": port,
            "username": user or None,
            "password": password if user else None,
            "use_tls": security == "tls",
            "start_tls": security == "starttls",
            "timeout": timeout_s,
            "tls_context": tls,
        }

    @classmethod
    def of(cls, settings: Settings, clock: Clock, tls: ssl.SSLContext | None = None) -> Self | None:
        """Build from settings; None where SMTP is not configured. Raises `ConfigurationError`."""
        if not settings.smtp_host:
            return None
        try:
            name, email = validate_email(settings.smtp_from)
            # of an address alone it makes a name
            sender = address(email, name if "<" in settings.smtp_from else "")
        except (ValueError, UnicodeError):
            raise ConfigurationError(
                "SMTP_HOST is set, but SMTP_FROM is not an address such as `Interviews <interviews@example.com>`"
            ) from None
        return cls(
            clock,
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            security=settings.smtp_security,
            sender=sender,
            timeout_s=settings.smtp_timeout_s,
            tls=tls,
        )

    async def send(self, delivery: Delivery) -> Outcome:
        """Send it. A refusal of the message for good (5xx) fails; everything else may be tried again."""
        payload = delivery.payload or {}
        try:
            message = compose(
                Letter(payload["letter"]),
                payload["language"],
                payload["values"] | {name: _moment(payload["values"][name]) for name in ("not_before", "not_after")},
                sender=self._sender,
                recipient=address(delivery.recipient or "", payload["values"]["name"]),
                reply_to=address(payload["reply_to"]) if payload["reply_to"] else None,
                message_id=delivery.delivery_id,
                at=self._clock.now(),
            )
        except (KeyError, ValueError, UnicodeError):
            return Outcome(Verdict.FAILED, error="unusable")
        try:
            async with asyncio.timeout(self._timeout_s):
                await aiosmtplib.send(message, **self._server)
        except (TimeoutError, aiosmtplib.SMTPTimeoutError):
            return retry("timeout")
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0])
        except aiosmtplib.SMTPResponseException as error:
            return _refused(error)
        except aiosmtplib.SMTPNotSupported:
            return retry("not_supported")
        except ssl.SSLError:
            return retry("tls")
        except (aiosmtplib.SMTPException, OSError) as error:
            return retry("tls" if "SSL" in str(error) else "connect")
        return Outcome(Verdict.DELIVERED, code=250)


def _refused(error: aiosmtplib.SMTPResponseException) -> Outcome:
    for_good = error.code >= 500 and isinstance(error, _ABOUT_THE_MESSAGE)
    return Outcome(Verdict.FAILED if for_good else Verdict.RETRY, code=error.code)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
