"""Which addresses may be asked."""

import pytest

from flows.steps.address import check_ip, check_url

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
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:53aa::1",
    "::7f00:1",
    "fe80::1%eth0",
    "192.88.99.1",
]
ODD = ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "0", "1.2.3.4.5", "::ffff:7f00:1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_off_the_public_internet_is_refused(text):
    """Those too that Python calls global: multicast, NAT64, 6to4, site-local and IPv4-compatible addresses."""
    assert check_ip(text)


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:2800:220:1::1", "8.8.8.8"])
def test_a_public_address_is_not(text):
    """What is public may be asked."""
    assert check_ip(text) is None


@pytest.mark.parametrize("host", ODD)
def test_an_odd_spelling_of_an_address_is_refused(host):
    """Numbers, hex, octal and short forms reach the same places as the plain spelling."""
    assert check_url(f"http://[{host}]/" if ":" in host else f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://user:word@example.org/",
        "http://user@example.org/",
        "http://example.org:22/",
        "http://example.org:99999/",
        "http://localhost/",
        "http://printer.local/",
        "http://db.internal/",
        "http:///nowhere",
        "http://[::1/",
        "http://exa mple.org/",
        "example.org/feed",
    ],
)
def test_an_address_that_is_none_of_ours_is_refused_with_a_sentence(url):
    """Only http and https, four ports, and names that are no network's own."""
    assert check_url(url).endswith(".")


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://example.org:8443/x", "http://example.org:8080", "http://8.8.8.8/"]
)
def test_a_usual_address_may_be_asked(url):
    """The four ports, by name or by public address."""
    assert check_url(url) is None


def test_only_the_named_pair_is_exempt():
    """TIDINGS_ALLOW_HOSTS opens one port of one host and nothing else."""
    allowed = frozenset({("127.0.0.1", 8600)})
    assert check_url("http://127.0.0.1:8600/", allowed) is None
    assert check_url("http://127.0.0.1:8601/", allowed)
    assert check_url("http://127.0.0.2:8600/", allowed)
    assert check_url("http://a@127.0.0.1:8600/", allowed)
