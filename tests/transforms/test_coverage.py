"""Coverage: items that each source listed for a day, and the items that were obtained."""

import datetime as dt
import uuid

import pytest

from tests.transforms.conftest import TinyLake

SELECT = "+coverage +outlet_daily"
COLUMNS = "listed_count, obtained_count, later_copy_count, listed_share, status"


@pytest.fixture
def covered(lake: TinyLake) -> TinyLake:
    """A lake with a feed polled on the evenings of 5 and 7 September, and an unpolled sitemap."""
    for source, kind in (("rss", "feed"), ("map", "sitemap")):
        url = f"http://outlet.example/{source}"
        lake.insert("raw.feeds", feed_id=source, publisher_id="daily", url=url, kind=kind)
    lost = "2023-09-05 20:00:00+00", "2023-09-06 23:00:00+00"
    lake.add_poll("rss", "daily", lost[0], "2023-09-03 23:00:00+00")
    lake.add_poll("rss", "daily", "2023-09-07 20:00:00+00", lost[1])
    gap = {"feed_id": "rss", "starts_at": lost[0], "ends_at": lost[1], "reason": "rolled_over"}
    lake.insert("raw.feed_gaps", gap)
    lake.as_of = dt.datetime(2023, 9, 7, 20, 30, tzinfo=dt.UTC)
    return lake


def list_item(
    lake: TinyLake, source: str, key: str, date: str | None, seen: str = "2023-09-05 20:00:00+00"
) -> None:
    """Add an entry of a source. A sitemap's date is the date of the last change."""
    entry_id = str(uuid.uuid5(uuid.NAMESPACE_URL, source + key))
    row: dict[str, object] = {"entry_id": entry_id, "revision_hash": "r", "feed_id": source}
    row |= {"url": f"http://outlet.example/{key}", "first_seen_at": seen}
    if date:
        dated = {"published_at": date, "date_quality": "exact"}
        row |= {"updated_at": date} if source == "map" else dated
    lake.insert("raw.feed_entries", row)


def capture_page(lake: TinyLake, key: str, at: str, **more: object) -> str:
    """Add the capture of an item's page and return its id."""
    capture_id = str(uuid.uuid5(uuid.NAMESPACE_URL, key + at))
    row = {"capture_id": capture_id, "url": f"http://outlet.example/{key}", "kind": "page"}
    row |= {"fetched_at": at, "outcome": "ok", "origin": "live"}
    lake.insert("raw.captures", {**row, "publisher_id": "daily", "feed_id": "rss", **more})
    return capture_id


def clean_page(lake: TinyLake, key: str, at: str, day: str, **more: object) -> None:
    """Add the capture of an item's page and its article."""
    capture_id, at_ten = capture_page(lake, key, at, **more), f"{day} 10:00:00+00"
    made = lake.add_article(key, "daily", day, published_at=at_ten, capture_id=capture_id)
    row = {"capture_id": capture_id, "extracted_at": "2023-09-07 20:00:00+00"}
    url = f"http://outlet.example/{key}"
    lake.insert("core.extractions", {"url": url, "article_id": str(made), **row})


def days(lake: TinyLake, source: str = "rss") -> dict[str, tuple[object, ...]]:
    """Build and return a source's rows by day, with shares rounded to two places."""
    lake.build(select=SELECT, reads_texts=False)
    rows = lake.rows(
        f"select published_on::varchar, {COLUMNS} from marts.coverage where source_id"
        f" = '{source}' order by 1"
    )
    return {str(row[0]): row[1:] for row in rows}


def test_days_tell_what_was_listed_held_and_lost(covered: TinyLake) -> None:
    """Obtained and failed items, a silent day, a lost day and the current day differ in status."""
    list_item(covered, "rss", "one", "2023-09-04 09:00:00+00")
    list_item(covered, "rss", "two", "2023-09-05 09:00:00+00")
    clean_page(covered, "one", "2023-09-05 20:01:00+00", "2023-09-04")
    capture_page(covered, "two", "2023-09-05 20:02:00+00", outcome="gone")
    assert days(covered) == {
        "2023-09-04": (1, 1, 0, 1.0, "original_capture"),
        "2023-09-05": (1, 0, 0, pytest.approx(0.88, abs=0.01), "listed_unretrievable"),
        "2023-09-06": (0, 0, 0, 0.0, "no_listing"),
        "2023-09-07": (0, 0, 0, 1.0, "original_capture"),
    }
    assert covered.rows(
        "select failures from marts.coverage where published_on = '2023-09-05'"
    ) == [(["gone"],)]


