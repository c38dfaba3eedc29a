"""Removing a page from the lake and the archive."""

from typing import Any

import pytest

from tests.storage.rows import NOW, article, body_of, capture, entry, extraction, store
from tests.storage.test_maintain import (
    all_releases,
    archived,
    at,
    kept,
    live,
    name_release,
)
from tidings.base.records import Capture
from tidings.storage.archive import (
    FORGOTTEN_FILE,
    ArchiveError,
    WarcFile,
    read_warc,
    to_line,
)
from tidings.storage.forget import find_traces, forget, forgotten_urls, next_name, unfinished_urls
from tidings.storage.lake import Lake, open_lake
from tidings.storage.load import read_records
from tidings.storage.maintain import maintain_lake
from tidings.storage.migrate import export_entries, migrate
from tidings.storage.writer_lock import writer_lock

A, B, HOME = "http://example.org/a", "http://example.org/b", "http://example.org/"
LISTED = f"{A}?x=1&y=2"


def articles_of(lake: Lake) -> Any:
    with open_lake(lake, read_only=True) as con:
        return {
            one.release_id: con.execute(
                f"select url, title, body_text from core.articles at (version =>"
                f" {one.snapshot_id}) order by all"
            ).fetchall()
            for one in all_releases(lake)
        }


def remove(lake: Lake, url: str, day: int) -> Any:
    with writer_lock(lake):
        return forget(lake, [url], at(day))


def test_a_page_leaves_every_release_and_the_rest_stays(lake: Lake, con: Any) -> None:
    """From merged files and from later ones, only the page's rows are removed, in all releases."""
    live(con, range(3))
    con.close()
    with writer_lock(lake):
        maintain_lake(lake, at(3), kept(nights=400))
    with open_lake(lake) as again:
        live(again, [3])
    before = articles_of(lake)
    gone = remove(lake, "http://example.org/often", 5)
    after = articles_of(lake)
    assert gone.row_count >= 4
    assert set(gone.releases) == set(before)
    rest = {key: [row for row in rows if "often" not in row[0]] for key, rows in before.items()}
    assert after == rest
    assert all(len(after[key]) == len(before[key]) - 1 for key in before)
    with open_lake(lake) as again:
        assert again.execute(
            "select count(*) from core.articles where url > 'http://example.org/2'"
        ).fetchone() == (1,)
        live(again, [4])  # later rows are merged with rewritten files
        newest = articles_of(lake)
    with writer_lock(lake):
        maintain_lake(lake, at(5), kept(nights=400))  # compares the row counts of all releases
    assert articles_of(lake) == newest


def test_only_its_records_leave_the_archive(lake: Lake, con: Any) -> None:
    """Other records keep their bytes, the page's document goes, and its feed has no body."""
    feed: dict[str, Any] = {"kind": "feed", "digest": "sha1:shows"}
    shows = f"<link>{LISTED.replace('&', '&amp;')}</link>".encode()
    page = archived(lake, con, LISTED, at(0), "a", body=b"the words")
    other = archived(lake, con, B, at(0), "b")
    source = archived(lake, con, f"{A}.xml", at(0), "c", body=shows, **feed)
    feed["digest"] = "sha1:silent"
    silent = archived(lake, con, f"{A}.xml", at(1), "d", body=b"<feed/>", **feed)
    document = archived(lake, con, f"{A}.pdf", at(0), "e", kind="document")
    links = {"article_id": article(A).article_id, "document_url": document.url}
    store(con, entry(LISTED, feed_id="a"), extraction(page.capture_id, page.url, **links))
    store(con, article(A, capture_id=page.capture_id, body_text="the words"))
    name_release(con, at(0))
    con.close()
    gone = remove(lake, A, 1)  # the canonical URL leads to the fetched URL
    assert LISTED in gone.traces.urls
    with open_lake(lake, read_only=True) as again:
        rows = {row.capture_id: row for row in read_records(again, Capture)}
        assert again.execute("select count(*) from raw.feed_entries").fetchone() == (0,)
        assert again.execute("select count(*) from core.extractions").fetchone() == (0,)
        assert forgotten_urls(again) == gone.traces.urls
        assert unfinished_urls(again) == []
    assert not rows.keys() & {page.capture_id, document.capture_id}
    assert not [name for name in lake.raw.names() if "e-000" in name]
    assert rows[source.capture_id].digest is None
    records = read_warc(lake.raw, rows[source.capture_id].warc_file)
    (rest,) = [record for record in records if record.is_rows]
    assert b"x=1" not in rest.body
    for row, body in ((other, B.encode()), (silent, b"<feed/>")):
        assert body_of(lake, rows[row.capture_id]) == body
    with pytest.raises(ArchiveError):
        body_of(lake, page)


