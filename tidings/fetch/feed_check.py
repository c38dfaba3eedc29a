"""Check a source against its row in the registry, find the feeds that a page links, and advise
changes.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup

from tidings.base.decode import decode
from tidings.base.urls import prepare_url
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed.text import plain_text
from tidings.fetch.response import Outcome, Response
from tidings.fetch.source_verdict import STALE_AFTER, Poll
from tidings.fetch.sources.listing import base_url
from tidings.fetch.sources.listing_dates import link_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from tidings.base.owners import Owners
    from tidings.base.records import Feed
    from tidings.fetch.listing_selectors import Proposal

_FEED_TYPES = {
    f"application/{name}" for name in ("rss+xml", "atom+xml", "rdf+xml", "feed+json", "xml")
} | {"text/xml"}
_FEED_HREF = re.compile(
    r"(?:/|\b)(?:rss|feeds?|atom|rdf)(?:/|\.xml|\.php|\.aspx|$|\?)|\.(?:rss|atom)$|feed\.json$",
    re.IGNORECASE,
)
_FULL_TEXT_CHARS = 1_500  # teasers seldom reach it, articles seldom stay below
_ADVICE = {
    Outcome.GONE: "is_enabled: set it to false. The publisher removed this URL permanently.",
    Outcome.ROBOTS_DENIED: "ignores_robots: true only if the publisher offers this feed to"
    " readers. Name that page in source.",
    Outcome.CHALLENGE: "Ask the publisher for access, or look for another URL. Tidings never"
    " bypasses a challenge.",
    Outcome.THROTTLED: "Try again later. The server limits the number of requests.",
    Outcome.DNS_ERROR: "url: the host name does not exist. Look for the publisher's new URL.",
    Outcome.TLS_ERROR: "Report the invalid certificate to the publisher. Tidings fetches nothing"
    " until it is valid.",
    Outcome.TOO_BIG: "url: look for a smaller feed of the same publisher.",
}


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """The result of checking a source: its poll, the title of the source, and sentences of
    advice.
    """

    poll: Poll
    title: str | None
    advice: list[str]


def check_feed(
    feed: Feed,
    response: Response,
    parsed: ParsedFeed | Unreadable | None,
    owners: Owners,
    now: dt.datetime,
) -> FeedCheck:
    """Return the result of checking a source's response against its row in the registry."""
    if not isinstance(parsed, ParsedFeed):
        failure = parsed or response
        poll = Poll(feed.feed_id, Outcome(failure.outcome), failure.reason)
        return FeedCheck(poll, None, _advise_failure(response))
    newest = max(parsed.dates, default=None)
    advice = _advise(feed, response, parsed) + _advise_domains(feed, parsed, owners, now)
    if not parsed.entries:
        advice.append("The feed has no entries at present.")
    elif newest is None:
        advice.append(
            "No entry has a readable date, so each entry gets the time at which it was first seen."
        )
    elif now - newest > STALE_AFTER:
        advice.append(
            f"The newest entry is from {newest:%Y-%m-%d}. Look for the publisher's current feed."
        )
    moved_to = response.final_url if response.is_permanent_move else None
    poll = Poll(
        feed.feed_id, response.outcome, parsed.degraded_reason, moved_to, parsed.entry_count, newest
    )
    return FeedCheck(poll, parsed.title, advice)


def advise_selectors(feed: Feed, proposals: Sequence[Proposal]) -> list[str]:
    """Return advice that replaces the selectors of a listing by the best proposal for its page."""
    if not proposals:
        return [
            "item_selector: the page shows no repeated links. Look for the publisher's new listing."
        ]
    best = proposals[0]
    shown = f"{len(best.items)} items, first: {best.items[0].title[:80]}"
    advice = [f"item_selector: set it to {best.item_selector} ({shown})."]
    if (feed.next_selector or None) != best.next_selector:
        change = f"set it to {best.next_selector}" if best.next_selector else "remove it"
        advice.append(f"next_selector: {change}.")
    return advice


def carries_full_text(parsed: ParsedFeed) -> bool | None:
    """Return whether a feed's entries contain whole articles, judged by their length, or None if it
    has no entries.
    """
    lengths = [len(plain_text(entry.content_html, 100_000) or "") for entry in parsed.entries[:20]]
    return median(lengths) >= _FULL_TEXT_CHARS if lengths else None


def _advise_failure(response: Response) -> list[str]:
    if response.outcome is Outcome.NOT_FEED and response.final_url:
        page = BeautifulSoup(decode(response.body, response.content_type), "lxml")
        feeds = find_feeds(page, response.final_url)
        finding = (
            f"the page links to the feed {feeds[0]}" if feeds else "this URL is no longer a feed"
        )
        return [f"url: {finding}."]
    return [_ADVICE[response.outcome]] if response.outcome in _ADVICE else []


def _advise_domains(feed: Feed, parsed: ParsedFeed, owners: Owners, now: dt.datetime) -> list[str]:
    links = [entry.link for entry in parsed.entries if entry.link]
    others = Counter(owners.publisher_of(link, now.date(), feed) for link in links)
    del others[feed.publisher_id]
    if 2 * others.total() <= len(links):
        return []
    name, count = others.most_common(1)[0]
    advice = (
        f"domains: {count} of {len(links)} links belong to {name}, so their articles do not"
        f" count for {feed.publisher_id}. If the publisher owns the domain, add it to the column"
        f" domains of the publisher or of this row."
    )
    return [advice]


def _advise(feed: Feed, response: Response, parsed: ParsedFeed) -> list[str]:
    advice = []
    if response.is_permanent_move:
        advice.append(f"url: it moved permanently to {response.final_url}.")
    is_full = carries_full_text(parsed) if feed.kind == "feed" else None
    if is_full not in {None, feed.has_full_text}:
        content = "whole articles" if is_full else "only teasers"
        advice.append(
            f"has_full_text: its entries seem to contain {content}."
            f" Compare an entry with its page, then set {str(is_full).lower()}."
        )
    stated, registered = parsed.language or "", feed.language or ""
    codes = {re.split(r"[-_]", stated.lower())[0], registered.lower().split("-")[0]}
    if len(codes - {""}) == 2:
        advice.append(f"language: the feed states {stated}, the registry {registered}.")
    if not response.etag and not response.last_modified:
        advice.append("The server sends no validators, so the feed is polled at most once a day.")
    return advice


def find_feeds(page: BeautifulSoup, url: str) -> list[str]:
    """Return the feeds that a page links: declared feeds first, then links that look like feeds,
    and comment feeds last.
    """
    base = base_url(page, url)
    feeds: dict[str, tuple[bool, bool]] = {}
    for link in page.find_all(["link", "a"], href=True):
        href, is_anchor = str(link["href"]), link.name == "a"
        kind = str(link.get("type", "")).partition(";")[0].strip().lower()
        is_declared = kind in _FEED_TYPES and "alternate" in " ".join(link.get("rel", ())).lower()
        is_feed = _FEED_HREF.search(href) if is_anchor else is_declared
        if is_feed and (target := prepare_url(href, base)):
            text = f"{target} {link.get('title') or link_text(link)}".lower()
            feeds.setdefault(target, (is_anchor, "comment" in text))
    return sorted(feeds, key=feeds.__getitem__)
