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

from tidings.demo import start, truth
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


def test_daily_feed_holds_traps(newsroom: Newsroom) -> None:
    """The daily has tracking links, one javascript: link, and one link that robots.txt
    disallows.
    """
    links = _links(newsroom, "sample_daily_en")
    refused = {refusal.link for refusal in newsroom.truth.refusals}
    assert refused < set(links)
    assert all("utm_source=rss" in link for link in links if link not in refused)
    assert len(links) == len(_expected(newsroom, "daily", "en")) + 2
    _, _, rules = _get(newsroom.base_urls["daily"] + "/robots.txt")
    closed = next(
        urllib.parse.urlsplit(r.link).path for r in newsroom.truth.refusals if r.reason == "robots"
    )
    assert closed.startswith(re.search(rb"Disallow: (\S+)", rules)[1].decode())


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
    """Before its publication an item is in no feed and its page returns 404; set_now and /_clock
    set the same clock.
    """
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


def test_validators(newsroom: Newsroom) -> None:
    """A known ETag or a recent date yields 304 without a body; a new item changes both."""
    url = newsroom.base_urls["agency"] + "/feeds/zh.xml"
    newsroom.set_now("2026-06-10T12:00:00+08:00")
    _, headers, _ = _get(url)
    assert _get(url, If_None_Match=headers["ETag"])[::2] == (304, b"")
    assert _get(url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    newsroom.set_now("2026-06-11T23:00:00+08:00")
    assert _get(url, If_None_Match=headers["ETag"])[0] == 200
    assert _get(url, If_Modified_Since=headers["Last-Modified"])[0] == 200
    assert [request["conditional"] for request in newsroom.log()] == [False, True, True, True, True]


@pytest.mark.parametrize("stop", truth().downtimes, ids=lambda stop: stop.outlet)
def test_down_days(newsroom: Newsroom, stop: Any) -> None:
    """On a down day the outlet returns 503 for all paths, and the other outlets respond
    normally.
    """
    for day, hour in ((stop.starts_on, "00:00:01"), (stop.ends_on, "23:59:59")):
        site = next(a for a in newsroom.truth.articles if a.outlet == stop.outlet)
        newsroom.set_now(f"{day}T{hour}{site.published_at:%z}")
        down = {
            name
            for name, home in newsroom.base_urls.items()
            if _get(home + "/robots.txt")[0] == 503
        }
        assert down == {stop.outlet}
        assert _get(site.url)[0] == 503


def test_edited_item(newsroom: Newsroom) -> None:
    """One item of the agency is corrected two days later: the page has a new paragraph, and the
    feed entry a later time.
    """
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


def test_ministry_says_gb2312(newsroom: Newsroom) -> None:
    """The ministry's pages declare gb2312 but contain a name that requires gb18030; the header
    declares no charset.
    """
    pages = [
        (a, *_get(a.url)[1:])
        for a in newsroom.truth.articles
        if a.outlet == "ministry" and "陈喆" in a.body
    ]
    assert pages
    for _, headers, body in pages:
        assert headers["Content-Type"] == "text/html"
        assert b"charset=gb2312" in body
        with pytest.raises(UnicodeDecodeError):
            body.decode("gb2312")


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
    """`python -m tidings.demo` writes its feed list, prints the URLs, serves, and rejects a time
    without a time zone.
    """
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
