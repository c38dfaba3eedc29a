"""``tidings feeds`` manages the feed list."""

import asyncio
import csv
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.fetch.loopback import item, reply, rss, serving
from tidings.cli.feeds import feeds

ROUTES = {
    "/feed": reply(200, rss(item(1), item(2)), 'ETag: "v"'),
    "/page": reply(
        200,
        b'<html><link rel="alternate" type="application/rss+xml" href="/feed"><p>x</p></html>',
        kind="text/html",
    ),
    "/old": reply(301, b"", "Location: /feed"),
    "/gone": reply(410),
}


@pytest.fixture
def registry(tmp_path: Path) -> Any:
    """Return the path of a feed list that does not exist yet."""
    return tmp_path / "feeds.csv"


def run(registry: Any, *commands: Any, routes: Any = ROUTES) -> Any:
    """Run commands in turn against a server, ``{}`` its origin, and return their outputs."""

    async def go() -> Any:
        outputs = []
        async with serving(routes) as server:
            env = {
                "TIDINGS_FEEDS": str(registry),
                "TIDINGS_ALLOW_HOSTS": f"127.0.0.1:{server.port}",
                "TIDINGS_HOST_GAP": "0",
            }
            if registry.exists():
                registry.write_text(registry.read_text().replace("{}", server.origin))
            for command in commands:
                arguments = [part.replace("{}", server.origin) for part in command]
                done = await asyncio.to_thread(CliRunner().invoke, feeds, arguments, env=env)
                outputs.append(
                    (done.exit_code, f"{done.output}{done.exception or ''}", server.origin)
                )
        return outputs

    return asyncio.run(go())


def rows_of(registry: Any) -> Any:
    with registry.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_pages_feed_is_found_and_added(registry: Any) -> None:
    """The new row has a check date and the page as its source; a second addition is refused."""
    (first, _, origin), (second, output, _) = run(registry, ["add", "{}/page"], ["add", "{}/feed"])
    assert first == 0
    (row,) = rows_of(registry)
    assert (row["url"], row["source"], row["kind"], row["is_enabled"]) == (
        f"{origin}/feed",
        f"{origin}/page",
        "feed",
        "true",
    )
    assert len(row["checked_on"]) == 10
    assert second != 0
    assert "already" in output
    assert len(rows_of(registry)) == 1


def test_a_check_recommends_changes(registry: Any) -> None:
    """A check reports moved, removed and replaced feeds, and a table what else to do about each."""
    registry.write_text("feed_id,url\ngood,{}/feed\nmoved,{}/old\ngone,{}/gone\npage,{}/page\n")
    ((code, output, origin),) = run(registry, ["check"])
    assert code == 0
    assert "good: ok." in output
    assert f"`tidings feeds move moved {origin}/feed` keeps its history." in output
    assert "gone: gone." in output
    assert f"2 items, first: Notice 1. Set url: {origin}/feed, kind: feed." in output
    assert "Working sources: 2 of 4" in output
    table = output.split("Working sources")[1]
    assert re.findall(r"warn +([a-z ]+): 1 source: ", table) == [
        "dead",
        "moved",
        "not a feed",
        "stale",
    ]
    assert "check --write` disables them" in table
    assert "check ID" not in table  # it has just run
    assert "checked_on" not in registry.read_text()


def test_a_check_updates_the_rows(registry: Any) -> None:
    """With --write, working sources get a check date, moved ones the new URL and their publisher,
    and dead ones are disabled. The table does not advise what has just happened.
    """
    registry.write_text(
        "feed_id,url,is_enabled,source\nback,{}/feed,false,a list; dead on 2026-01-02: The host"
        " does not exist\n"
        "moved,{}/old2,,a list\ngone,{}/gone,,\npage,{}/page,,\ntwin,{}/old,,\n"
    )
    routes = ROUTES | {"/old2": reply(301, b"", "Location: /feed2"), "/feed2": ROUTES["/feed"]}
    ((_, output, origin),) = run(registry, ["check", "--write"], routes=routes)
    assert f"Wrote {registry}: check dates, new URLs: 1, disabled sources: 2.\n" in output
    table = output.split("Working sources")[1]
    assert "dead: 1 source: gone\n" in table
    assert "--write" not in table
    back, moved, gone, page, twin = rows_of(registry)
    assert (back["is_enabled"], back["source"], twin["is_enabled"]) == ("true", "a list", "false")
    assert twin["source"].startswith("moved to the URL of back on 2")
    assert (
        bool(back["checked_on"]),
        bool(moved["checked_on"]),
        gone["checked_on"],
        page["checked_on"],
    ) == (True, True, "", "")
    assert moved["url"] == f"{origin}/feed2"
    assert moved["publisher_id"] == origin.removeprefix("http://")
    assert moved["source"].startswith(f"a list; moved from {origin}/old2 on 2")
    assert (gone["is_enabled"], page["is_enabled"], page["source"]) == ("false", "", "")
    assert "removed this URL permanently (410)" in gone["source"]


