"""The registry by hand."""

import asyncio
import csv
import os
import subprocess
import sys

import pytest

from tests.flows.fetch.loopback import item, reply, rss, serving

COMMAND = [sys.executable, "-c", "from tidings.flows.cli.feeds import feeds; feeds()"]
ROUTES = {
    "/feed": reply(200, rss(item(1), item(2)), 'ETag: "v"'),
    "/page": reply(200, b'<html><link rel="alternate" type="application/rss+xml" href="/feed"><p>x</p></html>', kind="text/html"),
    "/old": reply(301, b"", "Location: /feed"),
    "/gone": reply(410),
}


@pytest.fixture
def registry(tmp_path):
    """Where the registry will be."""
    return tmp_path / "feeds.csv"


def run(registry, *commands, routes=ROUTES):
    """Run commands one after the other against a server; ``{}`` in an argument is its origin. Return their outputs."""

    async def go():
        outputs = []
        async with serving(routes) as server:
            env = os.environ | {
                "TIDINGS_FEEDS": str(registry),
                "TIDINGS_ALLOW_HOSTS": f"127.0.0.1:{server.port}",
                "TIDINGS_HOST_GAP": "0",
            }
            if registry.exists():
                registry.write_text(registry.read_text().replace("{}", server.origin))
            for command in commands:
                arguments = [part.replace("{}", server.origin) for part in command]
                done = await asyncio.create_subprocess_exec(
                    *COMMAND, *arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
                out, err = await done.communicate()
                outputs.append((done.returncode, out.decode() + err.decode(), server.origin))
        return outputs

    return asyncio.run(go())


def rows_of(registry):
    with registry.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_pages_feed_is_found_and_added(registry):
    """With its day of checking, and the page as its source; a second time it is refused."""
    (first, _, origin), (second, told, _) = run(registry, ["add", "{}/page"], ["add", "{}/feed"])
    assert first == 0
    (row,) = rows_of(registry)
    assert (row["url"], row["source"], row["kind"], row["is_enabled"]) == (f"{origin}/feed", f"{origin}/page", "feed", "true")
    assert len(row["checked_on"]) == 10
    assert second != 0
    assert "already" in told
    assert len(rows_of(registry)) == 1


def test_what_names_no_feed_is_refused(registry):
    """With a sentence, and nothing is written."""
    ((code, told, _),) = run(registry, ["add", "{}/gone"])
    assert code != 0
    assert "removed this URL permanently" in told
    assert not registry.exists()


def test_a_check_says_what_to_change(registry):
    """The new address of what has moved, what is gone, a page where a feed was; only what is in order is marked so."""
    registry.write_text("feed_id,url\ngood,{}/feed\nmoved,{}/old\ngone,{}/gone\npage,{}/page\n")
    ((code, told, origin),) = run(registry, ["check", "--write"])
    assert code == 0
    assert "good: ok." in told
    assert f"url: it moved permanently to {origin}/feed." in told
    assert "gone: gone." in told
    assert "is_enabled: set it to false." in told
    assert f"url: the page links the feed {origin}/feed." in told
    assert "2 of 4 in order" in told
    assert {row["feed_id"]: bool(row["checked_on"]) for row in rows_of(registry)} == {
        "good": True,
        "moved": True,
        "gone": False,
        "page": False,
    }


def test_the_registry_survives_the_way_through_opml(registry, tmp_path):
    """Exported and imported with --trust into an empty one, every row is what it was."""
    registry.write_text(
        "feed_id,url,publisher_id,kind,language,topics,is_enabled,has_full_text,ignores_robots,item_selector,next_selector,"
        "day_url,checked_on,source\n"
        'a,https://a.example/f?x=1&y=2,p,feed,zh,"trade|law, order",true,false,false,,,,2026-05-01,docs\n'
        'b,https://b.example/list,,listing,,,false,false,false,"ul > li a",a.next,https://b.example/{yyyy}.html,,\n'
    )
    before = rows_of(registry)
    out = tmp_path / "all.opml"
    run(registry, ["export", str(out)])
    registry.unlink()
    run(registry, ["import", "--trust", str(out)])
    assert rows_of(registry) == before
    ((_, told, _),) = run(registry, ["import", str(out)])
    assert told.startswith("0 of 2")


def test_an_opml_file_grants_no_rights(registry, tmp_path):
    """Without --trust an import takes URL, title and folder, and the message says how many feeds set other columns."""
    opml = tmp_path / "foreign.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="Law"><outline text="Evil" xmlUrl="https://evil.example/f" feed_id="bbc"'
        ' publisher_id="bbc" has_full_text="true" ignores_robots="true" kind="listing" item_selector="a" topics="x"'
        ' domains="bbc.example" time_zone="UTC"/></outline><outline text="B" xmlUrl="https://b.example/f"/></body></opml>',
        encoding="utf-8",
    )
    ((_, told, _),) = run(registry, ["import", str(opml)])
    assert "2 of 2 feeds added" in told
    assert "Ignored the other columns of 1 feed in the file." in " ".join(told.split())
    found = [{name: cell for name, cell in row.items() if cell} for row in rows_of(registry)]
    assert found == [
        {"feed_id": "evil-evil", "url": "https://evil.example/f", "topics": "Law"},
        {"feed_id": "b-b", "url": "https://b.example/f"},
    ]


