"""Pending work."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from tests.storage.rows import NOW, capture, entry, extraction, failed, feed, store
from tidings.storage.archive import WarcFile
from tidings.storage.lake import Lake
from tidings.storage.pending import (
    LIMITS,
    UNLUCKY_DAYS,
    count_uncleaned,
    next_warc_name,
    stored_listings,
    uncleaned_captures,
    wanted_documents,
    wanted_in_window,
    wanted_pages,
)

ONE, TWO = "http://example.org/1", "http://example.org/2"
NEXT, AHEAD = NOW + dt.timedelta(days=1), NOW + dt.timedelta(days=365)


def urls(con: Any, now: Any = NEXT, feeds: Any = ("a",)) -> Any:
    return [row.url for row in wanted_pages(con, now, list(feeds))]


def captures(con: Any, count: int = 10, now: Any = NOW) -> Any:
    """Return the captures that wait for cleaning."""
    return [stored.capture for stored in uncleaned_captures(con, count, now)]


def test_a_page_is_wanted_until_it_is_obtained(con: Any) -> None:
    """An entry's page is pending until a capture succeeds; an entry with an invalid link has
    none.
    """
    store(con, entry(ONE), entry(TWO), entry(ONE, revision_hash="r2"), entry("x", url=None))
    assert urls(con) == [ONE, TWO]
    store(con, capture(ONE))
    assert urls(con) == [TWO]
    assert urls(con, feeds=["other"]) == []


def test_a_failed_page_waits_for_another_night_and_is_given_up(con: Any) -> None:
    """A failed page is requested again after one night, then two, four, seven: five times."""
    store(con, entry(ONE))
    requested = []
    for night in range(29):
        at = NOW + dt.timedelta(days=night)
        if urls(con, at):
            requested.append(night)
            store(con, failed(ONE, fetched_at=at))
            assert urls(con, at) == []
    assert requested == [0, 1, 3, 7, 14]
    assert len(requested) == LIMITS["tries"]


def test_requests_of_the_future_do_not_postpone_a_page(con: Any) -> None:
    """A failure in a night a year ahead counts as a try, but the page does not wait so long."""
    store(con, entry(ONE, first_seen_at=AHEAD), failed(ONE, fetched_at=AHEAD))
    assert [row.url for row in wanted_in_window(con, NOW, ["a"], NOW, NOW)] == [ONE]
    for night in range(LIMITS["tries"] - 1):
        at = NOW + dt.timedelta(days=10 * night)
        assert urls(con, at) == [ONE]
        store(con, failed(ONE, fetched_at=at))
        assert urls(con, at) == []
    assert urls(con, NOW + dt.timedelta(days=100)) == []


def test_results_of_the_future_do_not_postpone_cleaning_documents_and_listings(con: Any) -> None:
    """Failed cleaning and documents are tried again; a stored listing is not the day's last."""
    page, leading, document = capture(ONE), capture(TWO), f"{TWO}.pdf"
    ahead = {"article_id": None, "extracted_at": AHEAD}
    found = {"outcome": "leads_to_document", "document_url": document}
    store(
        con,
        page,
        leading,
        capture("http://example.org/list", kind="listing", fetched_at=AHEAD),
        failed(document, kind="document", fetched_at=AHEAD),
        extraction(page.capture_id, page.url, outcome="stalled", **ahead),
        extraction(leading.capture_id, leading.url, **found, **ahead),
    )
    assert captures(con) == [page]
    assert wanted_documents(con, NOW, ["a"]) == [(leading, document)]
    assert stored_listings(con, NOW) == {}


def test_captures_wait_for_cleaning_oldest_first(con: Any) -> None:
    """A successful page is pending until it has an extraction; failures and feeds are not."""
    first, second = capture(TWO), capture(ONE, fetched_at=NEXT)
    others = failed("http://example.org/f"), capture("http://x/", kind="feed")
    store(con, first, second, *others)
    assert captures(con) == [first, second]
    assert captures(con, 1) == [first]
    store(con, extraction(first.capture_id, first.url))
    assert captures(con) == [second]


def test_a_page_whose_cleaning_was_cut_short_is_tried_again(con: Any) -> None:
    """An extraction that failed because of the machine is repeated on the next nights, but not on
    the same night and not forever.

    The outcome of a page that exceeded its CPU limit is final.
    """
    pages = {name: capture(f"{ONE}/{name}") for name in ("stalled", "timed_out", "unparsable")}
    store(con, *pages.values())
    for name, page in pages.items():
        store(con, extraction(page.capture_id, page.url, article_id=None, outcome=name))
    assert captures(con) == []
    assert captures(con, now=NEXT) == [pages["stalled"]]
    assert sum(count_uncleaned(con, NEXT).values()) == 1
    assert captures(con, now=NOW + dt.timedelta(days=UNLUCKY_DAYS)) == []
    assert count_uncleaned(con) == {}