def test_a_check_without_a_network_changes_nothing(registry: Any) -> None:
    """If no source responds, the machine is probably offline, so no source counts as dead."""
    text = "feed_id,url\na,http://127.0.0.1:1/feed\nb,http://127.0.0.1:1/other\n"
    registry.write_text(text)
    done = CliRunner().invoke(
        feeds,
        ["check", "--write"],
        env={
            "TIDINGS_FEEDS": str(registry),
            "TIDINGS_ALLOW_HOSTS": "127.0.0.1:1",
            "TIDINGS_HOST_GAP": "0",
        },
    )
    assert "No source responded." in done.output
    assert registry.read_text() == text


def test_another_list_is_checked_and_a_reason_ends_before_the_content(
    registry: Any, tmp_path: Path
) -> None:
    """``--feeds`` names the list, as for a night. A source that lists nothing states it."""
    odd = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///x">]>'
    routes = {
        "/empty": reply(200, rss()),
        "/odd": reply(200, rss(item(1, title="&x;"), declaration=odd)),
    }
    registry.write_text("feed_id,url\nempty,{}/empty\nodd,{}/odd\n")
    other = ["check", "--feeds", str(tmp_path / "other.csv")]
    (lost, (code, output, _)) = run(registry, other, ["check"], routes=routes)
    assert (lost[0], code) == (1, 0)
    assert f"Feed list not found: {other[2]}." in lost[1]
    assert "empty: ok. 0 entries, no dates, " in output
    assert re.search(r"odd: ok\. The feed is not well-formed: .+\w\. 1 entry, newest ", output)


def test_a_host_that_is_not_found_counts_only_if_most_sources_respond(registry: Any) -> None:
    """On a poor connection, a check disables only sources whose server reports the loss, and
    calls no others dead.
    """
    registry.write_text(
        "feed_id,url,is_enabled\ngone,{}/gone,true\na,http://a.invalid/feed,true\n"
        "b,http://b.invalid/feed,true\n"
    )
    ((_, output, _),) = run(registry, ["check", "--write"])
    assert [row["is_enabled"] for row in rows_of(registry)] == ["false", "true", "true"]
    assert "dead: 1 source: gone\n" in output
    registry.write_text("feed_id,url,is_enabled\nwell,{}/feed,true\na,http://a.invalid/feed,true\n")
    run(registry, ["check", "--write"])
    assert [row["is_enabled"] for row in rows_of(registry)] == ["true", "false"]


def test_a_moved_source_keeps_its_publisher_and_domains(registry: Any) -> None:
    """The command enters only a URL that works, unless --yes is given."""
    registry.write_text("feed_id,url\na,https://news.old-example.org/feed\n")
    (refused, *_), (done, _, origin) = run(
        registry, ["move", "a", "{}/gone"], ["move", "a", "{}/feed"]
    )
    assert (refused, done) == (1, 0)
    (row,) = rows_of(registry)
    assert (row["url"], row["publisher_id"]) == (f"{origin}/feed", "news.old-example.org")
    assert row["domains"] == "news.old-example.org|old-example.org"
    ((_, unknown, _), (_, same, _)) = run(
        registry, ["move", "b", "{}/feed"], ["move", "a", row["url"]]
    )
    assert "Unknown feed ID: b." in unknown
    assert "a already has this URL." in same


