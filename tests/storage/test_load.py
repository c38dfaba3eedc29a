"""Writing records."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from tests.storage.rows import NOW, entry, feed, store
from tidings.base.records import Feed, FeedEntry
from tidings.storage.lake import transaction
from tidings.storage.load import merge, read_records


def snapshots(con: Any) -> Any:
    return con.execute("select count(*) from lake.snapshots()").fetchone()[0]


def test_a_row_written_twice_is_written_once(con: Any) -> None:
    """Writing the same rows again changes nothing, not even the lake's snapshot."""
    with transaction(con):
        assert merge(con, [feed("a"), feed("b")]) == 2
    before = snapshots(con)
    with transaction(con):
        assert merge(con, [feed("b"), feed("a")]) == 0
    assert snapshots(con) == before
    assert [row.feed_id for row in read_records(con, Feed)] == ["a", "b"]


def test_a_changed_row_is_replaced(con: Any) -> None:
    """A stored row with other values is replaced; null and a value differ, and of two rows with one
    key the last counts. UUIDs, times, lists and nulls are equal after reading.
    """
    store(con, feed("a"))
    changed = dataclasses.replace(feed("a"), language="zh", topics=["trade"])
    with transaction(con):
        assert merge(con, [changed]) == 1
    assert read_records(con, Feed) == [changed]
    last = dataclasses.replace(feed("a"), url="http://example.org/last")
    with transaction(con):
        assert merge(con, [feed("a"), last]) == 1
    assert read_records(con, Feed) == [last]
    row = entry("http://example.org/1", authors=["Ada", "王"], published_at=None)
    store(con, row)
    assert read_records(con, FeedEntry) == [row]


def test_what_was_first_seen_stays(con: Any) -> None:
    """An entry in a later poll keeps the time and the capture in which it was first seen."""
    later = dataclasses.replace(
        entry("http://example.org/1"), first_seen_at=NOW + dt.timedelta(days=1)
    )
    with transaction(con):
        assert merge(con, [entry("http://example.org/1")]) == 1
    with transaction(con):
        assert merge(con, [later]) == 0
    assert read_records(con, FeedEntry) == [entry("http://example.org/1")]


def test_a_failed_transaction_leaves_nothing(con: Any) -> None:
    """A failed block is rolled back."""
    with pytest.raises(ZeroDivisionError), transaction(con):
        merge(con, [feed("a")])
        raise ZeroDivisionError
    assert read_records(con, Feed) == []
