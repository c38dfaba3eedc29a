"""What feeds do to their entries, from the wire to the lake, through `tidings nightly` on two evenings."""

import asyncio
import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.fetch.loopback import item, reply, rss, serving
from tidings.flows.fetch.feed.entry import MAX_ENTRIES, MAX_TITLE_CHARS
from tidings.warehouse.lake import Lake, open_lake

TIDINGS = [sys.executable, "-m", "tidings.flows.cli"]
EVENINGS = ("2026-06-01T22:00:00+00:00", "2026-06-02T22:00:00+00:00")
CHINESE = {"gb2312": "国务院常务会议", "gbk": "國務院常務會議", "big5": "行政院會議"}
ENCODED = CHINESE | {"euc-kr": "국무회의 결과", "shift_jis": "閣議の概要", "utf-16": "Sitzung des Bundesrates"}
BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/hostname">]>'
HANGING = f"<item><title>x</title><author>{'a.' * 40_000}@{'b.' * 40_000}</author></item>"
SENTENCES = " ".join(
    f"In clause {n} the council set out how far the harbour may be dredged and who pays for it." for n in range(9)
)
PAGE = f"<html lang='en'><head><title>On the harbour</title></head><body><article><h1>Dredging</h1><p>{SENTENCES}</p></article>"


def _encoded(name, text):
    return rss(item(1, title=text, link="{}/a/1"), declaration=f'<?xml version="1.0" encoding="{name}"?>').decode().encode(name)


