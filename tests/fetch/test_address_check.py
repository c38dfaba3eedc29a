"""Checks of URLs and IP addresses before requests."""

import pytest

from tidings.fetch.address_check import check_ip, check_url

PRIVATE = [
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 — to be refused, not to be bound
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "100::1",
    "4000::1",
    "5f00::1",
    "2001:2::1",
    "2001:db8::1",
    "3fff::1",
]
METADATA = [
    "168.63.129.16",  # Azure
    "100.100.100.200",  # Alibaba
    "192.0.0.192",  # Oracle
    "169.254.170.2",  # Amazon ECS
    "fd00:ec2::254",  # Amazon
    "fd20:ce::254",  # Google
]
SCOPED = ["fe80::1%eth0", "2606:2800:220:1::1%1", "::1%lo"]
# Each form that holds an IPv4 address, with a private address, a metadata address and a public
# address in it.
EMBEDDED = [
    form.format(*(f"{number >> 16:x}", f"{number & 0xFFFF:x}"))
    for number in (0x7F000001, 0xA9FEA9FE, 0x08080808)
    for form in (
        "::{}:{}",  # compatible, RFC 4291
        "::ffff:{}:{}",  # mapped, RFC 4291
        "::ffff:0:{}:{}",  # SIIT, RFC 2765
        "64:ff9b::{}:{}",  # NAT64, RFC 6052
        "64:ff9b:1::{}:{}",  # local NAT64, RFC 8215
        "64:ff9b:1:{}:0:{}::",  # the same with a prefix of 48 bits
        "2002:{}:{}::",  # 6to4, RFC 3056
        "2001:0:{}:{}::1",  # Teredo, RFC 4380
        "2606:2800:220:1:0:5efe:{}:{}",  # ISATAP, RFC 5214
        "2606:2800:220:1:200:5efe:{}:{}",  # ISATAP with the universal bit
    )
]
ODD = """
    2130706433 0x7f000001 0x7f.1 0177.0.0.1 127.1 127.0.0.1. 0 1.2.3.4.5 ::ffff:7f00:1
    ::ffff:0:127.0.0.1
""".split()


@pytest.mark.parametrize("text", PRIVATE + METADATA + SCOPED + EMBEDDED + ODD)
def test_an_address_off_the_public_internet_is_refused(text: str) -> None:
    """Private and reserved ranges, metadata services, scoped addresses, embedded IPv4 addresses,
    and decimal, hexadecimal, octal and short forms are refused.
    """
    assert check_ip(text) or text in ODD
    assert check_url(f"http://[{text}]/" if ":" in text else f"http://{text}/")


PUBLIC = """
    93.184.216.34 168.63.129.15 8.8.8.8 2606:2800:220:1::1 2001:200::1 2a00:1450::200e
""".split()
FOREIGN = """
    ftp://example.org/ file:///etc/passwd javascript:alert(1) data:text/html,x example.org/feed
    http://user:word@example.org/ http://user@example.org/ http://example.org:22/
    http://example.org:99999/ http://localhost/ http://printer.local/ http://db.internal/
    http:///nowhere http://[::1/
""".split()
USUAL = """
    http://example.org/ https://example.org:8443/x http://example.org:8080 http://8.8.8.8/
""".split()


def test_public_addresses_and_usual_urls_are_allowed() -> None:
    """Public addresses, and URLs with an allowed port and a public host, are allowed."""
    assert [text for text in PUBLIC if check_ip(text)] == []
    assert [url for url in USUAL if check_url(url)] == []


@pytest.mark.parametrize("url", [*FOREIGN, "http://exa mple.org/"])
def test_an_address_that_is_none_of_ours_is_refused_with_a_sentence(url: str) -> None:
    """Other schemes and ports, and names in local networks, are refused with a sentence."""
    assert (check_url(url) or "").endswith(".")


def test_only_the_named_pair_is_exempt() -> None:
    """TIDINGS_ALLOW_HOSTS exempts one port of one host and nothing else."""
    allowed = frozenset({("127.0.0.1", 8600)})
    assert check_url("http://127.0.0.1:8600/", allowed) is None
    assert check_url("http://127.0.0.1:8601/", allowed)
    assert check_url("http://127.0.0.2:8600/", allowed)
    assert check_url("http://a@127.0.0.1:8600/", allowed)
