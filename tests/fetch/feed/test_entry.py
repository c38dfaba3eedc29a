"""Rows of feed entries."""

import dataclasses
from uuid import UUID

import pytest

from tests.fetch.loopback import item
from tests.fetch.test_poll_state import FEED, NIGHT, parse
from tidings.base.records import Feed, FeedEntry
from tidings.fetch.continuity import oldest_date
from tidings.fetch.feed.entry import make_entry_rows

CAPTURE = UUID(int=1)


def rows(*items: str, feed: Feed = FEED) -> list[FeedEntry]:
    return make_entry_rows(feed, parse(*items), CAPTURE, NIGHT)


def test_entries_are_identified_by_their_link() -> None:
    """One guid under two links is two entries. A new guid or title on one link is a revision with
    its own hash; an identical entry adds no row.
    """
    made = rows(
        item(1, guid="same", link="http://example.org/a"),
        item(2, guid="same", link="http://example.org/b"),
    )
    assert len({row.entry_id for row in made}) == 2
    for changes in ({"guid": "other"}, {"title": "Another headline"}):
        made = rows(item(1), item(1, **changes), item(1))
        assert len({row.entry_id for row in made}) == 1
        assert len(made) == 2


def test_without_a_guid_the_link_counts_and_without_both_title_and_date() -> None:
    """The link identifies the entry without its tracking parameters."""
    bare = "<item><title>{}</title>{}</item>"
    link = "<link>http://example.org/1{}</link>"
    first, second, third = (
        rows(bare.format("t", link.format("?utm_source=rss")))[0],
        rows(bare.format("t", link.format("")))[0],
        rows(bare.format("t", ""))[0],
    )
    assert first.entry_id == second.entry_id != third.entry_id
    assert (
        third.entry_id
        == rows(bare.format("t", ""))[0].entry_id
        != rows(bare.format("u", ""))[0].entry_id
    )


@pytest.mark.parametrize("link", ["//", "#", "/"])
def test_a_link_without_host_and_path_is_no_page(link: str) -> None:
    """The entry has no link, instead of the feed's own URL, but keeps what the feed states."""
    (row,) = rows(item(1, link=link))
    assert (row.url, row.link_raw) == (None, link)


def test_an_entry_without_a_date_counts_from_when_it_was_seen() -> None:
    """The raw text is stored, and the quality states the reason."""
    (row,) = rows(item(1, date="Tue, 24 Nov 2099 10:00:00 GMT"))
    found = (row.published_at, row.date_quality, row.published_raw)
    assert found == (NIGHT, "future", "Tue, 24 Nov 2099 10:00:00 GMT")
    assert oldest_date(parse(item(1, date=""))) is None


def test_the_full_text_counts_for_a_revision_only_where_the_feed_carries_it() -> None:
    """In other feeds the content is a teaser that changes without a revision."""
    encoded = (
        "<content:encoded"
        " xmlns:content='http://purl.org/rss/1.0/modules/content/'>{}</content:encoded></item>"
    )
    pair = [item(1).replace("</item>", encoded.format(text)) for text in ("one", "two")]
    assert len(rows(*pair)) == 1
    assert len(rows(*pair, feed=dataclasses.replace(FEED, has_full_text=True))) == 2
