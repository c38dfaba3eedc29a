"""Resolution of host names, and the check of the resulting IP addresses."""

import asyncio
import socket
import time
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
    real = socket.getaddrinfo

    def look_up(
        host: str, port: int, *args: Any, **kwargs: Any
    ) -> list[tuple[Any, Any, int, str, Any]]:
        if host == "rebind.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(responses), port))]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def run() -> list[Outcome]:
        outcomes = []
        for _ in range(3):
            async with open_client(
                ClientSettings("Tester/1", host_gap=0.0, deadline=2.0), lambda: NOW
            ) as client:
                outcomes.append(
                    (
                        await client.fetch(
                            "http://rebind.example/feed", "feed", ignores_robots=True
                        )
                    ).outcome
                )
        return outcomes

    assert asyncio.run(run()) == ["blocked"] * 3


def test_a_name_with_an_ipv6_address_only_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with only an AAAA record is fetched, and a private IPv6 address is refused."""
    real = socket.getaddrinfo
    place = {"host": "::1"}

    def look_up(
        host: str, port: int, *args: Any, **kwargs: Any
    ) -> list[tuple[Any, Any, int, str, Any]]:
        if host == "six.example":
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (place["host"], port, 0, 0))]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def run() -> tuple[Outcome, Outcome]:
        try:
            context = serving({"/feed": reply(200, FEED)}, host="::1")
            server = await context.__aenter__()
        except OSError:
            pytest.skip("this machine has no IPv6 loopback address")
        allowed = frozenset({("six.example", server.port)})
        options = ClientSettings("Tester/1", allow_hosts=allowed, host_gap=0.0, deadline=2.0)
        async with open_client(options, lambda: NOW) as client:
            good = await client.fetch(f"http://six.example:{server.port}/feed", "feed")
        place["host"] = "fd00::1"
        async with open_client(
            ClientSettings("Tester/1", host_gap=0.0, deadline=2.0), lambda: NOW
        ) as client:
            bad = await client.fetch("http://six.example/feed", "feed")
        await context.__aexit__(None, None, None)
        return good.outcome, bad.outcome

    assert asyncio.run(run()) == ("ok", "blocked")


def test_a_name_that_does_not_exist_is_a_dns_error() -> None:
    """The outcome is dns_error, not robots_denied. RFC 2606: .invalid never exists."""

    async def run() -> Response:
        async with open_client(ClientSettings("Tester/1", deadline=10.0), lambda: NOW) as client:
            return await client.fetch("http://no-such-host.invalid/feed", "feed")

    assert asyncio.run(run()).outcome == "dns_error"


def test_a_closed_port_is_a_connect_error() -> None:
    """A closed port yields connect_error and not robots_denied."""

    async def run() -> Response:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ClientSettings(
            "Tester/1", allow_hosts=frozenset({("127.0.0.1", port)}), deadline=2.0
        )
        async with open_client(options, lambda: NOW) as client:
            return await client.fetch(f"http://127.0.0.1:{port}/feed", "feed")

    assert asyncio.run(run()).outcome == "connect_error"


def test_dead_names_do_not_hold_up_living_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten valid names are fetched while forty names time out, each after two seconds."""

    def look_up(
        host: str, port: int, *_args: Any, **_kwargs: Any
    ) -> list[tuple[Any, Any, int, str, Any]] | None:
        if host.startswith("dead"):
            time.sleep(2.0)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def run() -> list[tuple[str, str]]:
        async with serving({"/feed": reply(200, FEED)}) as server:
            hosts = [f"dead{number}.example" for number in range(40)] + [
                f"alive{number}.example" for number in range(10)
            ]
            options = ClientSettings(
                "Tester/1",
                allow_hosts=frozenset((host, server.port) for host in hosts),
                host_gap=0.0,
                deadline=5.0,
            )
            requests = [
                FetchRequest(f"http://{host}:{server.port}/feed", "feed", key=host[:4])
                for host in hosts
            ]
            async with open_client(options, lambda: NOW) as client:
                return [
                    (request.key, str(response.outcome))
                    async for request, response in client.fetch_many(requests)
                ]

    found = asyncio.run(run())
    assert found[:10] == [("aliv", "ok")] * 10
    assert found[10:] == [("dead", "dns_error")] * 40
