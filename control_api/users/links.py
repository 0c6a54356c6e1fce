"""One-time links for accounts: how they look, and what is said of one that does not work."""

from interview.errors import NotFound
from interview.settings import Settings


def invitation_url(settings: Settings, secret: str) -> str:
    """Return the link that the invited person opens; the secret stands behind `#`, so that no server is sent it."""
    return f"{settings.api_public_url.rstrip('/')}/accept-invitation#{secret}"


def reset_url(settings: Settings, secret: str) -> str:
    """Return the link with which somebody sets a new password."""
    return f"{settings.api_public_url.rstrip('/')}/reset-password#{secret}"


def no_such_link() -> NotFound:
    """Return the error for a link that is unknown, used, withdrawn or out of date: the caller is not told which."""
    return NotFound("this link is not valid (any more); ask for a new one", code="link_not_found")