def test_an_exported_list_is_imported_once(registry: Any, tmp_path: Path) -> None:
    """An export that is imported into an empty list restores its URLs; a second adds nothing."""
    registry.write_text(
        "feed_id,url,publisher_id\na,https://a.example/f?x=1&y=2,p\nb,https://b.example/list,\n"
    )
    before = rows_of(registry)
    out = tmp_path / "all.opml"
    run(registry, ["export", str(out)])
    registry.unlink()
    run(registry, ["import", str(out)])
    assert [row["url"] for row in rows_of(registry)] == [row["url"] for row in before]
    ((_, output, _),) = run(registry, ["import", str(out)])
    assert output.startswith("Added 0 of 2 feeds")


def test_an_opml_file_grants_no_rights(registry: Any, tmp_path: Path) -> None:
    """An import reads URL, title and folder only."""
    opml = tmp_path / "foreign.opml"
    opml.write_text(
        '<opml version="2.0"><body><outline text="Law"><outline text="Evil"'
        ' xmlUrl="https://evil.example/f" feed_id="bbc"'
        ' publisher_id="bbc" has_full_text="true" ignores_robots="true" kind="listing"'
        ' item_selector="a" topics="x"'
        ' domains="bbc.example" time_zone="UTC"/></outline><outline text="B"'
        ' xmlUrl="https://b.example/f"/></body></opml>',
        encoding="utf-8",
    )
    ((_, output, _),) = run(registry, ["import", str(opml)])
    assert "Added 2 of 2 feeds" in output
    found = [{name: cell for name, cell in row.items() if cell} for row in rows_of(registry)]
    assert found == [
        {"feed_id": "evil-evil", "url": "https://evil.example/f", "topics": "Law"},
        {"feed_id": "b-b", "url": "https://b.example/f"},
    ]


def test_a_list_shows_the_check_dates(registry: Any) -> None:
    """The list has one line per source, with its check date, and names the file in use."""
    registry.write_text(
        "feed_id,url,is_enabled,checked_on\na,https://a.example/,false,\n"
        "b,https://b.example/,,2026-05-01\n"
    )
    ((_, output, _),) = run(registry, ["list"])
    assert set(output.splitlines()) == {
        f"tidings: 2 sources of your own list {registry}, 1 of them on",
        "a\tfeed\t-\toff\tunchecked\thttps://a.example/",
        "b\tfeed\t-\ton\t2026-05-01\thttps://b.example/",
    }


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("many", "url: {}/feed\n"),  # the main feed, not the comments; against the page's own base
        ("relative", "url: {}/feed?a=1&b=2\n"),
        ("linked", "url: {}/rss/all\n"),
        ("quiet", "The feed currently contains no entries."),
        ("none", "{}/none: no links of the same structure repeat on the page."),
        ("dead", "{}/nowhere: The server has no document at this URL (404)."),
        ("private", "http://10.0.0.1/feed: 10.0.0.1 is not on the public internet."),
        ("gone", "permanently"),
    ],
)
def test_a_page_is_searched_for_its_feed(registry: Any, page: Any, wanted: Any) -> None:
    """Feeds in links of any form are found; otherwise each candidate has its reason."""

    def link(href: Any, title: str = "") -> Any:
        return f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{href}">'

    pages = {
        "/many": f"<base"
        f' href="/sub/">{link("../talk", "Comments")}{link("../feed", "News")}'
        f"{link('../other', 'Other')}",
        "/relative": link("feed?a=1&amp;b=2"),
        "/linked": '<a href="/rss/all">RSS</a>',
        "/none": "<p>hello",
        "/dead": link("/nowhere"),
        "/private": link("http://10.0.0.1/feed"),
    }
    feed = reply(200, rss(item(1)))
    routes = dict.fromkeys(["/feed", "/feed?a=1&b=2", "/rss/all", "/talk", "/other"], feed) | {
        "/quiet": reply(200, rss()),
        "/gone": ROUTES["/gone"],
    }
    routes |= {
        path: reply(200, f"<html>{body}".encode(), kind="text/html") for path, body in pages.items()
    }
    ((code, output, origin),) = run(registry, ["add", "{}/" + page], routes=routes)
    assert wanted.replace("{}", origin) in output
    assert registry.exists() == (code == 0) == wanted.startswith(("url", "The feed"))
    assert "Warning" not in output


