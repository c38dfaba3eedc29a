"""Pending work."""

import dataclasses
import datetime as dt
from typing import Any
from uuid import uuid4

import pytest

from tests.storage.rows import NOW, capture, entry, extraction, feed, store
from tidings.storage.archive import WarcFile
from tidings.storage.lake import Lake, transaction
from tidings.storage.load import merge
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

NEXT = NOW + dt.timedelta(days=1)


def urls(con: Any, now: Any = NEXT, feeds: Any = ("a",)) -> Any:
    return [row.url for row in wanted_pages(con, now, list(feeds))]


def test_a_page_is_wanted_until_it_is_obtained(con: Any) -> None:
    """An entry's page is pending until a capture succeeds."""
    store(
        con,
        entry("http://example.org/1"),
        entry("http://example.org/2"),
        entry("http://example.org/1", revision_hash="r2"),
    )
    assert urls(con) == ["http://example.org/1", "http://example.org/2"]
    store(con, capture("http://example.org/1"))
    assert urls(con) == ["http://example.org/2"]
    assert urls(con, feeds=["other"]) == []


def test_a_failed_page_waits_for_another_night_and_is_given_up(con: Any) -> None:
    """A failed page is requested again after one night, then two, four, seven: five times."""
    store(con, entry("http://example.org/1"))
    requested = []
    for night in range(29):
        at = NOW + dt.timedelta(days=night)
        if urls(con, at):
            requested.append(night)
            store(
                con,
                capture("http://example.org/1", fetched_at=at, outcome="timeout", warc_file=None),
            )
            assert urls(con, at) == []
    assert requested == [0, 1, 3, 7, 14]
    assert len(requested) == LIMITS["tries"]


def test_requests_of_the_future_do_not_postpone_a_page(con: Any) -> None:
    """A failure in a night a year ahead counts as a try, but the page does not wait so long."""
    ahead, url = NOW + dt.timedelta(days=365), "http://example.org/1"
    store(
        con,
        entry(url, first_seen_at=ahead),
        capture(url, fetched_at=ahead, outcome="timeout", warc_file=None),
    )
    assert [row.url for row in wanted_in_window(con, NOW, ["a"], NOW, NOW)] == [url]
    for night in range(LIMITS["tries"] - 1):
        at = NOW + dt.timedelta(days=10 * night)
        assert urls(con, at) == [url]
        store(con, capture(url, fetched_at=at, outcome="timeout", warc_file=None))
        assert urls(con, at) == []
    assert urls(con, NOW + dt.timedelta(days=100)) == []


def test_results_of_the_future_do_not_postpone_cleaning_documents_and_listings(con: Any) -> None:
    """Failed cleaning and documents are tried again; a stored listing is not the day's last."""
    ahead = NOW + dt.timedelta(days=365)
    page, leading, document = (
        capture("http://a.example/1"),
        capture("http://a.example/2"),
        "http://a.example/2.pdf",
    )
    with transaction(con):
        merge(
            con, [page, leading, capture("http://a.example/list", kind="listing", fetched_at=ahead)]
        )
        merge(
            con,
            [
                capture(
                    document, kind="document", outcome="timeout", warc_file=None, fetched_at=ahead
                )
            ],
        )
        failed = {"article_id": None, "extracted_at": ahead}
        merge(
            con,
            [
                extraction(page.capture_id, page.url, outcome="stalled", **failed),
                extraction(
                    leading.capture_id,
                    leading.url,
                    outcome="leads_to_document",
                    document_url=document,
                    **failed,
                ),
            ],
        )
    assert [stored.capture for stored in uncleaned_captures(con, 10, NOW)] == [page]
    assert wanted_documents(con, NOW, ["a"]) == [(leading, document)]
    assert stored_listings(con, NOW) == {}


def test_entries_without_a_link_want_no_page(con: Any) -> None:
    """An entry with an invalid link has no pending page."""
    store(con, entry("http://example.org/1", url=None))
    assert urls(con) == []


def test_captures_wait_for_cleaning_oldest_first(con: Any) -> None:
    """A successful page is pending until it has an extraction; failures and feeds are not."""
    first, second = (
        capture("http://example.org/b"),
        capture("http://example.org/a", fetched_at=NEXT),
    )
    store(
        con,
        first,
        second,
        capture("http://example.org/f", outcome="timeout", warc_file=None),
        capture("http://x/", kind="feed"),
    )
    assert [stored.capture for stored in uncleaned_captures(con, 10)] == [first, second]
    assert [stored.capture for stored in uncleaned_captures(con, 1)] == [first]
    store(con, extraction(first.capture_id, first.url))
    assert [stored.capture for stored in uncleaned_captures(con, 10)] == [second]