@pytest.mark.slow
def test_a_backfill_fills_the_days_that_a_feed_lost(covered: TinyLake) -> None:
    """An item listed by a sitemap three weeks later is a later copy there; the feed's row still
    reports the lost day.
    """
    assert days(covered)["2023-09-06"][-1] == "no_listing"
    later, until = "2023-09-28 20:00:00+00", {"covers_until": "2023-09-07 23:00:00+00"}
    covers = {"covers_from": "2023-09-05 23:00:00+00", **until}
    capture_page(covered, "map", later, kind="sitemap", feed_id="map", **covers)
    # changed after it was published
    list_item(covered, "map", "lost", "2023-09-09 09:00:00+00", seen=later)
    clean_page(covered, "lost", later, "2023-09-06", feed_id="map")
    covered.as_of = dt.datetime(2023, 9, 28, 20, 30, tzinfo=dt.UTC)
    found = days(covered, "map")
    assert found["2023-09-06"] == (1, 1, 1, 1.0, "later_copy")
    # nothing listed, and no listing requested in time
    assert found["2023-09-07"] == (0, 0, 0, 1.0, "later_copy")
    assert found["2023-09-08"] == (0, 0, 0, 0.0, "no_listing")
    assert days(covered)["2023-09-06"] == (0, 0, 0, 0.0, "no_listing")


def test_an_original_capture_stays_one_when_a_later_source_lists_it(covered: TinyLake) -> None:
    """An item captured in time is an original for both sources, also if a sitemap lists it late."""
    list_item(covered, "rss", "one", "2023-09-04 09:00:00+00")
    clean_page(covered, "one", "2023-09-05 20:01:00+00", "2023-09-04")
    covered.build(select=SELECT, reads_texts=False)
    list_item(covered, "map", "one", "2023-09-04 12:00:00+00", seen="2023-09-28 20:00:00+00")
    covered.add_poll("map", "daily", "2023-09-28 20:00:00+00", None)
    capture_page(covered, "one", "2023-09-28 20:00:00+00")
    assert days(covered, "map")["2023-09-04"] == (1, 1, 0, 0.0, "original_capture")
    assert days(covered)["2023-09-04"] == (1, 1, 0, 1.0, "original_capture")


def test_pages_of_a_file_are_a_source_that_tells_no_more_than_it_holds(covered: TinyLake) -> None:
    """Imported pages are listed under the file's name, with an unknown share."""
    of_file = {"feed_id": None, "origin": "CC.warc.gz"}
    clean_page(covered, "old", "2023-08-02 03:00:00+00", "2023-08-01", **of_file)
    assert days(covered, "CC.warc.gz") == {"2023-08-01": (1, 1, 0, None, "original_capture")}


def test_an_item_without_a_date_counts_where_it_was_first_seen(covered: TinyLake) -> None:
    """The item is listed without a day, and moves to the day of its article after extraction."""
    list_item(covered, "rss", "undated", None)
    query = "select published_on::varchar, undated_count from marts.coverage where listed_count > 0"
    covered.build(select=SELECT, reads_texts=False)
    assert covered.rows(query) == [("2023-09-05", 1)]
    clean_page(covered, "undated", "2023-09-06 20:01:00+00", "2023-09-04")
    covered.build(select=SELECT, reads_texts=False)
    assert covered.rows(query) == [("2023-09-04", 0)]


def test_an_article_names_each_source_that_listed_it(covered: TinyLake) -> None:
    """An article lists the feeds of its own and of another publisher with their first times."""
    covered.insert("raw.feeds", feed_id="digest", publisher_id="other", kind="feed")
    list_item(covered, "digest", "one", "2023-09-04 08:00:00+00", seen="2023-09-04 20:00:00+00")
    list_item(covered, "rss", "one", "2023-09-04 09:00:00+00")
    list_item(covered, "rss", "two", "2023-09-04 09:00:00+00")
    clean_page(covered, "one", "2023-09-05 20:01:00+00", "2023-09-04", feed_id="digest")
    covered.build(select=f"{SELECT} +article_listings", reads_texts=False)
    found = covered.rows(
        "select source_id, source_publisher_id, is_own, first_listed_at::date::varchar from"
        " measures.article_listings order by 1"
    )
    assert found == [("digest", "other", False, "2023-09-04"), ("rss", "daily", True, "2023-09-05")]
