"""The guarded client, against a server on loopback that lies."""

import asyncio
import gzip
import socket
import zlib
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.steps.http import ClientSettings, FetchRequest, open_client
from flows.steps.outcomes import Outcome
from flows.steps.robots import RobotsCopy
from tests.flows.steps.loopback import NOW, fetch, item, reply, rss, serving

FEED = rss(item(1), item(2))


def drip():
    return [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"] + [b"x"] * 400


BODIES = {
    "plain": (reply(200, FEED), "ok"),
    "gzip": (reply(200, gzip.compress(FEED), "Content-Encoding: gzip"), "ok"),
    "two gzip members": (reply(200, gzip.compress(FEED[:99]) + gzip.compress(FEED[99:]), "Content-Encoding: gzip"), "ok"),
    "gzip and rubbish": (reply(200, gzip.compress(FEED) + b"\0rubbish", "Content-Encoding: gzip"), "ok"),
    "deflate": (reply(200, zlib.compress(FEED), "Content-Encoding: deflate"), "ok"),
    "raw deflate": (reply(200, zlib.compress(FEED)[2:-4], "Content-Encoding: deflate"), "ok"),
    "a gzip file": (reply(200, gzip.compress(FEED), kind="application/gzip"), "ok"),
    "cut gzip": (reply(200, gzip.compress(FEED)[:-20], "Content-Encoding: gzip"), "truncated"),
    "no gzip": (reply(200, FEED, "Content-Encoding: gzip"), "protocol_error"),
    "brotli": (reply(200, b"\x1b\x0e", "Content-Encoding: br"), "protocol_error"),
    "too long": (reply(200, b"<rss>" + b" " * 5_000_001), "too_big"),
    "a bomb": (reply(200, gzip.compress(b"<rss>" + b"A" * 30_000_000), "Content-Encoding: gzip"), "too_big"),
    "length too long": (reply(200, FEED, "Connection: close", length=len(FEED) + 9), "truncated"),
    "a slow drip": (drip, "timeout"),
    "nothing": (reply(200, b""), "empty"),
    "white space": (reply(200, b" \n"), "empty"),
    "a page": (reply(200, b"<!doctype html><title>News</title>", kind="text/html"), "not_feed"),
    "a feed called a page": (reply(200, FEED, kind="text/html"), "ok"),
    "utf-16": (reply(200, FEED.decode().replace("utf-8", "utf-16").encode("utf-16")), "ok"),
    "a challenge": (reply(403, b"<html>", "cf-mitigated: challenge", kind="text/html"), "challenge"),
    "a titled challenge": (reply(200, b"<html><title>Just a moment...</title>", kind="text/html"), "challenge"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_comes_to_its_outcome(name):
    """Every kind of body has one name, and every name but ok a sentence."""
    served, wanted = BODIES[name]
    answer, _ = fetch({"/feed": (lambda _: served()) if callable(served) else served}, settings={"deadline": 1.0})
    assert answer.outcome == wanted
    assert (answer.reason is None) == (wanted == "ok")
    if wanted == "ok" and name != "utf-16":
        assert answer.body == FEED


STATUSES = {204: "http_error", 206: "http_error", 304: "http_error", 401: "http_error", 404: "http_error", 410: "gone"} | {
    429: "throttled",
    500: "http_error",
    503: "throttled",
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_comes_to_its_outcome(status):
    """A 304 that nobody asked for is an error, and so is a part of a document."""
    answer, _ = fetch({"/feed": reply(status)})
    assert (answer.outcome, answer.status) == (STATUSES[status], status)


@pytest.mark.parametrize("tag", ['"plain"', 'W/"weak"', '"z1-gzip"', "unquoted", '"ümlaut"'])
def test_validators_are_echoed_byte_for_byte(tag):
    """What the server called its version comes back as it was, whatever its form, and 304 then is an answer."""

    def answer(headers):
        return reply(304) if headers.get("if-none-match", "").encode("latin-1") == tag.encode("utf-8") else first

    first = reply(200, FEED).replace(b"Content-Type", b"ETag: " + tag.encode("utf-8") + b"\r\nContent-Type", 1)

    async def run():
        async with serving({"/feed": answer}) as server, _client(server) as client:
            one = await client.fetch(server.origin + "/feed", "feed")
            return await client.fetch(server.origin + "/feed", "feed", etag=one.etag)

    assert asyncio.run(run()).outcome == "not_modified"


def _client(server, **options):
    allowed = frozenset({("127.0.0.1", server.port)})
    return open_client(
        ClientSettings("Tester/1", allow_hosts=allowed, **({"host_gap": 0.0, "deadline": 3.0} | options)), lambda: NOW
    )


def test_a_move_is_permanent_only_if_every_hop_is():
    """301 then 308 is a permanent move; 301 then 302 is none."""
    routes = {
        "/a": reply(301, b"", "Location: /b"),
        "/b": reply(308, b"", "Location: /feed"),
        "/c": reply(301, b"", "Location: /d"),
        "/d": reply(302, b"", "Location: /feed"),
        "/feed": reply(200, FEED),
    }
    lasting, server = fetch(routes, "/a")
    assert lasting.is_permanent_move
    assert lasting.final_url == f"{server.origin}/feed"
    assert not fetch(routes, "/c")[0].is_permanent_move
    assert not fetch(routes, "/feed")[0].is_permanent_move


def test_five_redirects_are_followed_and_no_more():
    """The sixth is an error, and so is a circle."""
    routes = {f"/{n}": reply(302, b"", f"Location: /{n + 1}") for n in range(7)} | {"/5": reply(200, FEED)}
    assert fetch(routes, "/0")[0].outcome == "ok"
    assert fetch(routes | {"/5": reply(302, b"", "Location: /6"), "/6": reply(200, FEED)}, "/0")[0].outcome == "redirect_error"
    assert fetch({"/x": reply(302, b"", "Location: /x")}, "/x")[0].outcome == "redirect_error"


def test_nothing_is_told_that_was_not_asked():
    """No cookie comes back, no referrer goes along, and the User-Agent is ours."""
    routes = {"/a": reply(302, b"", "Location: /feed", "Set-Cookie: a=b; Path=/"), "/feed": reply(200, FEED)}
    _, server = fetch(routes, "/a", nights=2)
    for entry in server.log:
        assert not {"cookie", "referer"} & entry["headers"].keys()
        assert entry["headers"]["user-agent"] == "Tester/1"
        assert entry["headers"]["accept-encoding"] == "gzip, deflate"


def test_a_proxy_in_the_environment_is_not_used(monkeypatch):
    """The address check would judge the proxy's address and not the host's."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetch({"/feed": reply(200, FEED)})[0].outcome == "ok"


@pytest.mark.parametrize(
    "target",
    ["http://10.0.0.1/", "http://[::1]/", "http://2130706433/", "http://localhost/", "file:///etc/passwd", "ftp://example.org/"],
)
def test_a_redirect_to_a_private_place_is_not_followed(target):
    """Each hop is judged like the first."""
    answer, _ = fetch({"/feed": reply(302, b"", f"Location: {target}")})
    assert answer.outcome == "blocked"


def test_a_name_that_changes_its_address_gains_nothing(monkeypatch):
    """DNS rebinding: the check sees the very address that is about to be connected to, at every connection."""
    answers = iter(["127.0.0.1", "10.1.2.3", "169.254.169.254"])
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host == "rebind.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def run():
        outcomes = []
        for _ in range(3):
            async with open_client(ClientSettings("Tester/1", host_gap=0.0, deadline=2.0), lambda: NOW) as client:
                outcomes.append((await client.fetch("http://rebind.example/feed", "feed", ignores_robots=True)).outcome)
        return outcomes

    assert asyncio.run(run()) == ["blocked"] * 3


def test_a_name_with_an_ipv6_address_only_is_fetched(monkeypatch):
    """AAAA alone is enough, and a private one is refused like any other."""
    real = socket.getaddrinfo
    place = {"host": "::1"}

    def look_up(host, port, *args, **kwargs):
        if host == "six.example":
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (place["host"], port, 0, 0))]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def run():
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
        async with open_client(ClientSettings("Tester/1", host_gap=0.0, deadline=2.0), lambda: NOW) as client:
            bad = await client.fetch("http://six.example/feed", "feed")
        await context.__aexit__(None, None, None)
        return good.outcome, bad.outcome

    assert asyncio.run(run()) == ("ok", "blocked")


def test_a_name_that_does_not_exist_is_a_dns_error():
    """The top-level domain .invalid never exists (RFC 2606); the robots file is not what is blamed."""

    async def run():
        async with open_client(ClientSettings("Tester/1", deadline=10.0), lambda: NOW) as client:
            return await client.fetch("http://no-such-host.invalid/feed", "feed")

    assert asyncio.run(run()).outcome == "dns_error"


def test_a_closed_port_is_a_connect_error():
    """Nobody listens: told as such, not as a robots rule."""

    async def run():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ClientSettings("Tester/1", allow_hosts=frozenset({("127.0.0.1", port)}), deadline=2.0)
        async with open_client(options, lambda: NOW) as client:
            return await client.fetch(f"http://127.0.0.1:{port}/feed", "feed")

    assert asyncio.run(run()).outcome == "connect_error"


def test_robots_are_obeyed_except_where_the_publisher_offers_the_feed():
    """A byte-order mark does not hide the first rule."""
    routes = {
        "/robots.txt": reply(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /feed", kind="text/plain"),
        "/feed": reply(200, FEED),
    }
    denied, server = fetch(routes)
    assert denied.outcome == "robots_denied"
    assert server.asked("/feed") == 0
    offered, server = fetch(routes, ignores_robots=True)
    assert offered.outcome == "ok"
    assert server.asked("/robots.txt") == 0


def test_robots_are_asked_once_and_at_each_hop():
    """Two fetches need one robots file, and a redirect into what is denied stops there."""
    rules = reply(200, b"User-agent: tester\nDisallow: /private", kind="text/plain")
    routes = {"/robots.txt": rules, "/feed": reply(200, FEED), "/in": reply(302, b"", "Location: /private/feed")}
    _, server = fetch(routes, nights=2)
    assert server.asked("/robots.txt") == 1
    answer, server = fetch(routes, "/in")
    assert answer.outcome == "robots_denied"
    assert server.asked("/private/feed") == 0


@pytest.mark.parametrize(("status", "wanted"), [(500, "robots_denied"), (404, "ok"), (403, "ok"), (503, "robots_denied")])
def test_a_robots_file_that_fails_means_no_and_one_that_is_missing_yes(status, wanted):
    """5xx: nobody knows what it says. 4xx: there is none."""
    assert fetch({"/robots.txt": reply(status), "/feed": reply(200, FEED)})[0].outcome == wanted


def test_robots_kept_from_an_earlier_night_are_not_asked_for_again():
    """The caller hands the copies of last night in, and gets those of this night back."""

    async def run():
        async with serving({"/feed": reply(200, FEED)}) as server:
            copy = RobotsCopy(server.origin, NOW, Outcome.OK, None, "User-agent: *\nDisallow: /", None)
            allowed = frozenset({("127.0.0.1", server.port)})
            async with open_client(ClientSettings("Tester/1", allow_hosts=allowed), lambda: NOW, [copy]) as client:
                answer = await client.fetch(server.origin + "/feed", "feed")
                return answer.outcome, server.log, client.robots_seen[server.origin] is copy

    assert asyncio.run(run()) == ("robots_denied", [], True)


def _fetch_many(routes, paths, **options):
    async def run():
        async with serving(routes) as server, _client(server, **options) as client:
            requests = [FetchRequest(server.origin + path, "page", key=path) for path in paths]
            found = {request.key: answer async for request, answer in client.fetch_many(requests)}
            return found, server

    return asyncio.run(run())


PAGE = reply(200, b"<html><p>text</p></html>", kind="text/html")


def test_a_host_is_asked_over_one_connection_with_a_gap():
    """Robots file and redirects count: no two requests of a host come closer than the gap."""
    routes = {f"/{n}": PAGE for n in range(4)} | {"/4": reply(302, b"", "Location: /0")}
    found, server = _fetch_many(routes, [f"/{n}" for n in range(5)], host_gap=0.05)
    assert {answer.outcome for answer in found.values()} == {"ok"}
    assert server.most_open == 1
    times = [entry["at"] for entry in server.log]
    assert len(times) == 7
    assert min(b - a for a, b in pairwise(times)) >= 0.05


def test_a_crawl_delay_lengthens_the_gap():
    """What the robots file asks for counts when it is longer than ours."""
    robots = reply(200, b"User-agent: *\nCrawl-delay: 0.2", kind="text/plain")
    _, server = _fetch_many({"/robots.txt": robots, "/0": PAGE, "/1": PAGE}, ["/0", "/1"], host_gap=0.0)
    times = [entry["at"] for entry in server.log]
    assert times[2] - times[1] >= 0.2


@pytest.mark.parametrize("status", [429, 503])
def test_a_throttled_host_is_left_alone(status):
    """After one 429 or 503 nothing more is sent there; what was not sent says until when."""
    paths = [f"/{n}" for n in range(5)]
    found, server = _fetch_many({path: reply(status, b"", "Retry-After: 7200") for path in paths}, paths)
    assert len(server.log) == 2  # the robots file, and the one that was refused
    assert {answer.outcome for answer in found.values()} == {"throttled"}
    unsent = [answer for answer in found.values() if not answer.was_sent]
    assert len(unsent) == 4
    assert {answer.retry_after_seconds for answer in unsent} == {7200}


def test_a_challenge_gets_no_second_try():
    """Neither the same address nor another page of the host is asked again that night."""
    paths = ["/0", "/1"]
    found, server = _fetch_many({path: reply(403, b"<html>", "cf-mitigated: challenge") for path in paths}, paths)
    assert {answer.outcome for answer in found.values()} == {"challenge"}
    assert len(server.log) == 2


def test_what_a_fetch_raises_ends_the_crowd():
    """A programming error is raised to the caller and does not hang the night."""

    async def run():
        async with serving({}) as server, _client(server) as client:
            client._fetch_request = None
            async for _ in client.fetch_many([FetchRequest(server.origin + "/0")]):
                pass

    with pytest.raises(TypeError):
        asyncio.run(run())


def test_the_archived_head_describes_the_decoded_body():
    """As it came, but what described the wire stands under another name and the length is true."""
    answer, _ = fetch({"/feed": reply(200, gzip.compress(FEED), "Content-Encoding: gzip", "X-Kept: 1")})
    head = answer.archive_head().decode()
    assert head.startswith("HTTP/1.1 200 Some Phrase\r\n")
    assert "\r\nX-Kept: 1\r\n" in head
    assert "\r\nX-Crawl-Content-Encoding: gzip\r\n" in head
    assert f"\r\nContent-Length: {len(FEED)}\r\n" in head
    assert "\r\nContent-Encoding" not in head


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_answer_breaks_the_client(data):
    """Whatever bytes a server sends, an outcome comes of them: none is an exception."""
    good = reply(200, gzip.compress(FEED), "Content-Encoding: gzip", "ETag: x", "Connection: close")
    cut = good[: data.draw(st.integers(0, len(good)))]
    spoilt = bytearray(cut)
    for _ in range(data.draw(st.integers(0, 6))):
        if spoilt:
            spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    served = bytes(spoilt) + b"\nConnection: close"
    answer, _ = fetch({"/feed": served}, settings={"deadline": 1.0})
    assert isinstance(answer.outcome, Outcome)
    assert answer.outcome == "ok" or answer.reason
