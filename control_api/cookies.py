"""Cookies: over TLS only, wherever that is possible."""

from urllib.parse import urlsplit

REFRESH_COOKIE = "viva_refresh"
"""Carries a browser's refresh token."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def needs_tls(public_url: str) -> bool:
    """Tell whether a cookie may travel over TLS only: always, but for plain http on the machine itself."""
    parsed = urlsplit(public_url)
    return not (parsed.scheme == "http" and parsed.hostname in _LOOPBACK)