def test_a_page_that_stays_keeps_the_body_that_it_shares(lake: Lake, con: Any) -> None:
    """If the record with the body is removed, another publisher's revisit gets the body."""
    body, digest = b"the wire's words", "sha1:wire"
    one = archived(lake, con, A, at(0), "a", body=body, digest=digest)
    name = "2026/06/b-000.warc.gz"
    with WarcFile(lake.raw) as file:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        place = file.add(B, at(1), head, body, "text/html", refers_to=(A, at(0)))
        file.name(name)
    places = {"warc_file": name, "warc_offset": place.offset, "warc_length": place.length}
    of_other = {"publisher_id": "q", "digest": digest, "is_revisit": True}
    other = capture(B, fetched_at=at(1), **of_other, **places)
    store(con, other, extraction(one.capture_id, A), extraction(other.capture_id, B))
    con.close()
    remove(lake, A, 2)
    with open_lake(lake, read_only=True) as again:
        (stays,) = read_records(again, Capture)
    assert (stays.url, stays.is_revisit, body_of(lake, stays)) == (B, False, body)


def test_quotes_of_a_page_leave_rows_about_many_pages(lake: Lake, con: Any) -> None:
    """An example from the page is blanked, those from other pages and missing ones remain."""
    page = archived(lake, con, A, at(0), "a", body=b"the words")
    links = {"article_id": article(A).article_id}
    store(con, extraction(page.capture_id, A, **links))
    store(con, article(A, capture_id=page.capture_id, body_text="One.\n\nThe words of the page."))
    con.execute(
        "insert into annotations.candidates (key, examples) values ('a', null),"
        " ('b', ['… The words of …', 'Other words.', null])"
    )
    con.close()
    remove(lake, A, 1)
    with open_lake(lake, read_only=True) as again:
        rows = again.execute("select key, examples from annotations.candidates order by 1")
        assert rows.fetchall() == [("a", None), ("b", ["", "Other words.", None])]


@pytest.mark.parametrize("is_exported", [False, True])
def test_the_lines_of_a_pages_entries_leave_the_archive(
    lake: Lake, con: Any, is_exported: bool
) -> None:
    """Only the page's lines go, also those that an upgrade exported."""
    feed = {"body": f"<link>{A}</link><link>{B}</link>".encode(), "digest": "sha1:f"}
    source = archived(lake, con, HOME, at(0), "c", kind="feed", **feed)
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
            file.name(source.warc_file)
    con.close()
    for url, left in ((A, [B]), (B, [])):
        remove(lake, url, 1)
        stored = (name for name in lake.raw.names() if name != FORGOTTEN_FILE)
        records = [record.body for name in stored for record in read_warc(lake.raw, name)]
        shown = b"".join(records)
        assert [other for other in (A, B) if f'"{other}"'.encode() in shown] == left


def traced(lake: Lake, con: Any, url_to_find: Any, *shown: Any) -> Any:
    """Store captures (URL, final URL, digest, publisher, article) and find a URL's traces."""
    for number, (url, final, digest, publisher, key) in enumerate(shown):
        values = {"final_url": final, "digest": digest, "publisher_id": publisher}
        row = capture(url, fetched_at=at(number), **values)
        article_id = key and article(key).article_id
        store(con, row, extraction(row.capture_id, url, article_id=article_id))
        if key:
            store(con, article(key, capture_id=row.capture_id))
    return find_traces(con, lake, [url_to_find])


@pytest.mark.parametrize(
    "hub",
    [
        [(url, HOME, f"sha1:{url}home", "p", None) for url in (A, B)],
        [(A, HOME, "sha1:h", "p", HOME), (HOME, HOME, "sha1:h", "p", HOME)],
        [(url, "http://example.org/news", f"sha1:{url}n", "p", None) for url in (A, B)],
        [(url, url, "sha1:consent", "p", None) for url in (A, B)],
        [(url, url, "sha1:consent", "p", url) for url in (A, B)],
        [(A, A, "sha1:wire", "p", A), (B, B, "sha1:wire", "q", None)],
    ],
    ids=[
        *("home page", "home page as an article", "section", "consent page, no article"),
        *("consent page, an article each", "another publisher"),
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
        assert remove(lake, "http://example.org/never", 0).row_count == 0
    with open_lake(lake, read_only=True) as again:
        assert forgotten_urls(again) == {"http://example.org/never"}


def test_a_file_written_again_gets_the_next_name() -> None:
    """A rewritten file gets a new name, so that old locations are not valid in it."""
    assert next_name("2026/06/x-000.warc.gz") == "2026/06/x-000-r1.warc.gz"
    assert next_name("2026/06/x-000-r9.warc.gz") == "2026/06/x-000-r10.warc.gz"
