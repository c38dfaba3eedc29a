"""A source that moves to another domain: three nights over real HTTP with an old host, a new host
and an edited feed list.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.fetch.loopback import NOW, item, reply, rss, serving
from tests.flows.nights import collect, settings_for
from tidings.stages.moved_articles import Appearance, find_earlier_urls
from tidings.stages.moved_sources import claim_domains
from tidings.storage.lake import open_lake
from tidings.storage.pending import feeds, publishers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.stages.run import Run

VOTE, FERRY = (
    "The council of the town voted for the bridge. " * 30,
    "A ferry now crosses the river on every day. " * 30,
)
HARBOUR = "The harbour opens again after a long winter. " * 30
DAY = dt.timedelta(days=1)


def page(title: str, text: str) -> bytes:
    """Return the response with a page of the outlet."""
    body = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p>"
        "</article></body></html>"
    )
    return reply(200, body.encode(), kind="text/html; charset=utf-8")


def feed(origin: str, **titles: str) -> bytes:
    """Return the response with a feed that lists pages of an origin by their path."""
    return reply(
        200,
        rss(
            *(
                item(n, link=f"{origin}/{path}", title=title)
                for n, (path, title) in enumerate(titles.items())
            )
        ),
    )


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Return the last run, the origins of both hosts, and the log of three nights.

    On night 1 the old host shows two articles. On night 2 it redirects to the new host, which shows
    both again, the first with an added sentence and the second at another path, and a third one. On
    night 3 the feed list has the new URL.
    """
    folder = tmp_path_factory.mktemp("moved")
    lines: list[str] = []

    async def run() -> tuple[Run, str, str]:
        routes: tuple[dict[str, Any], dict[str, Any]] = {}, {}
        async with serving(routes[0]) as old, serving(routes[1]) as new:
            routes[0].update({"/a": page("A vote", VOTE), "/b": page("A ferry", FERRY)})
            routes[0]["/feed"] = feed(old.origin, a="A vote", b="A ferry")
            routes[1].update(
                {"/a": page("A vote", VOTE + "It was close."), "/n/b": page("A ferry", FERRY)}
            )
            routes[1].update({"/c": page("A harbour", HARBOUR)})
            routes[1]["/feed"] = feed(new.origin, a="A vote", **{"n/b": "A ferry"}, c="A harbour")
            (folder / "feeds.csv").write_text(f"feed_id,url\ntown,{old.origin}/feed\n")
            hosts = [f"127.0.0.1:{server.port}" for server in (old, new)]
            settings = settings_for(folder / "data", folder / "feeds.csv", hosts)
            await asyncio.to_thread(collect, settings, NOW)
            routes[0]["/feed"] = reply(301, b"", f"Location: {new.origin}/feed")
            await asyncio.to_thread(collect, settings, NOW + DAY, lines.append)
            (folder / "feeds.csv").write_text(f"feed_id,url\ntown,{new.origin}/feed\n")
            last = await asyncio.to_thread(collect, settings, NOW + 2 * DAY)
            return last, old.origin, new.origin

    last, old, new = asyncio.run(run())
    return SimpleNamespace(run=last, old=old, new=new, lines=lines)


