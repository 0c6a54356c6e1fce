"""Where webhooks may go, by form and by address."""

import ipaddress

import pytest

from control_api.outgoing.targets import addresses_of, check_url, is_public
from interview.errors import Invalid

PRIVATE = """
127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 255.255.255.255 224.0.0.1
239.1.1.1 240.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.0.0.1 192.0.0.192 192.88.99.1
::1 :: fe80::1 fc00::1 fd12:3456::1 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1
64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:db8::1 100::1
"""
PUBLIC = "8.8.8.8 1.1.1.1 93.184.216.34 2606:4700:4700::1111 2a00:1450:4001:81b::200e"


@pytest.mark.parametrize("text", PRIVATE.split())
def test_these_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC.split())
def test_these_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https:///path",
        "example.com",
        "https://user:password@example.com/",
        "https://example.com/#fragment",
        "https://example.com:99999/",
        "https://example.com:0/",
        "https://exa mple.com/",
        "javascript:alert(1)",
        "https://[::1/",
        "https://example.com/\r\nHost: other",
        "https://%65xample.com/",
        "",
    ],
)
def test_these_are_refused_by_their_form(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url, allow_private=False)
    assert refused.value.code == "webhook_url_invalid"


def test_plain_http_only_where_private_targets_are_allowed() -> None:
    assert check_url("http://127.0.0.1:8000/x?y=1", allow_private=True).port == 8000
    assert check_url("https://Exämple.com/x", allow_private=False).raw_host == b"xn--exmple-cua.com"


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:10.0.0.1]"])
async def test_what_resolves_to_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    url = check_url(f"https://{host}/", allow_private=False)
    with pytest.raises(Invalid) as refused:
        await addresses_of(url, allow_private=False)
    assert refused.value.code == "webhook_target_refused"
    assert await addresses_of(url, allow_private=True)


async def test_a_name_that_is_no_name_is_said_to_be_unknown() -> None:
    for host in ("xn--", "a" * 300, "a..b", "no-such-host.invalid"):
        with pytest.raises(Invalid) as refused:
            await addresses_of(check_url(f"https://{host}/", allow_private=False), allow_private=False)
        assert refused.value.code in ("webhook_host_unknown", "webhook_url_invalid")


async def test_of_several_addresses_only_the_public_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    async def both(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (address, 443)) for address in ("127.0.0.1", "8.8.8.8", "10.0.0.1", "8.8.8.8")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
    url = check_url("https://example.com/", allow_private=False)
    assert [str(a) for a in await addresses_of(url, allow_private=False)] == ["8.8.8.8"]