def _feeds():
    """Each feed's bodies of the first and the second evening; ``{}`` is the server's origin."""
    feeds = {f"in-{name}": _encoded(name, text) for name, text in ENCODED.items()}
    feeds |= {
        "bom": b"\xef\xbb\xbf\n  " + rss(item(1, title="Ministère")),
        "says-utf-8": rss(item(1, title=CHINESE["gb2312"] * 5)).decode().encode("gbk"),
        "zero-bytes": rss(item(1, title="Har\0bour")),
        "cut": (rss(item(1), item(2)), rss(item(1), item(2))[:-160]),
        "declares": rss(item(1, title="&b;&b;&x;"), declaration=BOMB),
        "hangs": rss(HANGING).replace(b'"2.0"', b'"0.91"'),
        "many": reply(
            200, gzip.compress(rss(*(f"<item><guid>g{n}</guid></item>" for n in range(100_000)))), "Content-Encoding: gzip"
        ),
        "long": rss(item(1, title="ha " * 2_000)),
        "one-guid": rss(item(1, link="{}/a/1"), item(1, link="{}/a/2")),
        "new-guid": (rss(item(1, guid="one", link="{}/a/1")), rss(item(1, guid="two", link="{}/a/1"))),
        "edited": (rss(item(1, title="Talks begin", link="{}/a/1")), rss(item(1, title="Talks end", link="{}/a/1"))),
        "no-guid": (
            rss("<item><title>A</title><link>{}/a/1?utm_source=rss&amp;id=3</link></item>"),
            rss("<item><title>A</title><link>{}/a/1?id=3&amp;utm_source=atom</link></item>"),
        ),
        "bare": rss(
            "<item><title>A</title><pubDate>Mon, 01 Jun 2026 10:00:00 GMT</pubDate></item>", "<item><title>B</title></item>"
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
                title="&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;Vote&lt;/b&gt; &amp;amp; count",
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
def evenings(tmp_path_factory):
    """The lake after two evenings: every feed's entries in order, its state, and how often each page was asked for."""
    folder = tmp_path_factory.mktemp("entries")
    feeds, evening = _feeds(), [0]

    def route(bodies):
        def response(_):
            body = bodies[evening[0]]
            return body if body.startswith(b"HTTP/") else reply(200, body.replace(b"{}", origin[0]), kind="application/xml")

        return response

    origin = [b""]
    routes = {f"/{name}": route(bodies) for name, bodies in feeds.items()}
    routes |= {"/moved": reply(302, b"", "Location: /moved/here"), "/a/1": reply(200, PAGE.encode(), kind="text/html")}
    routes |= {"/a/2": routes["/a/1"], "/a/1?id=3": routes["/a/1"]}

    async def run():
        async with serving(routes) as server:
            origin[0] = server.origin.encode()
            names = [name.removesuffix("/here") for name in feeds]
            rows = [f"{name},{server.origin}/{name},cn_source,Asia/Shanghai" for name in names]
            listed = folder / "feeds.csv"
            listed.write_text("\n".join(["feed_id,url,publisher_id,time_zone", *rows]) + "\n", encoding="utf-8")
            env = os.environ | {
                "TIDINGS_WAREHOUSE": str(folder / "data"),
                "TIDINGS_ALLOW_HOSTS": f"127.0.0.1:{server.port}",
                "TIDINGS_HOST_GAP": "0",
            }
            for number, now in enumerate(EVENINGS):
                evening[0] = number
                done = await asyncio.create_subprocess_exec(
                    *TIDINGS, "nightly", "--feeds", listed, "--now", now, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
                )
                _, err = await done.communicate()
                assert done.returncode == 0, err.decode()[-3000:]
            return server

    server = asyncio.run(run())
    with open_lake(Lake(folder / "data"), read_only=True) as con:
        found = con.execute("select * from raw.feed_entries order by feed_id, first_seen_at, guid, url, title")
        columns = [column[0] for column in found.description]
        entries = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        states = dict(con.execute("select feed_id, {'outcome': outcome, 'reason': reason} from raw.feed_states").fetchall())
        articles = con.execute("select url, feed_id from raw.captures where kind = 'page' and outcome = 'ok'").fetchall()
    return server, entries, states, articles


@pytest.fixture
def shown(evenings):
    """A feed's rows, in the order in which they were first seen."""
    return lambda name: [row for row in evenings[1] if row["feed_id"] == name]


def _ids(rows):
    return [str(row["entry_id"]) for row in rows]


@pytest.mark.parametrize("name", ENCODED)
def test_a_declared_encoding_reaches_the_lake_as_text(shown, name):
    """Whatever it is."""
    assert [row["title"] for row in shown(f"in-{name}")] == [ENCODED[name]]


def test_what_was_read_in_part_says_so(evenings, shown):
    """A false encoding, zero bytes and a missing end cost no entry, and the state tells of each; a mark costs nothing."""
    states = evenings[2]
    assert [row["title"] for row in shown("says-utf-8")] == [CHINESE["gb2312"] * 5]
    assert [row["title"] for row in shown("zero-bytes")] == ["Harbour"]
    assert [row["title"] for row in shown("bom")] == ["Ministère"]
    assert states["bom"] == {"outcome": "ok", "reason": None}
    for name in ("says-utf-8", "zero-bytes", "cut"):
        assert states[name]["outcome"] == "ok"
        assert states[name]["reason"].startswith("Read in part.")


def test_a_cut_feed_deletes_nothing(shown):
    """What was there the evening before is there still."""
    assert {row["guid"] for row in shown("cut")} == {"notice-1", "notice-2"}


def test_what_a_document_type_declares_is_neither_read_nor_expanded(shown):
    """No file of this machine, no letter of the bomb."""
    (row,) = shown("declares")
    assert "aaaa" not in (row["title"] or "")
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in repr(row)


def test_what_hangs_the_parser_costs_one_feed(evenings, shown):
    """It is stopped and told, and every other feed of the evening is read."""
    assert evenings[2]["hangs"]["outcome"] == "not_feed"
    assert "5 seconds" in evenings[2]["hangs"]["reason"]
    assert not shown("hangs")
    assert {name for name, state in evenings[2].items() if state["outcome"] != "ok"} == {"hangs"}


def test_entries_and_titles_have_a_limit(evenings, shown):
    """100,000 entries are told, 2,000 kept; a title ends after 2,000 characters."""
    assert len(shown("many")) == MAX_ENTRIES
    assert "100,000 entries" in evenings[2]["many"]["reason"]
    assert len(shown("long")[0]["title"]) == MAX_TITLE_CHARS


def test_a_link_makes_an_entry(shown):
    """Two links under one guid are two; a new guid, or other tracking parameters, on one link make no second."""
    assert len(set(_ids(shown("one-guid")))) == 2
    first, second = shown("new-guid")
    assert first["entry_id"] == second["entry_id"]
    assert (first["guid"], second["guid"]) == ("one", "two")
    (plain,) = shown("no-guid")
    assert plain["url"].endswith("/a/1?id=3")


def test_an_edited_title_is_a_second_revision(shown):
    """Of one entry, each with the evening on which it was first seen."""
    first, second = shown("edited")
    assert first["entry_id"] == second["entry_id"]
    assert (first["title"], second["title"]) == ("Talks begin", "Talks end")
    assert (second["first_seen_at"] - first["first_seen_at"]).days == 1


def test_without_link_and_guid_title_and_date_make_an_entry(shown):
    """The same on both evenings, another for each title."""
    assert len(shown("bare")) == 2
    assert len(set(_ids(shown("bare")))) == 2


def test_a_date_keeps_its_text_and_says_what_it_is_worth(shown):
    """Of the future, of 1970, none, Chinese and unreadable: without one to trust, the entry counts from when it was seen."""
    rows = {row["guid"]: row for row in shown("dates")}
    found = [rows[f"notice-{number}"]["date_quality"] for number in range(1, 6)]
    assert found == ["future", "epoch", "missing", "zone_assumed", "unreadable"]
    assert all(row["published_at"] == row["first_seen_at"] for row in rows.values() if row["date_quality"] != "zone_assumed")
    assert rows["notice-4"]["published_at"].isoformat() == "2026-05-31T10:30:00+00:00"
    assert [rows[f"notice-{number}"]["published_raw"] for number in (1, 3, 4)] == [
        "Fri, 01 Jan 2038 00:00:00 GMT",
        None,
        "2026年5月31日 18:30",
    ]


def test_scripts_are_text_and_odd_links_are_refused(shown):
    """With what the link was; no markup is left in a title."""
    first, *others = shown("scripts")
    assert first["title"] == "Vote & count"
    assert [row["url"] for row in (first, *others)] == [None, None, None]
    assert first["link_raw"] == "javascript:alert(1)"


def test_a_relative_link_resolves_against_where_the_feed_was_found(evenings, shown):
    """Not against the address that was asked."""
    assert [row["url"] for row in shown("moved")] == [f"{evenings[0].origin}/a/1", f"{evenings[0].origin}/a/2"]


def test_a_host_beyond_ascii_is_asked_in_punycode(shown):
    """And shown as it was written."""
    (row,) = shown("idn")
    assert row["url"] == "http://xn--bcher-kva.localhost/%C3%A4"
    assert row["link_raw"] == "http://bücher.localhost/ä"


def test_a_page_is_fetched_once_however_many_entries_name_it(evenings):
    """Nine feeds name it on two evenings."""
    server, _, _, pages = evenings
    assert server.asked("/a/1") == 1
    assert sorted(url.removeprefix(server.origin) for url, _ in pages) == ["/a/1", "/a/1?id=3", "/a/2"]
