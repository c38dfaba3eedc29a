"""The client obeys robots files, gaps, pauses and challenges."""

import asyncio
import gzip
from itertools import pairwise
from typing import Any

import pytest

from tests.cases import cases
from tests.fetch.loopback import NOW, Loopback, fetch, item, opened_client, reply, rss, serving
from tidings.base.records import Robots
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.response import Outcome, Response
from tidings.fetch.worker_pool import FetchRequest

FEED = rss(item(1), item(2))


def test_robots_are_obeyed_except_where_the_publisher_offers_the_feed() -> None:
    """A byte-order mark does not hide the first rule."""
    routes = {
        "/robots.txt": reply(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /feed", kind="text/plain"),
        "/feed": reply(200, FEED),
    }
    denied, server = fetch(routes)
    assert denied.outcome == "robots_denied"
    assert server.request_count("/feed") == 0
    offered, server = fetch(routes, ignores_robots=True)
    assert offered.outcome == "ok"
    assert server.request_count("/robots.txt") == 0


def near(server: Loopback, **changes: Any) -> ClientSettings:
    """Return settings that allow both names of the server."""
    allowed = frozenset({("127.0.0.1", server.port), ("localhost", server.port)})
    return ClientSettings("Tester/1", allow_hosts=allowed, host_gap=0.0, **changes)


def test_an_offered_feed_leads_past_no_other_robots_file() -> None:
    """A redirect of a feed that its publisher offers obeys the robots file of another domain."""
    rules = {"/robots.txt": reply(200, b"User-agent: *\nDisallow: /", kind="text/plain")}

    async def run() -> list[str]:
        routes = rules | {"/feed": reply(200, FEED), "/here": reply(302, b"", "Location: /feed")}
        async with serving(routes) as server:
            there = f"http://localhost:{server.port}/feed"
            routes["/away"] = reply(302, b"", f"Location: {there}")
            async with open_client(near(server), lambda: NOW) as client:
                urls = [f"{server.origin}/{path}" for path in ("away", "here")]
                found = [await client.fetch(url, "feed", ignores_robots=True) for url in urls]
                return [str(response.outcome) for response in found]

    assert asyncio.run(run()) == ["robots_denied", "ok"]


def test_robots_are_asked_once_and_at_each_hop() -> None:
    """Two fetches request one robots file, and a redirect to a disallowed URL is not followed."""
    rules = reply(200, b"User-agent: tester\nDisallow: /private", kind="text/plain")
    routes = {
        "/robots.txt": rules,
        "/feed": reply(200, FEED),
        "/in": reply(302, b"", "Location: /private/feed"),
    }
    _, server = fetch(routes, nights=2)
    assert server.request_count("/robots.txt") == 1
    response, server = fetch(routes, "/in")
    assert response.outcome == "robots_denied"
    assert server.request_count("/private/feed") == 0


BOMB = gzip.compress(b"A" * 30_000_000)


@cases(
    "served, wanted",
    (reply(200, BOMB, "Content-Encoding: gzip"), "robots_denied"),
    (reply(302, b"", "Location: http://10.0.0.1/robots.txt"), "blocked"),
    (reply(302, b"", "Location: /robots.txt"), "ok"),
    (reply(200, b"<html><p>No rules.</p></html>", kind="text/html"), "ok"),
    (reply(200, b"\0\xff\xfe: \x80\nUser-agent: *\nDisallow: /feed"), "robots_denied"),
    ids=["bomb", "redirect into the machine", "redirect to itself", "page", "invalid characters"],
)
def test_a_hostile_robots_file(served: bytes, wanted: str) -> None:
    """A robots file too large or at a private address refuses all; one without rules allows."""
    response, server = fetch({"/robots.txt": served, "/feed": reply(200, FEED)})
    assert response.outcome == wanted
    assert server.request_count("/feed") == (wanted == "ok")


def test_robots_kept_from_an_earlier_night_are_not_asked_for_again() -> None:
    """The caller passes the copies of the last run and receives those of this run."""

    async def run() -> Any:
        async with serving({"/feed": reply(200, FEED)}) as server:
            copy = Robots(server.origin, NOW, Outcome.OK, None, "User-agent: *\nDisallow: /", None)
            async with open_client(near(server), lambda: NOW, {server.origin: copy}) as client:
                response = await client.fetch(server.origin + "/feed", "feed")
                return response.outcome, server.log, client.robots_seen[server.origin] is copy

    assert asyncio.run(run()) == ("robots_denied", [], True)


def _fetch_many(
    routes: dict[str, bytes], paths: list[str], **options: float
) -> tuple[dict[str, Response], Loopback]:
    async def run() -> tuple[dict[str, Response], Loopback]:
        async with serving(routes) as server, opened_client(server, **options) as client:
            requests = [FetchRequest(server.origin + path, "page", key=path) for path in paths]
            found = client.fetch_many(requests)
            return {request.key: response async for request, response in found}, server

    return asyncio.run(run())


PAGE = reply(200, b"<html><p>text</p></html>", kind="text/html")


def test_a_host_is_asked_over_one_connection_with_a_gap() -> None:
    """All requests to a host have the gap between them, including robots files and redirects."""
    routes = {f"/{n}": PAGE for n in range(4)} | {"/4": reply(302, b"", "Location: /0")}
    found, server = _fetch_many(routes, [f"/{n}" for n in range(5)], host_gap=0.05)
    assert {response.outcome for response in found.values()} == {"ok"}
    assert server.most_open == 1
    times = [entry["at"] for entry in server.log]
    assert len(times) == 7
    assert min(b - a for a, b in pairwise(times)) >= 0.05


def test_a_crawl_delay_lengthens_the_gap() -> None:
    """A Crawl-delay applies if it is longer than the gap in the settings."""
    robots = reply(200, b"User-agent: *\nCrawl-delay: 0.2", kind="text/plain")
    routes = {"/robots.txt": robots, "/0": PAGE, "/1": PAGE}
    _, server = _fetch_many(routes, ["/0", "/1"], host_gap=0.0)
    times = [entry["at"] for entry in server.log]
    # the first request after the robots file too
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times))


