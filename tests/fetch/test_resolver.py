"""Resolution of host names, and the check of the resulting IP addresses."""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.fetch.loopback import NOW, item, reply, rss, serving
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.response import Outcome, Response
from tidings.fetch.worker_pool import FetchRequest

FEED = rss(item(1), item(2))


def test_a_name_that_changes_its_address_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding fails, because every connection checks the IP address to which it connects."""
    responses = iter(["127.0.0.1", "10.1.2.3", "169.254.169.254"])
    resolve(monkeypatch, "rebind.example", lambda: next(responses))

    async def run() -> list[str]:
        url = "http://rebind.example/feed"
        return [str((await fetch(url, ignores_robots=True)).outcome) for _ in range(3)]

    assert asyncio.run(run()) == ["blocked"] * 3


def resolve(monkeypatch: pytest.MonkeyPatch, name: str, find: Callable[[], str]) -> None:
    """Let a name have the IP addresses that a function returns."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if host == name:
            address = find()
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            place = (address, port, 0, 0) if ":" in address else (address, port)
            return [(family, socket.SOCK_STREAM, 6, "", place)]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


async def fetch(
    url: str, *allowed: tuple[str, int], deadline: float = 2.0, **options: Any
) -> Response:
    """Fetch a URL with a new client, which may also reach some hosts of this machine."""
    settings = ClientSettings(
        "Tester/1", host_gap=0.0, deadline=deadline, allow_hosts=frozenset(allowed)
    )
    async with open_client(settings, lambda: NOW) as client:
        return await client.fetch(url, "feed", **options)


def test_a_name_with_an_ipv6_address_only_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with only an AAAA record is fetched, and a private IPv6 address is refused."""
    places = ["::1"]
    resolve(monkeypatch, "six.example", lambda: places[-1])

    async def run() -> tuple[Outcome, Outcome]:
        try:
            context = serving({"/feed": reply(200, FEED)}, host="::1")
            server = await context.__aenter__()
        except OSError:
            pytest.skip("this machine has no IPv6 loopback address")
        place = ("six.example", server.port)
        good = await fetch(f"http://six.example:{server.port}/feed", place)
        places.append("fd00::1")
        bad = await fetch("http://six.example/feed")
        await context.__aexit__(None, None, None)
        return good.outcome, bad.outcome

    assert asyncio.run(run()) == ("ok", "blocked")


def test_a_name_that_does_not_exist_is_a_dns_error() -> None:
    """The outcome is dns_error, not robots_denied. RFC 2606: .invalid never exists."""
    response = asyncio.run(fetch("http://no-such-host.invalid/feed", deadline=10.0))
    assert response.outcome == "dns_error"


def test_a_closed_port_is_a_connect_error() -> None:
    """A closed port yields connect_error and not robots_denied."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    response = asyncio.run(fetch(f"http://127.0.0.1:{port}/feed", ("127.0.0.1", port)))
    assert response.outcome == "connect_error"


def test_dead_names_do_not_hold_up_living_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten valid names are fetched while forty names time out, each after two seconds."""

    def look_up(host: str, port: int, *_args: Any, **_kwargs: Any) -> Any:
        if host.startswith("dead"):
            time.sleep(2.0)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def run() -> list[tuple[str, str]]:
        async with serving({"/feed": reply(200, FEED)}) as server:
            hosts = [f"dead{number}.example" for number in range(40)]
            hosts += [f"alive{number}.example" for number in range(10)]
            allowed = frozenset((host, server.port) for host in hosts)
            options = ClientSettings("Tester/1", allow_hosts=allowed, host_gap=0.0, deadline=5.0)
            urls = {host: f"http://{host}:{server.port}/feed" for host in hosts}
            requests = [FetchRequest(url, "feed", key=host[:4]) for host, url in urls.items()]
            async with open_client(options, lambda: NOW) as client:
                found = client.fetch_many(requests)
                return [(request.key, str(response.outcome)) async for request, response in found]

    found = asyncio.run(run())
    assert found[:10] == [("aliv", "ok")] * 10
    assert found[10:] == [("dead", "dns_error")] * 40