def test_a_list_tells_what_was_checked(registry):
    """A line a source."""
    registry.write_text("feed_id,url,is_enabled,checked_on\na,https://a.example/,false,\nb,https://b.example/,,2026-05-01\n")
    ((_, told, _),) = run(registry, ["list"])
    assert told.splitlines() == [
        "a\tfeed\t-\toff\tunchecked\thttps://a.example/",
        "b\tfeed\t-\ton\t2026-05-01\thttps://b.example/",
    ]


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("many", "url: {}/feed\n"),  # the main feed, not the comments; against the page's own base
        ("relative", "url: {}/feed?a=1&b=2\n"),
        ("linked", "url: {}/rss.xml\n"),
        ("quiet", "It shows no entry now."),
        ("none", "is no feed and names none."),
        ("dead", "{}/nowhere: The server has no document at this URL (404)."),
        ("private", "http://10.0.0.1/feed: 10.0.0.1 is not on the public internet."),
    ],
)
def test_a_page_is_searched_for_its_feed(registry, page, wanted):
    """Whatever it names, and however; where nothing is found, each place that was tried says why."""

    def link(href, title=""):
        return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'

    pages = {
        "/many": f'<base href="/sub/">{link("../talk", "Comments")}{link("../feed", "News")}{link("../other", "Other")}',
        "/relative": link("feed?a=1&amp;b=2"),
        "/linked": '<a href="/rss.xml">RSS</a>',
        "/none": "<p>hello",
        "/dead": link("/nowhere"),
        "/private": link("http://10.0.0.1/feed"),
    }
    feed = reply(200, rss(item(1)))
    routes = dict.fromkeys(["/feed", "/feed?a=1&b=2", "/rss.xml", "/talk", "/other"], feed) | {"/quiet": reply(200, rss())}
    routes |= {path: reply(200, f"<html>{body}".encode(), kind="text/html") for path, body in pages.items()}
    ((code, told, origin),) = run(registry, ["add", "{}/" + page], routes=routes)
    assert wanted.replace("{}", origin) in told
    assert registry.exists() == (code == 0) == wanted.startswith(("url", "It"))
    assert "Warning" not in told


def test_an_opml_file_of_another_reader_is_read(registry, tmp_path):
    """Folders in folders, odd characters, the attribute in any case, feed: for http; what cannot be asked is left out."""
    opml = tmp_path / "other.opml"
    opml.write_text(
        '<opml version="1.0"><body><outline text="Law &amp; order"><outline text="中文 「新闻」">'
        '<outline text="A &quot;q&quot; &lt;b&gt;" xmlURL="https://a.example/f?x=1&amp;y=2"/>'
        '<outline text="Again" xmlUrl="HTTPS://A.example:443/f?x=1&amp;y=2"/></outline></outline>'
        '<outline text="B" xmlUrl="feed://b.example/rss"/><outline text="C" xmlUrl="javascript:alert(1)"/></body></opml>',
        encoding="utf-8",
    )
    (told, nothing) = (
        text for _, text, _ in run(registry, ["import", str(opml)], ["export", str(tmp_path / "no" / "such.opml")])
    )
    assert "javascript:alert(1): left out." in told
    assert "2 of 4 feeds added" in told
    assert [(row["url"], row["topics"], row["checked_on"]) for row in rows_of(registry)] == [
        ("https://a.example/f?x=1&y=2", "Law & order|中文 「新闻」", ""),
        ("http://b.example/rss", "", ""),
    ]
    assert "cannot be written: No such file or directory." in " ".join(nothing.split())
