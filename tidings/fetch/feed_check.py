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
from tidings.fetch.sources import open_source
from tidings.fetch.sources.listing import base_url, link_text

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
        outcome = Outcome(parsed.outcome) if isinstance(parsed, Unreadable) else response.outcome
        reason = parsed.reason if isinstance(parsed, Unreadable) else response.reason
        return FeedCheck(Poll(feed.feed_id, outcome, reason), None, _advise_failure(response))
    dates = [entry.published_at for entry in parsed.entries if entry.date_quality.is_read]
    newest = max(dates, default=None)
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
    advice = [
        (
            f"item_selector: set it to {best.item_selector} ({len(best.items)} items, first:"
            f" {best.items[0].title[:80]})."
        )
    ]
    if (feed.next_selector or None) != best.next_selector:
        advice.append(
            f"next_selector: set it to {best.next_selector}."
            if best.next_selector
            else "next_selector: remove it."
        )
    return advice


def carries_full_text(parsed: ParsedFeed) -> bool | None:
    """Return whether a feed's entries contain whole articles, judged by their length, or None if it
    has no entries.
    """
    lengths = [len(plain_text(entry.content_html, 100_000) or "") for entry in parsed.entries[:20]]
    return median(lengths) >= _FULL_TEXT_CHARS if lengths else None


def _advise_failure(response: Response) -> list[str]:
    advice = [_ADVICE[response.outcome]] if response.outcome in _ADVICE else []
    if response.outcome is Outcome.NOT_FEED and response.final_url:
        page = BeautifulSoup(decode(response.body, response.content_type), "lxml")
        feeds = find_feeds(page, response.final_url)
        advice += (
            [f"url: the page links to the feed {feeds[0]}."]
            if feeds
            else ["url: this URL is no longer a feed."]
        )
    return advice


def _advise_domains(feed: Feed, parsed: ParsedFeed, owners: Owners, now: dt.datetime) -> list[str]:
    links = [entry.link for entry in parsed.entries if entry.link]
    others = Counter(
        owner for owner in (owners.publisher_of(link, now.date(), feed) for link in links)
    )
    del others[feed.publisher_id]
    if 2 * others.total() <= len(links):
        return []
    name, count = others.most_common(1)[0]
    finding = (
        f"domains: {count} of {len(links)} links belong to {name}, so their articles do not"
        f" count for {feed.publisher_id}."
    )
    return [
        (
            f"{finding} If the publisher owns the domain, add it to the column domains of the"
            f" publisher or of this row."
        )
    ]


def _advise(feed: Feed, response: Response, parsed: ParsedFeed) -> list[str]:
    advice = []
    if response.is_permanent_move:
        advice.append(f"url: it moved permanently to {response.final_url}.")
    is_full = carries_full_text(parsed) if open_source(feed).may_carry_full_text else None
    if is_full is not None and is_full != feed.has_full_text:
        content = "whole articles" if is_full else "only teasers"
        advice.append(
            f"has_full_text: its entries seem to contain {content}."
            f" Compare an entry with its page, then set {str(is_full).lower()}."
        )
    language = re.split(r"[-_]", (parsed.language or "").lower())[0]
    if language and feed.language and language != feed.language.lower().split("-")[0]:
        advice.append(f"language: the feed states {parsed.language}, the registry {feed.language}.")
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
        is_alternate = "alternate" in " ".join(link.get("rel") or ()).lower()
        is_declared = (
            is_alternate
            and str(link.get("type", "")).partition(";")[0].strip().lower() in _FEED_TYPES
        )
        is_feed = is_declared if link.name == "link" else _FEED_HREF.search(str(link["href"]))
        if is_feed and (target := prepare_url(str(link["href"]), base)):
            text = f"{target} {link.get('title') or link_text(link)}".lower()
            feeds.setdefault(target, (link.name == "a", "comment" in text))
    return sorted(feeds, key=feeds.__getitem__)
