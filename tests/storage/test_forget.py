"""Removing a page from the lake and the archive."""

from typing import Any

import pytest

from tests.storage.rows import NOW, capture, entry, extraction, store
from tests.storage.test_maintain import (
    AT_ONCE,
    all_releases,
    archived,
    article,
    at,
    live,
    name_release,
)
from tidings.base.records import Capture
from tidings.storage.archive import (
    FORGOTTEN_FILE,
    ArchiveError,
    WarcFile,
    read_body,
    read_warc,
    to_line,
)
from tidings.storage.forget import find_traces, forget, forgotten_urls, next_name, unfinished_urls
from tidings.storage.lake import Lake, open_lake, transaction
from tidings.storage.load import merge, read_records
from tidings.storage.maintain import Retention, maintain_lake
from tidings.storage.migrate import export_entries, migrate
from tidings.storage.writer_lock import writer_lock

A, B, HOME = "http://example.org/a", "http://example.org/b", "http://example.org/"


def articles_of(lake: Lake) -> Any:
    with open_lake(lake, read_only=True) as con:
        return {
            one.release_id: con.execute(
                f"select url, title, body_text from core.articles at (version =>"
                f" {one.snapshot_id}) order by all"
            ).fetchall()
            for one in all_releases(lake)
        }


def test_a_page_leaves_every_release_and_the_rest_stays(lake: Lake, con: Any) -> None:
    """From merged files and from later ones, only the page's rows are removed, in all releases."""
    live(con, range(3))
    con.close()
    keep = Retention(nights=400, grace=AT_ONCE)
    with writer_lock(lake):
        maintain_lake(lake, at(3), keep)
    with open_lake(lake) as again:
        live(again, [3])
    before = articles_of(lake)
    with writer_lock(lake):
        gone = forget(lake, ["http://example.org/often"], at(5))
    after = articles_of(lake)
    assert gone.row_count >= 4
    assert set(gone.releases) == set(before)
    assert after == {
        key: [row for row in rows if "often" not in row[0]] for key, rows in before.items()
    }
    assert all(len(after[key]) == len(before[key]) - 1 for key in before)
    with open_lake(lake) as again:
        assert again.execute(
            "select count(*) from core.articles where url > 'http://example.org/2'"
        ).fetchone() == (1,)
        live(again, [4])  # later rows are merged with rewritten files
        newest = articles_of(lake)
    with writer_lock(lake):
        maintain_lake(lake, at(5), keep)  # compares the row counts of all releases
    assert articles_of(lake) == newest


def test_only_its_records_leave_the_archive(lake: Lake, con: Any) -> None:
    """Other records keep their bytes, the page's document is removed, and a feed that listed the
    page has no body.
    """
    page = archived(
        lake, con, "http://example.org/a?x=1&y=2", at(0), "2026/06/a-000.warc.gz", body=b"the words"
    )
    other = archived(lake, con, "http://example.org/b", at(0), "2026/06/b-000.warc.gz")
    shows = b"<link>http://example.org/a?x=1&amp;y=2</link>"
    source = archived(
        lake,
        con,
        "http://example.org/a.xml",
        at(0),
        "2026/06/c-000.warc.gz",
        body=shows,
        kind="feed",
        digest="sha1:shows",
    )
    silent = archived(
        lake,
        con,
        "http://example.org/a.xml",
        at(1),
        "2026/06/d-000.warc.gz",
        body=b"<feed/>",
        kind="feed",
        digest="sha1:silent",
    )
    document = archived(
        lake, con, "http://example.org/a.pdf", at(0), "2026/06/e-000.warc.gz", kind="document"
    )
    article_id = article("http://example.org/a").article_id
    with transaction(con):
        merge(con, [entry("http://example.org/a?x=1&y=2", feed_id="a")])
        links = {"article_id": article_id, "document_url": document.url}
        merge(con, [extraction(page.capture_id, page.url, **links)])
        merge(
            con,
            [article("http://example.org/a", capture_id=page.capture_id, body_text="the words")],
        )
    name_release(con, at(0))
    con.close()
    with writer_lock(lake):
        # the canonical URL leads to the fetched URL
        gone = forget(lake, ["http://example.org/a"], at(1))
    assert "http://example.org/a?x=1&y=2" in gone.traces.urls
    with open_lake(lake, read_only=True) as again:
        rows = {row.capture_id: row for row in read_records(again, Capture)}
        assert again.execute("select count(*) from raw.feed_entries").fetchone() == (0,)
        assert again.execute("select count(*) from core.extractions").fetchone() == (0,)
        assert forgotten_urls(again) == gone.traces.urls
        assert unfinished_urls(again) == []
    assert not rows.keys() & {page.capture_id, document.capture_id}
    assert not [name for name in lake.raw.names() if "e-000" in name]
    assert rows[source.capture_id].digest is None
    (rest,) = [
        record
        for record in read_warc(lake.raw, rows[source.capture_id].warc_file)
        if record.is_rows
    ]
    assert b"x=1" not in rest.body
    for row, body in ((other, b"http://example.org/b"), (silent, b"<feed/>")):
        kept = rows[row.capture_id]
        assert read_body(lake.raw, kept.warc_file, kept.warc_offset, kept.warc_length) == body
    with pytest.raises(ArchiveError):
        read_body(lake.raw, page.warc_file, page.warc_offset, page.warc_length)