def test_a_revisit_is_read_from_the_record_that_holds_the_body(con: Any) -> None:
    """A capture with a body that was archived before refers to the record with the bytes."""
    old = "2026/05/old-000.warc.gz"
    original = capture(ONE, warc_file=old, warc_offset=77, digest="sha1:same")
    again = capture(TWO, fetched_at=NEXT, is_revisit=True, digest="sha1:same")
    store(con, original, again)
    found = uncleaned_captures(con, 10)[1]
    assert (found.capture, *found.place[:2]) == (again, old, 77)


def test_a_warc_name_is_never_one_in_use(con: Any, lake: Lake) -> None:
    """The next number follows the greatest used number, and files of killed runs are skipped."""

    def named() -> Any:
        return next_warc_name(con, lake.raw, "2026/06/x")

    names = [f"2026/06/x-{end}.warc.gz" for end in ("000", "001", "002", "003")]
    assert named() == names[0]
    store(con, capture(ONE, warc_file="2026/06/x-000-r1.warc.gz"))
    store(con, capture(TWO, warc_file="2026/06/x-other-007.warc.gz"))
    assert named() == names[1]
    store(con, capture("http://example.org/3", warc_file=names[1]))
    con.execute("update raw.captures set warc_file = null where warc_file like '%-r1.warc.gz'")
    assert named() == names[2]
    with WarcFile(lake.raw) as file:
        file.name(names[2])
    assert named() == names[3]


def test_a_page_is_wanted_once_for_each_publisher(con: Any) -> None:
    """A publisher's first entry for a URL is used, regardless of later revisions."""
    later = {"first_seen_at": NEXT, "revision_hash": "r2"}
    store(
        con,
        *(feed("a"), feed("b", publisher_id="other"), feed("c")),
        entry(ONE, feed_id="b", entry_id=uuid4(), **later),
        entry(ONE),
        entry(ONE, feed_id="c", entry_id=uuid4(), **later),
        entry(ONE, **later),
    )
    feeds = ["a", "b", "c"]
    for found in (
        wanted_pages(con, NEXT, feeds),
        wanted_in_window(con, NEXT, feeds, NOW, NEXT),
    ):
        wanted = sorted((row.feed_id, row.revision_hash) for row in found)
        assert wanted == [("a", "r1"), ("b", "r2")]


def test_a_publisher_has_its_tries_from_when_it_listed_a_page(con: Any) -> None:
    """A publisher that lists a URL before its page exists uses up only its own requests."""
    listed = entry(ONE, feed_id="b", entry_id=uuid4())
    tries = [
        failed(ONE, fetched_at=NOW + dt.timedelta(days=day), outcome="http_error")
        for day in (0, 1, 3, 7, 14)
    ]
    store(con, feed("a"), feed("b", publisher_id="other"), listed, *tries)
    night = NOW + dt.timedelta(days=15)
    assert wanted_pages(con, night, ["a", "b"]) == []
    store(con, entry(ONE, first_seen_at=night))
    assert [row.feed_id for row in wanted_pages(con, night, ["a", "b"])] == ["a"]
    store(con, failed(ONE, fetched_at=night, outcome="http_error"))
    assert wanted_pages(con, night, ["a", "b"]) == []


@pytest.mark.parametrize(
    ("url", "more", "is_wanted"),
    [
        ("http://example.org/a/1?sid=2", {}, False),
        ("https://m.example.org/a/1/", {}, False),
        ("https://www.example.org/a/1/amp?x=1", {}, False),
        ("http://example.org/a/2", {}, True),
        ("http://example.org/a/1?sid=2", {"title": "Another"}, True),
        ("http://example.org/a/1?sid=2", {"published_at": NEXT}, True),
        ("http://example.org/a/1?sid=2", {"date_quality": "day_only"}, True),
    ],
)
def test_another_url_of_an_obtained_item_is_not_wanted(
    con: Any, url: str, more: dict[str, Any], is_wanted: bool
) -> None:
    """Items with the same title and exact time, and nearly the same URL, are one."""
    known = {"title": "Bridge reopens", "published_at": NOW, "date_quality": "exact"}
    store(
        con,
        feed("a"),
        capture("http://example.org/a/1?sid=1"),
        entry("http://example.org/a/1?sid=1", **known),
        entry(url, entry_id=uuid4(), **(known | more)),
    )
    assert urls(con) == [url] * is_wanted