def test_an_opml_file_of_another_reader_is_read(registry: Any, tmp_path: Path) -> None:
    """Nested folders, special characters, xmlURL and feed: URLs are accepted; invalid URLs are not
    added.
    """
    opml = tmp_path / "other.opml"
    opml.write_text(
        '<opml version="1.0"><body><outline text="Law &amp; order"><outline text="中文 「新闻」">'
        '<outline text="A &quot;q&quot; &lt;b&gt;" xmlURL="https://a.example/f?x=1&amp;y=2"/>'
        '<outline text="Again" xmlUrl="HTTPS://A.example:443/f?x=1&amp;y=2"/></outline></outline>'
        '<outline text="B" xmlUrl="feed://b.example/rss"/><outline text="C"'
        ' xmlUrl="javascript:alert(1)"/></body></opml>',
        encoding="utf-8",
    )
    (output, failure) = (
        text
        for _, text, _ in run(
            registry, ["import", str(opml)], ["export", str(tmp_path / "no" / "such.opml")]
        )
    )
    assert "javascript:alert(1): not added." in output
    assert "Added 2 of 4 feeds" in output
    assert [(row["url"], row["topics"], row["checked_on"]) for row in rows_of(registry)] == [
        ("https://a.example/f?x=1&y=2", "Law & order|中文 「新闻」", ""),
        ("http://b.example/rss", "", ""),
    ]
    assert "Cannot write" in failure
    assert "No such file or directory." in " ".join(failure.split())


def test_packs_fill_the_users_own_list(tmp_path: Path) -> None:
    """A pack adds its rows once to the list in the data folder, which then replaces the bundled
    list.

    If the list cannot be written, the command does not report that it added rows.
    """
    env = {"TIDINGS_FEEDS": "", "TIDINGS_SEEDS": "", "TIDINGS_WAREHOUSE": ""}
    own = tmp_path / "feeds.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tidings.base.settings.default_folder", lambda _env: tmp_path)

        def run_pack(*words: str) -> str:
            done = CliRunner().invoke(feeds, list(words), env=env)
            assert done.exit_code == 0, done.output
            return " ".join(done.output.split())

        (tmp_path / "file").touch()
        patch.setattr("tidings.base.settings.FEED_LIST", "file/feeds.csv")
        failed = CliRunner().invoke(feeds, ["pack", "china"], env=env)
        assert (failed.exit_code, failed.output) == (1, "")
        patch.setattr("tidings.base.settings.FEED_LIST", "feeds.csv")
        assert "china" in run_pack("pack")
        assert "Would add" in run_pack("pack", "--dry-run", "china")
        assert "bundled list" in run_pack("list")
        assert not own.exists()
        assert "This list now replaces the bundled one, with" in run_pack("pack", "china")
        count = len(rows_of(own))
        assert f"Added 0 of {count} sources to {own} ({count} already present)." in run_pack(
            "pack", "china"
        )
        run_pack("pack", "central_banks")
        assert len(rows_of(own)) > count
        assert f"{len(rows_of(own))} sources of your own list {own}" in run_pack("list")


def test_commands_change_the_list_of_the_chosen_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With TIDINGS_WAREHOUSE, import and pack write that folder's list and leave the usual one."""
    usual, chosen, opml = tmp_path / "usual", tmp_path / "chosen", tmp_path / "my.opml"
    monkeypatch.setattr("tidings.base.settings.default_folder", lambda _env: usual)
    usual.mkdir()
    (usual / "feeds.csv").write_text("feed_id,url\nmine,https://a.example/feed\n")
    opml.write_text(
        '<opml version="2.0"><body><outline text="x"'
        ' xmlUrl="https://b.example/feed"/></body></opml>'
    )
    env = {"TIDINGS_FEEDS": "", "TIDINGS_SEEDS": "", "TIDINGS_WAREHOUSE": str(chosen)}
    for words in (["import", str(opml)], ["pack", "china"]):
        done = CliRunner().invoke(feeds, words, env=env)
        assert done.exit_code == 0, done.output
    assert (usual / "feeds.csv").read_text() == "feed_id,url\nmine,https://a.example/feed\n"
    rows = rows_of(chosen / "feeds.csv")
    assert rows[0]["url"] == "https://b.example/feed"
    assert len(rows) > 10