@pytest.mark.parametrize("status", [429, 503])
def test_a_throttled_host_is_left_alone(status: int) -> None:
    """After a 429 or 503 the host gets no request, and the reason names the pause's end."""
    paths = [f"/{n}" for n in range(5)]
    throttled = reply(status, b"", "Retry-After: 7200")
    found, server = _fetch_many(dict.fromkeys(paths, throttled), paths)
    assert len(server.log) == 2  # the robots file, and the one that was refused
    assert {response.outcome for response in found.values()} == {"throttled"}
    unsent = [response for response in found.values() if not response.was_sent]
    assert len(unsent) == 4
    assert {response.retry_after_seconds for response in unsent} == {7200}


def test_a_challenge_gets_no_second_try() -> None:
    """After a challenge, neither the URL nor another page of the host is requested in this run."""
    paths = ["/0", "/1"]
    challenge = reply(403, b"<html>", "cf-mitigated: challenge")
    found, server = _fetch_many(dict.fromkeys(paths, challenge), paths)
    assert {response.outcome for response in found.values()} == {"challenge"}
    assert len(server.log) == 2


def test_a_redirect_from_another_domain_makes_no_host_a_suspect() -> None:
    """Responses to URLs from another domain do not affect the host's own pages."""
    names = ("hang1", "hang2", "wall1")

    async def run() -> list[str]:
        wall = reply(403, b"", "cf-mitigated: challenge")
        routes = {"/robots.txt": reply(404), "/good": PAGE, "/hang": hang, "/wall": wall}
        async with serving(routes) as server:
            target = f"http://localhost:{server.port}"
            for name in names:
                routes[f"/{name}"] = reply(302, b"", f"Location: {target}/{name[:4]}")
            async with open_client(near(server, deadline=0.2), lambda: NOW) as client:
                urls = [*(f"{server.origin}/{name}" for name in names), f"{target}/good"]
                return [str((await client.fetch(url, "page")).outcome) for url in urls]

    assert asyncio.run(run()) == ["timeout", "timeout", "challenge", "ok"]


async def hang(_: dict[str, str]) -> Any:
    await asyncio.Event().wait()


def test_a_host_that_hangs_twice_is_left_alone() -> None:
    """After two consecutive timeouts the host's URLs are deferred; a response resets this."""

    async def run() -> tuple[list[str], list[int]]:
        routes: dict[str, Any] = {"/robots.txt": reply(404), "/good": PAGE}
        routes |= {f"/{n}": hang for n in range(6)}
        async with serving(routes) as server, opened_client(server, deadline=0.2) as client:
            paths = ["/0", "/good", "/1", "/2", "/3", "/good"]
            found = [(await client.fetch(server.origin + path, "page")).outcome for path in paths]
            counts = [server.request_count(path) for path in paths[:5]]
            return [str(outcome) for outcome in found], counts

    outcomes, counts = asyncio.run(run())
    assert outcomes == ["timeout", "ok", "timeout", "timeout", "deferred", "deferred"]
    assert counts == [1, 1, 1, 1, 0]
