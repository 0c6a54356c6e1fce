"""Whose request it is: the peer's, or what a trusted proxy says."""

import pytest

from control_api.addresses import UNKNOWN, Proxies
from interview.errors import ConfigurationError

NEAR = "10.0.0.0/8, 192.168.7.1"


def address(peer: str | None, *forwarded: str, trusted: str = NEAR) -> str:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"type": "http", "client": (peer, 1234) if peer else None, "headers": headers}
    return Proxies.parse(trusted).address_of(scope)


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),  # nobody asked a stranger
        ("10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("10.1.2.3", ("6.6.6.6, 198.51.100.1",), "198.51.100.1"),  # the left one is the caller's own word
        ("10.1.2.3", ("6.6.6.6", "198.51.100.1, 192.168.7.1"), "198.51.100.1"),
        ("10.1.2.3", ("10.9.9.9",), "10.9.9.9"),
        ("10.1.2.3", (), "10.1.2.3"),
        ("10.1.2.3", ("nonsense",), "10.1.2.3"),
        ("10.1.2.3", ("198.51.100.1, nonsense, 10.0.0.7",), "10.0.0.7"),
        ("::ffff:10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("10.1.2.3", ("2001:db8:1:2::9",), "2001:db8:1:2::/64"),
        (None, ("198.51.100.1",), UNKNOWN),
    ],
)
def test_a_request_is_counted_to(peer: str | None, forwarded: tuple[str, ...], counted: str) -> None:
    assert address(peer, *forwarded) == counted


def test_nobody_is_trusted_by_default() -> None:
    assert address("127.0.0.1", "198.51.100.1", trusted="") == "127.0.0.1"


def test_what_is_no_network_is_refused_in_words() -> None:
    with pytest.raises(ConfigurationError, match="TRUSTED_PROXIES"):
        Proxies.parse("10.0.0.0/8, my-proxy")
