"""Where webhooks may go: to public addresses over https, unless private ones are allowed.

Otherwise whoever registers a webhook could make this process speak to what only it can reach: databases, metadata
services, its own machine. A name is looked up here, and the connection goes to the address that was checked.
"""

import asyncio
import ipaddress
import socket

import httpx

from interview.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NEVER_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4
        "::ffff:0:0/96",  # IPv4 written as IPv6
        "64:ff9b::/96",  # NAT64: leads to any IPv4 address, private ones too
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4, likewise
        "2001::/32",  # Teredo, likewise
        "fec0::/10",  # site-local, given up but still routed in places
    )
)
"""What the IANA registries behind `is_global` do not, or not in every Python, call private."""
_LOOKUP_S = 5.0


def check_url(text: str, *, allow_private: bool) -> httpx.URL:
    """Return the URL if its form is good. Raises `Invalid` (code `webhook_url_invalid`)."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise _invalid("this is not a URL") from None
    if url.scheme != "https" and not (url.scheme == "http" and allow_private):
        raise _invalid("a webhook's URL begins with https://")
    port = 443 if url.port is None else url.port
    host = url.raw_host.decode()
    if not host or "%" in host or not 0 < port < 65536:
        raise _invalid("the URL names no host, or no port that there is")
    if url.userinfo or url.fragment:
        raise _invalid("the URL holds a user, a password or a fragment; put a token into the path or query")
    return url


async def addresses_of(url: httpx.URL, *, allow_private: bool) -> list[Address]:
    """Look the URL's host up and return the addresses that may be connected to, at least one.

    Raises `Invalid`: `webhook_host_unknown`, or `webhook_target_refused` when all of them are private.
    """
    host = url.raw_host.decode()
    try:
        async with asyncio.timeout(_LOOKUP_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, url.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Invalid("the webhook's host cannot be found", code="webhook_host_unknown") from None
    addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
    good = [address for address in dict.fromkeys(addresses) if allow_private or is_public(address)]
    if not good:
        raise Invalid("the webhook's host is in a private network", code="webhook_target_refused")
    return good


def is_public(address: Address) -> bool:
    """Tell whether an address is on the public internet."""
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback)
        and not any(address in network for network in _NEVER_PUBLIC if network.version == address.version)
    )


def _invalid(message: str) -> Invalid:
    return Invalid(message, code="webhook_url_invalid")
