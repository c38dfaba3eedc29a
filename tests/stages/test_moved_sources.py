"""A source moves to another domain: three nights over HTTP, old host, new host and edited list."""

import asyncio
import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fetch.loopback import NOW, item, reply, rss, serving
from tests.flows.nights import collect, settings_with
from tidings.base.records import Feed, Publisher
from tidings.stages.annotate import annotate
from tidings.stages.prepare import claim_domains
from tidings.stages.run import Run
from tidings.storage.lake import open_lake
from tidings.storage.load import read_by_key

pytestmark = pytest.mark.slow

VOTE = " ".join(f"The council of the town voted for bridge {number}." for number in range(30))
FERRY = "A ferry now crosses the river on every day. " * 30
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
                {"/a": page("A vote", VOTE + " It was close."), "/n/b": page("A ferry", FERRY)}
            )
            routes[1].update({"/c": page("A harbour", HARBOUR)})
            routes[1]["/feed"] = feed(new.origin, a="A vote", **{"n/b": "A ferry"}, c="A harbour")
            hosts = [f"127.0.0.1:{server.port}" for server in (old, new)]
            settings = settings_with(folder, [f"town,{old.origin}/feed"], hosts)
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
    """The publisher owns both domains once the old one redirects; the log names the new one."""
    name, new = moved.old.removeprefix("http://"), moved.new.removeprefix("http://")
    assert rows(moved, "select distinct publisher_id from core.articles") == [(name,)]
    assert rows(
        moved,
        "select publisher_id, domains from ref.publishers where contains(publisher_id, '127.')",
    ) == [(name, [name, new])]
    assert f"{name} also publishes on {new}, because its source moved there" in moved.lines


def test_an_article_on_the_new_domain_is_not_counted_twice(moved: SimpleNamespace) -> None:
    """The pages of the new domain whose articles the old one has, with the same text or the same
    title and a similar text, are republished.
    """
    annotate(moved.run)
    articles = rows(moved, "select url, excluded_reason from core.articles order by all")
    assert sorted(articles, key=str) == sorted(
        [
            (f"{moved.old}/a", None),
            (f"{moved.old}/b", None),
            (f"{moved.new}/a", "republished"),
            (f"{moved.new}/n/b", "republished"),
            (f"{moved.new}/c", None),
        ],
        key=str,
    )


def test_the_source_keeps_its_history(moved: SimpleNamespace) -> None:
    """Entries of all nights have one feed, one publisher lists them, and the move leaves no gap."""
    assert rows(
        moved, "select feed_id, count(distinct url) from raw.feed_entries group by all"
    ) == [("town", 5)]
    assert rows(moved, "select count(*) from raw.feeds") == [(1,)]
    assert rows(moved, "select count(*) from raw.feed_gaps") == [(0,)]
    assert rows(moved, "select count(distinct publisher_id) from raw.captures") == [(1,)]


def test_a_feed_host_is_not_a_publishers_domain(moved: SimpleNamespace) -> None:
    """A domain is claimed only if most links of the source go there and no publisher names it."""
    with open_lake(moved.run.lake) as con:
        con.execute("begin")
        sources, name = list(read_by_key(con, Feed).values()), moved.old.removeprefix("http://")
        alone = replace(read_by_key(con, Publisher)[name], domains=[name])
        found = claim_domains(con, sources, [alone])[0].domains
        assert found == [name, moved.new.removeprefix("http://")]
        rival = replace(alone, publisher_id="rival", domains=[moved.new.removeprefix("http://")])
        assert claim_domains(con, sources, [alone, rival]) == [alone, rival]
        con.execute("update raw.feed_states set moved_to = 'http://feeds.host-example.org/town'")
        assert claim_domains(con, sources, [alone]) == [alone]
        con.execute("rollback")
