"""Our own feeds, and real ones if available, over HTTP, compared with feedparser's results."""

import asyncio
import calendar
import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import feedparser
import pytest

from tests.fetch.feed.test_fast_reader import ODD, PARTS
from tests.fetch.feed.test_read import ATOM, RDF
from tests.fetch.loopback import feed_row, reply, serving
from tidings.base.dates import read_date, zone_of
from tidings.base.urls import normalise_url
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.feed.entry import ParsedFeed
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.response import Response
from tidings.fetch.worker_pool import FetchRequest

BUNDLE = Path(__file__).parents[4] / "shared" / "feeds" / "feeds.zip"
NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
URL = "http://127.0.0.1:{}/{}"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Return the bytes of each feed by name: ours, and real ones beside this checkout."""
    found = {
        f"{number}.xml": text.encode()
        for number, text in enumerate([*PARTS.values(), *ODD.values(), ATOM, RDF])
    }
    if BUNDLE.exists():
        with zipfile.ZipFile(BUNDLE) as bundle:
            found |= {name: bundle.read(name) for name in sorted(bundle.namelist())}
    return found


@pytest.fixture(scope="module")
def read(files: dict[str, bytes]) -> dict[str, tuple[Response, ParsedFeed]]:
    """Return the response and the parsed feed of each file."""

    async def run() -> dict[str, tuple[Response, ParsedFeed]]:
        found = {}
        routes = {
            f"/{name}": reply(200, body, kind="application/xml") for name, body in files.items()
        }
        async with serving(routes) as server:
            allowed = frozenset({("127.0.0.1", server.port)})
            settings = ClientSettings("Tester/1", allow_hosts=allowed, host_gap=0.0, deadline=20.0)
            async with open_client(settings, lambda: NOW) as client, FeedReader(2, 20.0) as reader:
                requests = [
                    FetchRequest(f"{server.origin}/{name}", "feed", key=name) for name in files
                ]
                async for request, response in client.fetch_many(requests):
                    page = response.body, response.content_type, response.page_url
                    parsed = await reader.read(*page, "UTC", NOW, feed_row())
                    assert isinstance(parsed, ParsedFeed)
                    found[request.key] = response, parsed
        return found

    return asyncio.run(run())


@pytest.fixture(scope="module")
def theirs(files: dict[str, bytes]) -> dict[str, Any]:
    """Return feedparser's own result for each file, with the sanitiser off."""
    return {
        name: feedparser.parse(io.BytesIO(body), sanitize_html=False)
        for name, body in files.items()
    }


def test_none_hangs_or_is_lost(
    files: dict[str, bytes], read: dict[str, tuple[Response, ParsedFeed]]
) -> None:
    """Every file has the outcome ok and is read as a feed with entries."""
    assert read.keys() == files.keys()
    for response, parsed in read.values():
        assert response.outcome == "ok"
        assert isinstance(parsed, ParsedFeed)
        assert parsed.entries


@pytest.mark.slow
def test_entries_and_titles_agree(
    read: dict[str, tuple[Response, ParsedFeed]], theirs: dict[str, Any]
) -> None:
    """The number, order and guids of the entries agree."""
    for name, (_, parsed) in read.items():
        entries = theirs[name].entries
        assert len(parsed.entries) == len(entries)
        assert [entry.guid for entry in parsed.entries] == [
            dict.get(entry, "id") or None for entry in entries
        ]


def test_links_agree(read: dict[str, tuple[Response, ParsedFeed]], theirs: dict[str, Any]) -> None:
    """Links agree except for tracking parameters, spelling and the links of feed proxies."""
    for name, (response, parsed) in read.items():
        for ours, entry in zip(parsed.entries, theirs[name].entries, strict=True):
            wanted = dict.get(entry, "feedburner_origlink") or dict.get(entry, "link")
            assert ours.link == (normalise_url(wanted, response.final_url) if wanted else None)


def test_dates_agree(read: dict[str, tuple[Response, ParsedFeed]], theirs: dict[str, Any]) -> None:
    """Dates agree to the second: no feed has a date that feedparser reads wrongly."""
    count = 0
    for name, (_, parsed) in read.items():
        for ours, entry in zip(parsed.entries, theirs[name].entries, strict=True):
            theirs_at = (
                dict.get(entry, "published_parsed")
                or dict.get(entry, "created_parsed")
                or dict.get(entry, "updated_parsed")
            )
            if theirs_at and ours.date_quality.is_read:
                count += 1
                assert ours.published_at == dt.datetime.fromtimestamp(
                    calendar.timegm(theirs_at), dt.UTC
                ), ours.published_raw
    assert count > (4000 if BUNDLE.exists() else 10)


def test_no_date_that_feedparser_reads_is_lost(
    read: dict[str, tuple[Response, ParsedFeed]], theirs: dict[str, Any]
) -> None:
    """Every date that feedparser reads is read here too, or its quality states the reason."""
    for name, (_, parsed) in read.items():
        for ours, entry in zip(parsed.entries, theirs[name].entries, strict=True):
            if dict.get(entry, "published_parsed"):
                assert ours.date_quality.is_read or ours.date_quality.value in (
                    "future",
                    "epoch",
                ), ours.published_raw


def test_feedparser_is_wrong_where_we_say_so() -> None:
    """Feedparser misreads a Chinese date, CST as Chicago's time and BST as UTC."""
    for text, zone in (
        ("2026年11月24日 10:00", "Asia/Shanghai"),
        ("Tue, 24 Nov 2026 10:00:00 BST", "Europe/London"),
    ):
        parsed, ours = feedparser.datetimes._parse_date(text), read_date(text, zone_of(zone))
        assert ours
        assert parsed is None or ours.at.timestamp() != calendar.timegm(parsed)