def rows(moved: SimpleNamespace, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the lake."""
    with open_lake(moved.run.lake, read_only=True) as con:
        return con.execute(query).fetchall()


def test_articles_on_the_new_domain_belong_to_the_same_publisher(moved: SimpleNamespace) -> None:
    """The publisher owns both domains as soon as the old one redirects; the log names the new
    one.
    """
    name, new = moved.old.removeprefix("http://"), moved.new.removeprefix("http://")
    assert rows(moved, "select distinct publisher_id from core.articles") == [(name,)]
    assert rows(
        moved,
        "select publisher_id, domains from ref.publishers where contains(publisher_id, '127.')",
    ) == [(name, [name, new])]
    assert f"{name} also publishes on {new}, because its source moved there" in moved.lines


def test_an_article_on_the_new_domain_is_not_counted_twice(moved: SimpleNamespace) -> None:
    """The pages of the new domain are revisions of the articles on the old one, with the same path
    or the same text.
    """
    articles = rows(moved, "select url, title from core.articles order by title")
    assert articles == [
        (f"{moved.old}/b", "A ferry"),
        (f"{moved.new}/c", "A harbour"),
        (f"{moved.old}/a", "A vote"),
    ]
    assert rows(
        moved, "select contains(body_text, 'close') from core.articles where title = 'A vote'"
    ) == [(True,)]
    assert rows(moved, "select count(distinct first_seen_at) from core.articles") == [(2,)]
    assert rows(moved, "select count(*), count(distinct article_id) from core.extractions") == [
        (5, 3)
    ]


def test_the_source_keeps_its_history(moved: SimpleNamespace) -> None:
    """Entries of all nights have one feed, one publisher lists them, and the move leaves no gap."""
    assert rows(
        moved, "select feed_id, count(distinct url) from raw.feed_entries group by all"
    ) == [("town", 5)]
    assert rows(moved, "select count(*) from raw.feeds") == [(1,)]
    assert rows(moved, "select count(*) from raw.feed_gaps") == [(0,)]
    assert rows(moved, "select count(distinct publisher_id) from raw.captures") == [(1,)]


@pytest.fixture(scope="module")
def known(moved: SimpleNamespace) -> Iterator[tuple[Any, Any]]:
    """Return an open lake with the articles of the nights, and its publishers."""
    with open_lake(moved.run.lake, read_only=True) as con:
        yield con, publishers(con)


def test_other_pages_with_the_same_title_are_other_articles(
    moved: SimpleNamespace, known: tuple[Any, Any]
) -> None:
    """The same title alone, the same domain, or another publisher does not make two pages one
    article.
    """
    name = moved.old.removeprefix("http://")
    (first,) = rows(moved, "select content_hash from core.articles where title = 'A ferry'")
    shown = [
        Appearance(name, "A ferry", f"{moved.new}/other", "another text"),
        Appearance(name, "A ferry", f"{moved.old}/second", first[0]),
        Appearance("stranger", "A ferry", f"{moved.new}/b", first[0]),
    ]
    assert find_earlier_urls(*(known[0], shown, known[1])) == {}
    same = [shown[0]._replace(content_hash=first[0]), shown[0]._replace(url=f"{moved.new}/b")]
    assert set(find_earlier_urls(known[0], same, known[1]).values()) == {f"{moved.old}/b"}


def test_issues_of_a_series_are_other_articles() -> None:
    """A fixed title and path on two sites is one article unless its texts differ and its dates are
    far apart.
    """
    first = Appearance("town", "Daily briefing", "https://a.example/briefing", "one", NOW)
    other = first._replace(
        url="https://b.example/briefing", content_hash="two", published_at=NOW + 9 * DAY
    )
    assert not other.is_same(first)
    assert other._replace(content_hash="one").is_same(first)
    assert other._replace(published_at=NOW + DAY).is_same(first)
    assert other._replace(published_at=None).is_same(first)


def test_a_feed_host_is_not_a_publishers_domain(moved: SimpleNamespace) -> None:
    """A domain is claimed only if most links of the source are there, and if no publisher names
    it.
    """
    with open_lake(moved.run.lake) as con:
        con.execute("begin")
        sources, name = list(feeds(con).values()), moved.old.removeprefix("http://")
        alone = replace(publishers(con)[name], domains=[name])
        assert claim_domains(con, sources, [alone])[0].domains == [
            name,
            moved.new.removeprefix("http://"),
        ]
        rival = replace(alone, publisher_id="rival", domains=[moved.new.removeprefix("http://")])
        assert claim_domains(con, sources, [alone, rival]) == [alone, rival]
        con.execute("update raw.feed_states set moved_to = 'http://feeds.host-example.org/town'")
        assert claim_domains(con, sources, [alone]) == [alone]
        con.execute("rollback")
