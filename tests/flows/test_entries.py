"""Unusual feeds, from the response to the lake, in the polls of two consecutive evenings."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.loopback import item, reply, rss, serving
from tests.flows.nights import collect, settings_for
from tidings.fetch.feed.entry import MAX_ENTRIES, MAX_TITLE_CHARS
from tidings.storage.lake import Lake, open_lake

EVENINGS = ("2026-06-01T22:00:00+00:00", "2026-06-02T22:00:00+00:00")
CHINESE = {"gb2312": "国务院常务会议", "gbk": "國務院常務會議", "big5": "行政院會議"}
ENCODED = CHINESE | {
    "euc-kr": "국무회의 결과",
    "shift_jis": "閣議の概要",
    "utf-16": "Sitzung des Bundesrates",
}
BOMB = (
    '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM'
    ' "file:///etc/hostname">]>'
)
HANGING = f"<item><title>x</title><author>{'a.' * 40_000}@{'b.' * 40_000}</author></item>"
SENTENCES = " ".join(
    f"In clause {n} the council set out how far the harbour may be dredged and who pays for it."
    for n in range(9)
)
PAGE = (
    f"<html lang='en'><head><title>On the"
    f" harbour</title></head><body><article><h1>Dredging</h1><p>{SENTENCES}</p></article>"
)


def _encoded(name: Any, text: Any) -> Any:
    return (
        rss(
            item(1, title=text, link="{}/a/1"),
            declaration=f'<?xml version="1.0" encoding="{name}"?>',
        )
        .decode()
        .encode(name)
    )


def _feeds() -> Any:
    """Return the bodies of each feed on the first and the second evening; ``{}`` is the server's
    origin.
    """
    feeds = {f"in-{name}": _encoded(name, text) for name, text in ENCODED.items()}
    feeds |= {
        "bom": b"\xef\xbb\xbf\n  " + rss(item(1, title="Ministère")),
        "says-utf-8": rss(item(1, title=CHINESE["gb2312"] * 5)).decode().encode("gbk"),
        "zero-bytes": rss(item(1, title="Har\0bour")),
        "cut": (rss(item(1), item(2)), rss(item(1), item(2))[:-160]),
        "declares": rss(item(1, title="&b;&b;&x;"), declaration=BOMB),
        "hangs": rss(HANGING).replace(b'"2.0"', b'"0.91"'),
        "many": reply(
            200,
            gzip.compress(rss(*(f"<item><guid>g{n}</guid></item>" for n in range(100_000)))),
            "Content-Encoding: gzip",
        ),
        "long": rss(item(1, title="ha " * 2_000)),
        "one-guid": rss(item(1, link="{}/a/1"), item(1, link="{}/a/2")),
        "new-guid": (
            rss(item(1, guid="one", link="{}/a/1")),
            rss(item(1, guid="two", link="{}/a/1")),
        ),
        "edited": (
            rss(item(1, title="Talks begin", link="{}/a/1")),
            rss(item(1, title="Talks end", link="{}/a/1")),
        ),
        "no-guid": (
            rss("<item><title>A</title><link>{}/a/1?utm_source=rss&amp;id=3</link></item>"),
            rss("<item><title>A</title><link>{}/a/1?id=3&amp;utm_source=atom</link></item>"),
        ),
        "bare": rss(
            "<item><title>A</title><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item>",
            "<item><title>B</title></item>",
        ),
        "dates": rss(
            item(1, date="Fri, 01 Jan 2038 00:00:00 GMT"),
            item(2, date="Thu, 01 Jan 1970 00:00:00 GMT"),
            item(3).replace("<pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate>", ""),
            item(4, date="2026年5月31日 18:30"),
            item(5, date="next week"),
        ),
        "scripts": rss(
            item(
                1,
                title=(
                    "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;Vote&lt;/b&gt; &amp;amp; count"
                ),
                link="javascript:alert(1)",
            ),
            item(2, link="file:///etc/passwd"),
            item(3, link="http://user:secret@127.0.0.1/a"),
        ),
        "idn": rss(item(1, link="http://bücher.localhost/ä")),
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
    routes |= {"/a/2": routes["/a/1"], "/a/1?id=3": routes["/a/1"]}

    async def run_evenings() -> Any:
        async with serving(routes) as server:
            origin[0] = server.origin.encode()
            names = [name.removesuffix("/here") for name in feeds]
            rows = [f"{name},{server.origin}/{name},cn_source,Asia/Shanghai" for name in names]
            listed = folder / "feeds.csv"
            listed.write_text(
                "\n".join(["feed_id,url,publisher_id,time_zone", *rows]) + "\n", encoding="utf-8"
            )
            settings = settings_for(folder / "data", listed, [f"127.0.0.1:{server.port}"])
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


def _ids(rows: Any) -> Any:
    return [str(row["entry_id"]) for row in rows]


@pytest.mark.parametrize("name", ENCODED)
def test_a_declared_encoding_is_decoded(shown: Any, name: Any) -> None:
    """The title is correct for each encoding that a feed declares."""
    assert [row["title"] for row in shown(f"in-{name}")] == [ENCODED[name]]


def test_a_partly_readable_feed_has_a_reason(evenings: Any, shown: Any) -> None:
    """A wrong encoding, zero bytes and a missing end lose no entry and yield a reason; a byte order
    mark yields none.
    """
    states = evenings[2]
    assert [row["title"] for row in shown("says-utf-8")] == [CHINESE["gb2312"] * 5]
    assert [row["title"] for row in shown("zero-bytes")] == ["Harbour"]
    assert [row["title"] for row in shown("bom")] == ["Ministère"]
    assert states["bom"] == {"outcome": "ok", "reason": None}
    for name in ("says-utf-8", "zero-bytes", "cut"):
        assert states[name]["outcome"] == "ok"
        assert states[name]["reason"].startswith("Read in part.")


def test_a_truncated_feed_deletes_nothing(shown: Any) -> None:
    """Entries of the evening before remain."""
    assert {row["guid"] for row in shown("cut")} == {"notice-1", "notice-2"}


def test_entities_are_neither_loaded_nor_expanded(shown: Any) -> None:
    """A document type declaration loads no local file and expands no entity."""
    (row,) = shown("declares")
    assert "aaaa" not in (row["title"] or "")
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in repr(row)


def test_a_feed_that_blocks_the_parser_fails_alone(evenings: Any, shown: Any) -> None:
    """The parser stops with a reason, and all other feeds are read."""
    assert evenings[2]["hangs"]["outcome"] == "not_feed"
    assert "5 seconds" in evenings[2]["hangs"]["reason"]
    assert not shown("hangs")
    assert {name for name, state in evenings[2].items() if state["outcome"] != "ok"} == {"hangs"}


def test_entries_and_titles_have_a_limit(evenings: Any, shown: Any) -> None:
    """Of 100,000 entries 2,000 are stored, with a reason; a title is limited to 2,000
    characters.
    """
    assert len(shown("many")) == MAX_ENTRIES
    assert "100,000 entries" in evenings[2]["many"]["reason"]
    assert len(shown("long")[0]["title"]) == MAX_TITLE_CHARS


def test_a_link_identifies_an_entry(shown: Any) -> None:
    """Two links with one guid are two entries; another guid or tracking parameter does not create a
    second entry.
    """
    assert len(set(_ids(shown("one-guid")))) == 2
    first, second = shown("new-guid")
    assert first["entry_id"] == second["entry_id"]
    assert (first["guid"], second["guid"]) == ("one", "two")
    (plain,) = shown("no-guid")
    assert plain["url"].endswith("/a/1?id=3")


def test_an_edited_title_is_a_second_revision(shown: Any) -> None:
    """Both titles belong to one entry, each with the time at which it was first seen."""
    first, second = shown("edited")
    assert first["entry_id"] == second["entry_id"]
    assert (first["title"], second["title"]) == ("Talks begin", "Talks end")
    assert (second["first_seen_at"] - first["first_seen_at"]).days == 1


def test_without_link_and_guid_the_title_identifies_an_entry(shown: Any) -> None:
    """The entries are the same on both evenings, with one entry per title."""
    assert len(shown("bare")) == 2
    assert len(set(_ids(shown("bare")))) == 2


def test_a_date_keeps_its_text_and_its_quality(shown: Any) -> None:
    """Future, 1970, missing and unreadable dates have a quality flag; the entry then uses the time
    at which it was first seen.
    """
    rows = {row["guid"]: row for row in shown("dates")}
    qualities = [rows[f"notice-{number}"]["date_quality"] for number in range(1, 6)]
    assert qualities == ["future", "epoch", "missing", "zone_assumed", "unreadable"]
    assert all(
        row["published_at"] == row["first_seen_at"]
        for row in rows.values()
        if row["date_quality"] != "zone_assumed"
    )
    assert rows["notice-4"]["published_at"].isoformat() == "2026-05-31T10:30:00+00:00"
    assert [rows[f"notice-{number}"]["published_raw"] for number in (1, 3, 4)] == [
        "Fri, 01 Jan 2038 00:00:00 GMT",
        None,
        "2026年5月31日 18:30",
    ]


def test_markup_is_removed_and_invalid_links_are_refused(shown: Any) -> None:
    """Titles contain no markup, and refused links are stored unchanged in link_raw."""
    first, *others = shown("scripts")
    assert first["title"] == "Vote & count"
    assert [row["url"] for row in (first, *others)] == [None, None, None]
    assert first["link_raw"] == "javascript:alert(1)"


def test_a_relative_link_uses_the_final_url_of_the_feed(evenings: Any, shown: Any) -> None:
    """The base of relative links is the URL after redirects."""
    assert [row["url"] for row in shown("moved")] == [
        f"{evenings[0].origin}/a/1",
        f"{evenings[0].origin}/a/2",
    ]


def test_a_non_ascii_host_is_stored_in_punycode(shown: Any) -> None:
    """The URL uses Punycode, and link_raw contains the original text."""
    (row,) = shown("idn")
    assert row["url"] == "http://xn--bcher-kva.localhost/%C3%A4"
    assert row["link_raw"] == "http://bücher.localhost/ä"


def test_a_page_is_requested_once_for_all_entries(evenings: Any) -> None:
    """A page that nine feeds link to on two evenings is requested once."""
    server, _, _, pages = evenings
    assert server.request_count("/a/1") == 1
    assert sorted(url.removeprefix(server.origin) for url, _ in pages) == [
        "/a/1",
        "/a/1?id=3",
        "/a/2",
    ]
