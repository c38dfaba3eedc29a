"""The HTTP client, with a loopback server that sends valid and invalid responses."""

import asyncio
import gzip
import zlib
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fetch.loopback import fetch, item, opened_client, reply, rss, serving
from tidings.fetch.response import Outcome, Response
from tidings.fetch.worker_pool import FetchRequest

FEED = rss(item(1), item(2))


def drip() -> list[bytes]:
    return [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"] + [b"x"] * 400


def drip_head() -> list[bytes]:
    return [b"HTTP/1.1 200 OK\r\nX-Long: "] + [b"x"] * 400


def flood() -> list[bytes]:
    return [b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss>"] + [b" " * 1_000_000] * 400


def hang_up() -> bytes:
    raise ConnectionResetError


CHUNKED = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


def coded(*parts: bytes, coding: str = "gzip") -> bytes:
    """Return a response whose body has a content coding."""
    return reply(200, b"".join(parts), f"Content-Encoding: {coding}")


page = partial(reply, kind="text/html")
PACKED, BOMB = gzip.compress(FEED), gzip.compress(b"<rss>" + b"A" * 21_000_000, 1)
BODIES = {
    "plain": (reply(200, FEED), "ok"),
    "gzip": (coded(PACKED), "ok"),
    "two gzip members": (coded(gzip.compress(FEED[:99]), gzip.compress(FEED[99:])), "ok"),
    "gzip and rubbish": (coded(PACKED, b"\0rubbish"), "ok"),
    "deflate": (coded(zlib.compress(FEED), coding="deflate"), "ok"),
    "raw deflate": (coded(zlib.compress(FEED)[2:-4], coding="deflate"), "ok"),
    "a gzip file": (reply(200, PACKED, kind="application/gzip"), "ok"),
    "cut gzip": (coded(PACKED[:-20]), "truncated"),
    "no gzip": (coded(FEED), "protocol_error"),
    "brotli": (coded(b"\x1b\x0e", coding="br"), "protocol_error"),
    "zstandard": (coded(b"\x28\xb5\x2f\xfd" + bytes(20), coding="zstd"), "protocol_error"),
    "too long": (reply(200, b"<rss>" + b" " * 5_000_001), "too_big"),
    "a bomb": (coded(BOMB), "too_big"),
    "a bomb in a bomb": (coded(gzip.compress(BOMB)), "too_big"),
    "a bomb behind a feed": (coded(PACKED, BOMB), "too_big"),
    "countless parts": (coded(gzip.compress(b"") * 200_000), "too_big"),
    "countless parts, unsaid": (reply(200, gzip.compress(b"") * 200_000), "too_big"),
    "length too long": (reply(200, FEED, "Connection: close", length=len(FEED) + 9), "truncated"),
    "length too short": (reply(200, FEED, "Connection: close", length=50), "protocol_error"),
    "length below zero": (reply(200, FEED, length=-1), "protocol_error"),
    "a cut chunk": (CHUNKED + b"%x\r\n" % len(FEED) + FEED[:99], "truncated"),
    "chunks": (CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(FEED), FEED), "ok"),
    "a slow drip": (drip, "timeout"),
    "a slow head": (drip_head, "timeout"),
    "an endless body": (flood, "too_big"),
    "a long head": (reply(200, FEED, "X-Long: " + "x" * 200_000), "protocol_error"),
    "no response": (lambda: b"", "timeout"),
    "a closed connection": (hang_up, "connect_error"),
    "nothing": (reply(200, b""), "empty"),
    "white space": (reply(200, b" \n"), "empty"),
    "a page": (page(200, b"<!doctype html><title>News</title>"), "not_feed"),
    "a feed called a page": (page(200, FEED), "ok"),
    "utf-16": (reply(200, FEED.decode().replace("utf-8", "utf-16").encode("utf-16")), "ok"),
    "a challenge": (page(403, b"<html>", "cf-mitigated: challenge"), "challenge"),
    "a titled challenge": (page(200, b"<html><title>Just a moment...</title>"), "challenge"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_comes_to_its_outcome(name: str) -> None:
    """Every kind of body has one outcome, and every outcome except ok has a sentence."""
    served, wanted = BODIES[name]
    response, _ = fetch(
        {"/feed": (lambda _: served()) if callable(served) else served}, settings={"deadline": 1.0}
    )
    assert response.outcome == wanted
    assert (response.reason is None) == (wanted == "ok")
    if wanted == "ok" and name != "utf-16":
        assert response.body == FEED


@pytest.mark.parametrize("tag", ['"plain"', 'W/"weak"', '"z1-gzip"', "unquoted", '"ümlaut"'])
def test_validators_are_echoed_byte_for_byte(tag: str) -> None:
    """Validators are sent back unchanged, and the 304 that follows has the outcome not_modified."""
    first = reply(200, FEED).replace(
        b"Content-Type", b"ETag: " + tag.encode() + b"\r\nContent-Type"
    )

    def response(headers: dict[str, str]) -> bytes:
        sent = headers.get("if-none-match", "").encode("latin-1")
        return reply(304) if sent == tag.encode() else first

    async def run() -> Response:
        async with serving({"/feed": response}) as server, opened_client(server) as client:
            one = await client.fetch(server.origin + "/feed", "feed")
            return await client.fetch(server.origin + "/feed", "feed", etag=one.etag)

    assert asyncio.run(run()).outcome == "not_modified"


def test_a_move_is_permanent_only_if_every_hop_is() -> None:
    """A 301 followed by a 308 is a permanent move; a 301 followed by a 302 is not."""
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


def test_five_redirects_are_followed_and_no_more() -> None:
    """A sixth redirect and a redirect loop are errors."""
    routes = {f"/{n}": reply(302, b"", f"Location: /{n + 1}") for n in range(6)}
    assert fetch(routes | {"/5": reply(200, FEED)}, "/0")[0].outcome == "ok"
    assert fetch(routes | {"/6": reply(200, FEED)}, "/0")[0].outcome == "redirect_error"
    for target in ("/x", "", " "):
        response, _ = fetch({"/x": reply(302, b"", f"Location: {target}")}, "/x")
        assert response.outcome == "redirect_error"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_without_a_location_is_a_redirect_error(status: int) -> None:
    """A redirect without Location yields redirect_error, but a challenge stays a challenge."""
    response, _ = fetch({"/feed": reply(status)})
    found = (response.outcome, response.status, response.reason)
    assert found == ("redirect_error", status, "A redirect names no URL.")
    challenged, _ = fetch({"/feed": reply(status, b"<html><title>Just a moment...</title>")})
    assert challenged.outcome == "challenge"


@pytest.mark.parametrize("is_paced", [True, False])
def test_a_deadline_starts_with_the_turn_at_the_host(is_paced: bool) -> None:
    """Requests to a host run in turn; no deadline counts the time of another request."""
    busy, most = [], []

    async def response() -> bytes:
        busy.append(1)
        most.append(len(busy))
        await asyncio.sleep(0.01)
        busy.pop()
        return reply(200, FEED)

    async def run() -> None:
        routes = {f"/{number}": lambda _: response() for number in range(9)}
        async with serving(routes) as server, opened_client(server, is_paced=is_paced) as client:
            await asyncio.gather(
                *(client.fetch(f"{server.origin}/{number}") for number in range(9))
            )

    asyncio.run(run())
    assert most == [1] * 9


def test_nothing_is_told_that_was_not_asked() -> None:
    """Requests have no cookie and no referrer, and the User-Agent is the one in the settings.
    Encoded line ends in a redirect stay encoded in the next request.
    """
    routes = {
        "/a": reply(302, b"", "Location: /feed", "Set-Cookie: a=b; Path=/"),
        "/feed": reply(200, FEED),
    }
    _, server = fetch(routes, "/a", nights=2)
    for entry in server.log:
        assert not {"cookie", "referer"} & entry["headers"].keys()
        assert entry["headers"]["user-agent"] == "Tester/1"
        assert entry["headers"]["accept-encoding"] == "gzip, deflate"
    response, server = fetch({"/feed": reply(302, b"", "Location: /good%0d%0aX-Added:1")})
    assert response.outcome == "http_error"
    assert server.log[-1]["path"].lower() == "/good%0d%0ax-added:1"
    assert "x-added" not in server.log[-1]["headers"]


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proxy, the address check would check the proxy's IP address instead of the host's."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetch({"/feed": reply(200, FEED)})[0].outcome == "ok"


PRIVATE = """
    http://10.0.0.1/ http://[::1]/ http://2130706433/ http://localhost/
    http://169.254.169.254/latest/
""".split()
REFUSED = """
    file:///etc/passwd ftp://example.org/ javascript:alert(1) http://user:word@127.0.0.1/
    http://127.0.0.1:22/
""".split()


@pytest.mark.parametrize("target", PRIVATE + REFUSED)
def test_a_redirect_to_a_private_place_is_not_followed(target: str) -> None:
    """The target of each redirect is checked like the first URL."""
    response, _ = fetch({"/feed": reply(302, b"", f"Location: {target}")})
    assert response.outcome == "blocked"


def test_what_a_fetch_raises_ends_the_crowd() -> None:
    """A programming error in a fetch is raised to the caller, and the run does not hang."""

    async def run() -> None:
        async with serving({}) as server, opened_client(server) as client:
            client._fetch_request = None  # type: ignore[assignment, method-assign]
            async for _ in client.fetch_many([FetchRequest(server.origin + "/0")]):
                pass

    with pytest.raises(TypeError):
        asyncio.run(run())


def test_the_archived_head_describes_the_decoded_body() -> None:
    """Transfer headers get a prefix, the length is the decoded body's, others stay."""
    served = reply(200, PACKED, "Content-Encoding: gzip", "X-Kept: 1")
    first, *head = fetch({"/feed": served})[0].archive_head().decode().split("\r\n")
    assert first == "HTTP/1.1 200 Some Phrase"
    length = f"Content-Length: {len(FEED)}"
    assert {"X-Kept: 1", "X-Crawl-Content-Encoding: gzip", length} <= set(head)
    assert not [line for line in head if line.startswith("Content-Encoding")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_answer_breaks_the_client(data: st.DataObject) -> None:
    """Any bytes from a server yield an outcome and no exception."""
    good = reply(200, gzip.compress(FEED), "Content-Encoding: gzip", "ETag: x", "Connection: close")
    cut = good[: data.draw(st.integers(0, len(good)))]
    spoilt = bytearray(cut)
    for _ in range(data.draw(st.integers(0, 6))):
        if spoilt:
            spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    served = bytes(spoilt) + b"\nConnection: close"
    response, _ = fetch({"/feed": served}, settings={"deadline": 1.0})
    assert isinstance(response.outcome, Outcome)
    assert response.outcome == "ok" or response.reason


HEADER_NAMES = """
    Retry-After Content-Type Location ETag Last-Modified Cache-Control Content-Encoding Date Link
""".split()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    status=st.sampled_from([200, 200, 301, 302, 304, 403, 404, 429, 503]),
    name=st.sampled_from(HEADER_NAMES),
    value=st.one_of(
        st.binary(max_size=40),
        st.text(max_size=20).map(str.encode),
        st.from_regex(
            rb"(Mon, 01 Jan )?[0-9]{1,30}( 00:00:00)?( [+-][0-9]{1,20})?", fullmatch=True
        ),
        st.sampled_from(["²".encode(), "١".encode(), b"http://[", b"//", b"http://\xff/"]),
    ),
)
def test_whatever_a_header_says_can_be_stored(status: int, name: str, value: bytes) -> None:
    """Any bytes in a header yield texts that a table can store, and no exception."""
    value = value.translate(None, b"\r\n\0")
    served = reply(status, b"" if status == 304 else FEED).replace(
        b"\r\n", b"\r\n" + name.encode() + b": " + value + b"\r\n", 1
    )
    response, _ = fetch({"/feed": served, "/robots.txt": reply(404)}, settings={"deadline": 1.0})
    validators = (response.etag, response.last_modified)
    texts = (response.reason, response.final_url, response.content_type, *validators)
    assert "".join(text for text in texts if text).encode()
    assert response.archive_head()
