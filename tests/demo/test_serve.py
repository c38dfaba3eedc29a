"""The servers of the sample newsroom."""

import csv
import html
import json
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import feedparser
import pytest

from tidings.demo import start
from tidings.demo.serve import Newsroom

ROOT = Path(__file__).parents[2]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _get(url: str, **headers: Any) -> Any:
    """Return status, headers and body of a response."""
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with DIRECT.open(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def _links(newsroom: Newsroom, feed_id: str) -> Any:
    """Return the links in a feed, in order."""
    row = next(
        row
        for row in csv.DictReader(newsroom.feeds_csv().splitlines())
        if row["feed_id"] == feed_id
    )
    status, _, body = _get(row["url"])
    assert status == 200
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    return [entry.link for entry in parsed.entries]


def _expected(newsroom: Newsroom, outlet: Any, page_language: str) -> Any:
    return [
        a
        for a in newsroom.truth.articles
        if (a.outlet, a.page_language) == (outlet, page_language) and a.is_in_feed
    ]


def test_archived_pages_lead_back(newsroom: Newsroom) -> None:
    """The agency's Atom feed leads to a page for each earlier month (RFC 5005)."""
    home = newsroom.base_urls["agency"]
    url: str | None = home + "/feeds/en.atom"
    months = []
    while url:
        parsed = feedparser.parse(_get(url)[2])
        months.append(len(parsed.entries))
        url = next((link.href for link in parsed.feed.links if link.rel == "prev-archive"), None)
    in_month = [
        len([a for a in _expected(newsroom, "agency", "en") if a.published_on.month == month])
        for month in (7, 6)
    ]
    assert months[1:] == in_month


def test_clock_hides_what_is_not_out(newsroom: Newsroom) -> None:
    """An unpublished item is in no feed and its page is 404; set_now and /_clock are one clock."""
    article = next(a for a in newsroom.truth.articles if a.key == "agency-en-20")
    out = urllib.parse.quote(article.published_at.isoformat())
    _get(f"{newsroom.base_urls['daily']}/_clock?now=2026-06-21T00:00:00%2B08:00")
    assert _get(article.url)[0] == 404
    assert article.url not in _links(newsroom, "sample_agency_en")
    assert _get(f"{newsroom.base_urls['daily']}/_clock?now={out}")[0] == 200
    assert newsroom.now == article.published_at
    assert _get(article.url)[0] == 200
    assert article.url in _links(newsroom, "sample_agency_en")
    assert _get(newsroom.base_urls["daily"] + "/_clock?now=2026-06-21")[0] == 400


def test_edited_item(newsroom: Newsroom) -> None:
    """An agency item is corrected two days later: a new paragraph, a later time in the entry."""
    article = next(a for a in newsroom.truth.articles if a.earlier)
    [revision] = article.earlier
    newsroom.set_now(article.published_at)
    early = html.unescape(_get(article.url)[2].decode())
    newsroom.set_now(revision.until)
    late = html.unescape(_get(article.url)[2].decode())
    added = set(article.text.paragraphs) - set(revision.text.paragraphs)
    assert len(added) == 1
    assert added.pop() in late
    assert set(re.findall(r"<p>(.*?)</p>", early)) == set(revision.text.paragraphs)
    entries = feedparser.parse(_get(newsroom.base_urls["agency"] + "/feeds/en.atom")[2]).entries
    entry = next(entry for entry in entries if entry.link == article.url)
    assert entry.updated_parsed > entry.published_parsed


def test_two_newsrooms_at_once(newsroom: Newsroom) -> None:
    """A second newsroom has its own port, clock and log."""
    with start(now="2026-06-02T00:00:00Z") as other:
        assert other.port != newsroom.port
        assert other.now != newsroom.now
        _get(other.base_urls["daily"] + "/robots.txt")
        assert [request["outlet"] for request in other.log()] == ["daily"]
        assert newsroom.log() == []
        port = other.port
    with pytest.raises(urllib.error.URLError):
        DIRECT.open(f"http://127.0.2.1:{port}/robots.txt", timeout=5)


def test_command_line(tmp_path: Path) -> None:
    """`python -m tidings.demo` writes feeds, prints URLs, serves, and rejects a naive time."""
    feeds = tmp_path / "feeds.csv"
    command = [sys.executable, "-m", "tidings.demo", "--port", "0", "--feeds", str(feeds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(5)]
        rows = list(csv.DictReader(feeds.read_text("utf-8").splitlines()))
        told = json.loads(_get(lines[1].split(": ")[1].strip() + "/_log")[2] or b"[]")
        process.terminate()
    assert told == []
    assert rows[0]["url"].startswith(lines[0].split(": ")[1].strip())
    done = subprocess.run(
        [*command, "--now", "2026-07-01"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "add a time zone" in done.stderr
