"""A machine without a network is noticed within seconds."""

import threading
import time

import pytest

from tests.cases import cases
from tidings.fetch import address_check as network
from tidings.fetch.address_check import OfflineError, require_network

URLS = [f"https://outlet{number}.example/feed" for number in range(20)]


def fail(_host: str) -> None:
    raise OSError


def test_one_host_name_that_resolves_is_a_network() -> None:
    """Seven of eight names may fail."""
    seen: list[str] = []

    def resolve(host: str) -> None:
        seen.append(host)
        if len(seen) < network.TRIED:
            raise OSError

    require_network(URLS, resolve=resolve)


def test_a_resolver_that_does_not_respond_takes_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver may wait for a minute and more."""
    monkeypatch.setattr(network, "SECONDS", 0.2)
    end, started = threading.Event(), time.monotonic()
    with pytest.raises(OfflineError):
        require_network(URLS, resolve=lambda _host: end.wait(30))
    assert time.monotonic() - started < 5
    end.set()


@cases(
    "urls",
    URLS[:2],
    [*URLS, "http://127.0.0.1:1/"],
    [*URLS, "http://[::1]/"],
    [*URLS, "http://a/"],
)
def test_few_names_and_addresses_show_nothing(urls: list[str]) -> None:
    """Two names may both be dead, and an address may be on this machine."""
    require_network(urls, resolve=fail)
