"""Unusual feeds, from the response to the lake, in the polls of two consecutive evenings."""

import asyncio
from typing import Any

import pytest

from tests.fetch.loopback import item, reply, rss, serving
from tests.flows.nights import collect, settings_with
from tidings.storage.lake import Lake, open_lake

pytestmark = pytest.mark.slow

EVENINGS = ("2026-06-01T22:00:00+00:00", "2026-06-02T22:00:00+00:00")
HANGING = f"<item><title>x</title><author>{'a.' * 40_000}@{'b.' * 40_000}</author></item>"
SENTENCES = " ".join(
    f"In clause {n} the council set out how far the harbour may be dredged and who pays for it."
    for n in range(9)
)
PAGE = (
    f"<html lang='en'><head><title>On the"
    f" harbour</title></head><body><article><h1>Dredging</h1><p>{SENTENCES}</p></article>"
)


def _feeds() -> Any:
    """Return the bodies of each feed on the first and the second evening; ``{}`` is the server's
    origin.
    """
    feeds = {
        "cut": (rss(item(1), item(2)), rss(item(1), item(2))[:-160]),
        "hangs": rss(HANGING).replace(b'"2.0"', b'"0.91"'),
        "edited": (
            rss(item(1, title="Talks begin", link="{}/a/1")),
            rss(item(1, title="Talks end", link="{}/a/1")),
        ),
        "moved/here": rss(item(1, link="../a/1"), item(2, link="/a/2")),
    }
    return {name: body if isinstance(body, tuple) else (body, body) for name, body in feeds.items()}


@pytest.fixture(scope="module")
def evenings(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the server, the entries, the feed states and the captured pages after two evenings."""
    folder = tmp_path_factory.mktemp("entries")
    feeds, evening = _feeds(), [0]

    def route(bodies: Any) -> Any:
        def respond(_: Any) -> Any:
            body = bodies[evening[0]]
            return (
                body
                if body.startswith(b"HTTP/")
                else reply(200, body.replace(b"{}", origin[0]), kind="application/xml")
            )

        return respond

    origin = [b""]
    routes = {f"/{name}": route(bodies) for name, bodies in feeds.items()}
    routes |= {
        "/moved": reply(302, b"", "Location: /moved/here"),
        "/a/1": reply(200, PAGE.encode(), kind="text/html"),
    }
    routes["/a/2"] = routes["/a/1"]

    async def run_evenings() -> Any:
        async with serving(routes) as server:
            origin[0] = server.origin.encode()
            names = [name.removesuffix("/here") for name in feeds]
            rows = [f"{name},{server.origin}/{name},cn_source,Asia/Shanghai" for name in names]
            columns = "feed_id,url,publisher_id,time_zone"
            hosts = [f"127.0.0.1:{server.port}"]
            settings = settings_with(folder, rows, hosts, columns=columns)
            for number, now in enumerate(EVENINGS):
                evening[0] = number
                await asyncio.to_thread(collect, settings, now)
            return server

    server = asyncio.run(run_evenings())
    with open_lake(Lake(folder / "data"), read_only=True) as con:
        result = con.execute(
            "select * from raw.feed_entries order by feed_id, first_seen_at, guid, url, title"
        )
        columns = [column[0] for column in result.description]
        entries = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
        states = dict(
            con.execute(
                "select feed_id, {'outcome': outcome, 'reason': reason} from raw.feed_states"
            ).fetchall()
        )
        articles = con.execute(
            "select url, feed_id from raw.captures where kind = 'page' and outcome = 'ok'"
        ).fetchall()
    return server, entries, states, articles


@pytest.fixture
def shown(evenings: Any) -> Any:
    """Return a function that returns the entries of a feed in the order of first_seen_at."""
    return lambda name: [row for row in evenings[1] if row["feed_id"] == name]


def test_bad_feeds_cost_no_entry(shown: Any, evenings: Any) -> None:
    """A truncated feed deletes no entry, one that blocks the parser fails alone, and an edited
    title is a second revision with the time at which it was first seen.
    """
    assert {row["guid"] for row in shown("cut")} == {"notice-1", "notice-2"}
    assert evenings[2]["hangs"]["outcome"] == "not_feed"
    assert "5 seconds" in evenings[2]["hangs"]["reason"]
    assert not shown("hangs")
    assert {name for name, state in evenings[2].items() if state["outcome"] != "ok"} == {"hangs"}
    first, second = shown("edited")
    assert first["entry_id"] == second["entry_id"]
    assert (first["title"], second["title"]) == ("Talks begin", "Talks end")
    assert (second["first_seen_at"] - first["first_seen_at"]).days == 1


def test_links_are_resolved_and_requested_once(evenings: Any, shown: Any) -> None:
    """The base of relative links is the URL after redirects. A page that two feeds link to on two
    evenings is requested once.
    """
    found = [row["url"] for row in shown("moved")]
    assert found == [f"{evenings[0].origin}/a/1", f"{evenings[0].origin}/a/2"]
    server, _, _, pages = evenings
    assert server.request_count("/a/1") == 1
    found = sorted(url.removeprefix(server.origin) for url, _ in pages)
    assert found == ["/a/1", "/a/2"]
