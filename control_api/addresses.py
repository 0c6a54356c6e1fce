"""Where a request comes from: the peer, or what proxies that are trusted say about it."""

import ipaddress
from dataclasses import dataclass
from typing import Self

from starlette.types import Scope

from interview.errors import ConfigurationError

_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_MAX_HOPS = 20
UNKNOWN = "unknown"
"""The address of a peer that has none, such as a Unix socket's."""


@dataclass(frozen=True)
class Proxies:
    """The networks of the proxies in front of us, whose `X-Forwarded-For` is believed."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the setting. Raises `ConfigurationError`."""
        try:
            return cls(tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()))
        except ValueError as error:
            raise ConfigurationError(
                f"TRUSTED_PROXIES is wrong: {error}; write networks such as 10.0.0.0/8, separated by commas"
            ) from error

    def address_of(self, scope: Scope) -> str:
        """Return the address to which a request is counted.

        The peer's or, where the peer is a trusted proxy, the right-most entry of `X-Forwarded-For` that is not one:
        what stands left of it could have been sent by anybody. Of IPv6 it is the /64 network: one customer has it all.
        """
        peer = scope.get("client")
        address = _parse(peer[0]) if peer else None
        if address is None:
            return UNKNOWN
        hops = ",".join(v.decode("latin-1") for k, v in scope["headers"] if k == b"x-forwarded-for").split(",")
        for hop in reversed(hops[-_MAX_HOPS:]):
            if not self._trusted(address):
                break
            before = _parse(hop)
            if before is None:
                break
            address = before
        return _counted(address)

    def _trusted(self, address: _IPAddress) -> bool:
        return any(address in network for network in self.networks)


def _parse(text: str) -> _IPAddress | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _counted(address: _IPAddress) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)