def test_a_page_whose_cleaning_was_cut_short_is_tried_again(con: Any) -> None:
    """An extraction that failed because of the machine is repeated on the next nights, but not on
    the same night and not forever.

    The outcome of a page that exceeded its CPU limit is final.
    """
    late, broken = capture("http://example.org/late"), capture("http://example.org/broken")
    heavy = capture("http://example.org/heavy")
    store(
        con,
        late,
        broken,
        heavy,
        extraction(late.capture_id, late.url, article_id=None, outcome="stalled"),
        extraction(heavy.capture_id, heavy.url, article_id=None, outcome="timed_out"),
        extraction(broken.capture_id, broken.url, article_id=None, outcome="unparsable"),
    )

    def waiting(now: Any) -> Any:
        return [stored.capture for stored in uncleaned_captures(con, 10, now)]

    assert waiting(NOW) == []
    assert waiting(NOW + dt.timedelta(days=1)) == [late]
    assert sum(count_uncleaned(con, NOW + dt.timedelta(days=1)).values()) == 1
    assert waiting(NOW + dt.timedelta(days=UNLUCKY_DAYS)) == []
    assert count_uncleaned(con) == {}


def test_a_revisit_is_read_from_the_record_that_holds_the_body(con: Any) -> None:
    """A capture with a body that was archived before refers to the record with the bytes."""
    original = capture(
        "http://example.org/1",
        warc_file="2026/05/old-000.warc.gz",
        warc_offset=77,
        digest="sha1:same",
    )
    again = capture("http://example.org/2", fetched_at=NEXT, is_revisit=True, digest="sha1:same")
    store(con, original, again)
    found = uncleaned_captures(con, 10)[1]
    assert (found.capture, *found.place[:2]) == (
        again,
        "2026/05/old-000.warc.gz",
        77,
    )


def test_a_warc_name_is_never_one_in_use(con: Any, lake: Lake) -> None:
    """The next number follows the greatest used number, and files of killed runs are skipped."""

    def named() -> Any:
        return next_warc_name(con, lake.raw, "2026/06/x")

    assert named() == "2026/06/x-000.warc.gz"
    store(
        con,
        capture("http://example.org/1", warc_file="2026/06/x-000-r1.warc.gz"),
        capture("http://example.org/2", warc_file="2026/06/x-other-007.warc.gz"),
    )
    assert named() == "2026/06/x-001.warc.gz"
    with transaction(con):
        merge(con, [capture("http://example.org/3", warc_file="2026/06/x-001.warc.gz")])
        con.execute("update raw.captures set warc_file = null where warc_file like '%-r1.warc.gz'")
    assert named() == "2026/06/x-002.warc.gz"
    with WarcFile(lake.raw) as file:
        file.name("2026/06/x-002.warc.gz")
    assert named() == "2026/06/x-003.warc.gz"


def test_a_page_is_wanted_once_for_each_publisher(con: Any) -> None:
    """A publisher's first entry for a URL is used, regardless of later revisions."""
    later = {"first_seen_at": NEXT, "revision_hash": "r2"}
    mine, others = feed("a"), feed("b", publisher_id="other")
    store(
        con,
        mine,
        others,
        feed("c"),
        entry("http://example.org/1", feed_id="b", entry_id=uuid4(), **later),
        entry("http://example.org/1"),
        entry("http://example.org/1", feed_id="c", entry_id=uuid4(), **later),
        entry("http://example.org/1", **later),
    )
    wanted = {("a", "r1"), ("b", "r2")}
    found = wanted_pages(con, NEXT, ["a", "b", "c"])
    assert {(row.feed_id, row.revision_hash) for row in found} == wanted
    assert len(found) == len(wanted)
    found = wanted_in_window(con, NEXT, ["a", "b", "c"], NOW, NEXT)
    assert {(row.feed_id, row.revision_hash) for row in found} == wanted
    assert len(found) == len(wanted)


def test_a_publisher_has_its_tries_from_when_it_listed_a_page(con: Any) -> None:
    """A publisher that lists a URL before its page exists uses up only its own requests."""
    with transaction(con):
        merge(con, [feed("a"), feed("b", publisher_id="other")])
        merge(con, [entry("http://example.org/1", feed_id="b", entry_id=uuid4())])
        tries = [
            capture("http://example.org/1", fetched_at=NOW + dt.timedelta(days=day))
            for day in (0, 1, 3, 7, 14)
        ]
        merge(
            con, [dataclasses.replace(one, outcome="http_error", warc_file=None) for one in tries]
        )
    night = NOW + dt.timedelta(days=15)
    assert wanted_pages(con, night, ["a", "b"]) == []
    store(con, entry("http://example.org/1", first_seen_at=night))
    assert [row.feed_id for row in wanted_pages(con, night, ["a", "b"])] == ["a"]
    store(
        con, capture("http://example.org/1", fetched_at=night, outcome="http_error", warc_file=None)
    )
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
