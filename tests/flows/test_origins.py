"""Which requests a server on loopback accepts."""

import pytest

from tidings.flows.origins import find_refusal, own_origins
from tidings.flows.settings import SettingsError

ORIGINS = own_origins(4200, "https://tidings.example.org, ")
OWN = {"Host": "127.0.0.1:4200"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
ACCEPTED = {
    "a program without an origin": ("POST", OWN),
    "the UI under the address": ("POST", {**OWN, "Origin": "http://127.0.0.1:4200", "Sec-Fetch-Site": "same-origin"}),
    "the UI under the name": ("POST", {"Host": "localhost:4200", "Origin": "http://localhost:4200"}),
    "the UI behind a proxy": ("POST", {"Host": "tidings.example.org", "Origin": "https://tidings.example.org"}),
    "a proxy that keeps its own Host": ("POST", {**OWN, "Origin": "https://tidings.example.org"}),
    "a typed address": ("GET", {**OWN, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}),
    "a link from a message": ("GET", {**OWN, **LINK}),
}
REFUSED = {
    "a foreign page": ("POST", {**OWN, "Origin": "http://evil.example"}),
    "a foreign page that reads": ("GET", {**OWN, "Origin": "http://evil.example"}),
    "another port of loopback": ("POST", {**OWN, "Origin": "http://127.0.0.1:4201"}),
    "the same host by another scheme": ("POST", {**OWN, "Origin": "https://127.0.0.1:4200"}),
    "a sandboxed frame or a file": ("POST", {**OWN, "Origin": "null"}),
    "an origin beside the own": ("POST", {**OWN, "Origin": "http://127.0.0.1:4200", "origin": "http://evil.example"}),
    "a preflight": ("OPTIONS", {**OWN, "Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}),
    "an image of a foreign page": ("GET", {**OWN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
    "a form without an origin": ("POST", {**OWN, **LINK}),
    "a frame": ("GET", {**OWN, **LINK, "Sec-Fetch-Dest": "iframe"}),
    "a name that was bound again": ("POST", {"Host": "evil.example:4200", "Origin": "http://evil.example:4200"}),
    "a name that begins like the own": ("GET", {"Host": "localhost:4200.evil.example"}),
    "another port": ("GET", {"Host": "127.0.0.1:80"}),
    "no name": ("GET", {}),
    "two names": ("GET", {**OWN, "host": "evil.example"}),
}


def _refusal(method, headers):
    return find_refusal(method, [(name.encode(), value.encode()) for name, value in headers.items()], ORIGINS)


@pytest.mark.parametrize("case", ACCEPTED)
def test_own_pages_and_programs_are_accepted(case):
    """Requests of the server's own pages, of programs and of a person who follows a link are accepted."""
    assert _refusal(*ACCEPTED[case]) is None


@pytest.mark.parametrize("case", REFUSED)
def test_foreign_pages_are_refused(case):
    """Requests that a page of another origin causes, and requests under a foreign host name, are refused."""
    assert _refusal(*REFUSED[case])


@pytest.mark.parametrize(
    "listed", ["*", "tidings.example.org", "https://tidings.example.org/v2", "https://a@b.example", "ftp://a"]
)
def test_a_wrong_origin_is_named(listed):
    """A listed origin that is not a scheme and a host yields one sentence that names it."""
    with pytest.raises(SettingsError, match="is not an origin"):
        own_origins(4200, listed)
