"""Each URL belongs to the publisher that owns its domain."""

import csv
import datetime as dt
import tracemalloc

import pytest

from tests.cases import cases
from tidings.base.owners import Owners
from tidings.base.records import Publisher
from tidings.fetch.registry import RegistryError, read_publishers, read_registry

DAY = dt.date(2026, 6, 1)
PUBLISHERS = read_publishers(
    csv.DictReader("""\
publisher_id,name,domains
war,War,war.gov 2025-09-05/..|defense.gov|old-example.org ../2020-12-31
eu,EU,europa.eu
council,Council,consilium.europa.eu
uk,UK,gov.uk
heir,Heir,old-example.org 2021-01-01/..
gone,Gone,gone-example.org ../2024-12-31|BÜCHER-example.org
past-example.org,Past,past-example.org ../2024-12-31
""".splitlines())
)  # fmt: skip
FEEDS, LISTED = read_registry(
    csv.DictReader("""\
feed_id,url,publisher_id,domains
war,https://feeds.host-example.org/war,war,
gone,https://gone-example.org/feed,gone,
plain,https://rss.daily-example.org/feed,,
named,https://feeds.other-example.org/f,named,named-example.org
agency,https://agency.europa.eu/f,agency,
a,http://127.0.0.1:8600/a,a,
b,http://127.0.0.1:8600/b,b,
""".splitlines()),
    PUBLISHERS,
)  # fmt: skip
FEED = {feed.feed_id: feed for feed in FEEDS}
OWNERS = Owners({row.publisher_id: row for row in (*PUBLISHERS, *LISTED)}.values())


@cases(
    "feed, url, publisher",
    ("plain", "https://www.war.gov/a", "war"),  # listed by the feed of another publisher
    ("war", "https://www.war.gov/a", "war"),
    (None, "https://www.defense.gov:443/a", "war"),  # imported
    # the feed's registrable domain
    ("plain", "https://news.daily-example.org/a", "rss.daily-example.org"),
    ("war", "https://news.daily-example.org/a", "rss.daily-example.org"),
    # no publisher lists the feed's host
    ("war", "https://www.feeds.host-example.org/a", "war"),
    ("plain", "https://www.feeds.host-example.org/a", "host-example.org"),
    ("named", "https://www.named-example.org/a", "named"),
    # a domain that no publisher lists
    ("plain", "https://www.stranger-example.org/a", "stranger-example.org"),
    ("war", "https://consilium.europa.eu/a", "council"),  # the nearest domain
    ("war", "https://ec.europa.eu/a", "eu"),
    ("agency", "https://agency.europa.eu/a", "agency"),
    # a feed list cannot take a domain from a known publisher
    ("agency", "https://ec.europa.eu/a", "eu"),
    ("plain", "https://www.gov.uk/a", "uk"),
    # the owner of a public suffix does not own domains below it
    ("plain", "https://www.example.gov.uk/a", "example.gov.uk"),
    ("plain", "https://war.gov.evil-example.org/a", "evil-example.org"),
    ("plain", "https://notwar.gov/a", "notwar.gov"),
    ("plain", "https://xn--bcher-example-wob.org/a", "gone"),
    # its domain has passed to others
    ("gone", "https://gone-example.org/a", "gone-example.org"),
    ("a", "http://127.0.0.1:8600/x", "a"),  # two publishers on one host: the feed decides
    ("b", "http://127.0.0.1:8600/x", "b"),
    ("war", "http://127.0.0.1:8600/x", "127.0.0.1:8600"),
    ("a", "http://127.0.0.1:8601/x", "127.0.0.1:8601"),
    ("a", "https://127.0.0.1/x", "127.0.0.1"),  # the scheme's default port is omitted
)
def test_an_article_belongs_to_the_owner_of_its_domain(
    feed: str | None, url: str, publisher: str
) -> None:
    """An article belongs to the nearest domain's owner, or without one to the domain itself."""
    assert OWNERS.publisher_of(url, DAY, FEED.get(feed or "")) == publisher


@cases(
    "url, day, publisher",
    ("https://war.gov/a", "2025-09-04", "war.gov"),
    ("https://war.gov/a", "2025-09-05", "war"),
    ("https://old-example.org/a", "2020-12-31", "war"),
    ("https://old-example.org/a", "2021-01-01", "heir"),
    ("https://gone-example.org/a", "2025-01-01", "gone-example.org"),
    ("https://past-example.org/a", "2025-01-01", "past-example.org (no owner)"),
)
def test_a_domain_has_its_owner_of_the_day(url: str, day: str, publisher: str) -> None:
    """A domain's period includes its first and last day."""
    assert OWNERS.publisher_of(url, dt.date.fromisoformat(day), None) == publisher


@cases(
    "text",
    "a b",
    "a.example 2024",
    "a.example 2025-01-01/2024-01-01",
    "a.example/x",
    "a.example ../x",
)
def test_an_invalid_domain_is_refused_with_its_row(text: str) -> None:
    """The error names publisher and valid forms; an invalid domain already stored is ignored."""
    with pytest.raises(RegistryError, match="p: invalid domain"):
        read_publishers([{"publisher_id": "p", "name": "P", "domains": text}])
    stored = Publisher("p", "P", None, None, "UTC", [text])
    assert Owners([stored]).owner_of("https://a.example/", None) is None


def test_a_domain_may_have_an_owner_for_a_single_day() -> None:
    """A period that begins and ends on the same day is valid."""
    owners = Owners([Publisher("p", "P", None, None, "UTC", ["a.example 2026-06-01/2026-06-01"])])
    days = [DAY + dt.timedelta(days=shift) for shift in (-1, 0, 1)]
    assert [owners.owner_of("https://a.example/", day) for day in days] == [None, "p", None]


def test_a_name_longer_than_any_host_has_no_parents() -> None:
    """A name with 2,000 labels would otherwise need four megabytes for its parent domains."""
    url = f"https://{'a.' * 2_000}example.org/"
    tracemalloc.start()
    try:
        assert Owners([]).publisher_of(url, DAY, None) == "example.org"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