def test_a_page_that_stays_keeps_the_body_that_it_shares(lake: Lake, con: Any) -> None:
    """If the record with the body is removed, another publisher's revisit gets the body."""
    one = archived(
        lake, con, A, at(0), "2026/06/a-000.warc.gz", body=b"the wire's words", digest="sha1:wire"
    )
    name = "2026/06/b-000.warc.gz"
    with WarcFile(lake.raw) as file:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        place = file.add(B, at(1), head, b"the wire's words", "text/html", refers_to=(A, at(0)))
        file.name(name)
    places = {
        "warc_file": name,
        "warc_offset": place.offset,
        "warc_length": place.length,
        "is_revisit": True,
    }
    other = capture(B, publisher_id="q", fetched_at=at(1), digest="sha1:wire", **places)
    store(con, other, extraction(one.capture_id, A), extraction(other.capture_id, B))
    con.close()
    with writer_lock(lake):
        forget(lake, [A], at(2))
    with open_lake(lake, read_only=True) as again:
        (kept,) = read_records(again, Capture)
    assert (kept.url, kept.is_revisit) == (B, False)
    assert read_body(lake.raw, kept.warc_file, kept.warc_offset, kept.warc_length) == (
        b"the wire's words"
    )


@pytest.mark.parametrize("is_exported", [False, True])
def test_the_lines_of_a_pages_entries_leave_the_archive(
    lake: Lake, con: Any, is_exported: bool
) -> None:
    """Only the page's lines go, also those that an upgrade exported."""
    body = f"<link>{A}</link><link>{B}</link>".encode()
    name = "2026/06/c-000.warc.gz"
    feed = {"body": body, "kind": "feed", "digest": "sha1:f"}
    source = archived(lake, con, HOME, at(0), name, **feed)
    entries = [entry(url, feed_id="a", capture_id=source.capture_id) for url in (A, B)]
    store(con, *entries)
    if is_exported:
        con.execute("update ops.schema_versions set version = 23")
        export_entries(con, lake.raw)
        migrate(con)
    else:
        with WarcFile(lake.raw) as file:
            file.add_member(lake.raw.read(*source.place))
            file.add_rows([to_line(row, NOW) for row in entries], NOW)
            file.name(name)
    con.close()
    for url, left in ((A, [B]), (B, [])):
        with writer_lock(lake):
            forget(lake, [url], at(1))
        records = [
            record.body
            for stored in lake.raw.names()
            if stored != FORGOTTEN_FILE
            for record in read_warc(lake.raw, stored)
        ]
        shown = b"".join(records)
        assert [other for other in (A, B) if f'"{other}"'.encode() in shown] == left


def traced(lake: Lake, con: Any, url_to_find: Any, *shown: Any) -> Any:
    """Store captures (URL, final URL, digest, publisher, article) and find a URL's traces."""
    for number, (url, final, digest, publisher, article_key) in enumerate(shown):
        row = capture(
            url, final_url=final, digest=digest, publisher_id=publisher, fetched_at=at(number)
        )
        with transaction(con):
            merge(con, [row])
            merge(
                con,
                [
                    extraction(
                        row.capture_id,
                        url,
                        article_id=article_key and article(article_key).article_id,
                    )
                ],
            )
            if article_key:
                merge(con, [article(article_key, capture_id=row.capture_id)])
    return find_traces(con, lake, [url_to_find])


@pytest.mark.parametrize(
    "hub",
    [
        pytest.param([(url, HOME, f"sha1:{url}home", "p", None) for url in (A, B)], id="home page"),
        pytest.param(
            [(A, HOME, "sha1:h", "p", HOME), (HOME, HOME, "sha1:h", "p", HOME)],
            id="home page as an article",
        ),
        pytest.param(
            [(url, "http://example.org/news", f"sha1:{url}n", "p", None) for url in (A, B)],
            id="section",
        ),
        pytest.param(
            [(url, url, "sha1:consent", "p", None) for url in (A, B)], id="consent page, no article"
        ),
        pytest.param(
            [(url, url, "sha1:consent", "p", url) for url in (A, B)],
            id="consent page, an article each",
        ),
        pytest.param(
            [(A, A, "sha1:wire", "p", A), (B, B, "sha1:wire", "q", None)], id="another publisher"
        ),
    ],
)
def test_forgetting_does_not_spread(lake: Lake, con: Any, hub: Any) -> None:
    """A page with the redirect target or the body of other pages does not include them."""
    found = traced(lake, con, A, (A, A, "sha1:a", "p", A), (B, B, "sha1:b", "p", B), *hub)
    assert found.urls == {A}
    assert {row.url for row in found.articles} == {A}
    assert {row.url for row in found.captures} == {A}


def test_forgetting_follows_a_page_that_moved_and_one_body_of_one_article(
    lake: Lake, con: Any
) -> None:
    """A page's new URL is removed with it, and so is its body at a URL not cleaned yet."""
    new, copy = "http://example.org/new", "http://example.org/copy"
    shown = [
        (A, A, "sha1:a", "p", A),
        (A, new, "sha1:n", "p", new),
        (copy, copy, "sha1:n", "p", None),
        (B, B, "sha1:b", "p", B),
    ]
    found = traced(lake, con, A, *shown)
    assert found.urls == {A, new, copy}
    assert {row.url for row in found.articles} == {A, new}


def test_what_is_not_known_is_kept_out_all_the_same(lake: Lake, con: Any) -> None:
    """A URL that was never fetched is recorded, and a second removal succeeds."""
    con.close()
    for _ in range(2):
        with writer_lock(lake):
            assert forget(lake, ["http://example.org/never"], NOW).row_count == 0
    with open_lake(lake, read_only=True) as again:
        assert forgotten_urls(again) == {"http://example.org/never"}


def test_a_file_written_again_gets_the_next_name() -> None:
    """A rewritten file gets a new name, so that old locations are not valid in it."""
    assert next_name("2026/06/x-000.warc.gz") == "2026/06/x-000-r1.warc.gz"
    assert next_name("2026/06/x-000-r9.warc.gz") == "2026/06/x-000-r10.warc.gz"
