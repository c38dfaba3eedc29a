"""What a look at a source tells of its row in the registry: what was found, and what to change."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tidings.flows.fetch.discover import find_feeds
from tidings.flows.fetch.feed.parsed import ParsedFeed, Unreadable
from tidings.flows.fetch.feed.text import plain_text
from tidings.flows.fetch.outcomes import Answer, Outcome

if TYPE_CHECKING:
    from tidings.flows.owners import Owners
    from tidings.warehouse.records import Feed

_FULL_TEXT_CHARS = 1_500  # teasers seldom reach it, articles seldom stay below
_STALE_AFTER = dt.timedelta(days=60)
_ADVICE = {
    Outcome.GONE: "is_enabled: set it to false. The publisher has taken this address away for good.",
    Outcome.ROBOTS_DENIED: "ignores_robots: true only if the publisher itself offers this feed to readers; say where in source.",
    Outcome.CHALLENGE: "Ask the publisher for access, or look for another address: a challenge is never evaded.",
    Outcome.THROTTLED: "Look again later. The host asks for fewer requests.",
    Outcome.DNS_ERROR: "url: the host's name is gone. Look for the publisher's new address.",
    Outcome.TLS_ERROR: "Tell the publisher that the certificate is not in order; until then nothing is fetched.",
    Outcome.TOO_BIG: "url: look for a smaller feed of the same publisher.",
}


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found at a source. ``newest_at`` is UTC, None when no entry has a date; ``advice`` are sentences."""

    feed_id: str
    outcome: Outcome
    reason: str | None
    title: str | None
    entry_count: int
    newest_at: dt.datetime | None
    advice: list[str]


def check_up(feed: Feed, answer: Answer, parsed: ParsedFeed | Unreadable | None, owners: Owners, now: dt.datetime) -> Checkup:
    """Return what an answer tells of a source and of its row."""
    if not isinstance(parsed, ParsedFeed):
        outcome = Outcome.NOT_FEED if isinstance(parsed, Unreadable) else answer.outcome
        reason = parsed.reason if isinstance(parsed, Unreadable) else answer.reason
        return Checkup(feed.feed_id, outcome, reason, None, 0, None, _advise_failure(answer))
    dates = [entry.published_at for entry in parsed.entries if entry.date_quality.is_read]
    newest = max(dates, default=None)
    advice = _advise(feed, answer, parsed) + _advise_domains(feed, parsed, owners, now)
    if not parsed.entries:
        advice.append("It shows no entry now.")
    elif newest is None:
        advice.append("No entry has a date that can be read: entries count from when they are first seen.")
    elif now - newest > _STALE_AFTER:
        advice.append(f"Nothing new since {newest:%Y-%m-%d}. Look for the publisher's present feed.")
    return Checkup(feed.feed_id, answer.outcome, parsed.degraded_reason, parsed.title, parsed.entry_count, newest, advice)


def carries_full_text(parsed: ParsedFeed) -> bool | None:
    """Return whether a feed's entries carry whole articles, by their length; None when it shows no entry."""
    lengths = [len(plain_text(entry.content_html, 100_000) or "") for entry in parsed.entries[:20]]
    return median(lengths) >= _FULL_TEXT_CHARS if lengths else None


def _advise_failure(answer: Answer) -> list[str]:
    advice = [_ADVICE[answer.outcome]] if answer.outcome in _ADVICE else []
    if answer.outcome is Outcome.NOT_FEED and answer.final_url:
        named = find_feeds(answer.body, answer.content_type, answer.final_url)
        advice += [f"url: the page names {named[0].url} as its feed."] if named else ["url: there is no feed here any more."]
    return advice


def _advise_domains(feed: Feed, parsed: ParsedFeed, owners: Owners, now: dt.datetime) -> list[str]:
    links = [entry.link for entry in parsed.entries if entry.link]
    others = Counter(owner for owner in (owners.publisher_of(link, now.date(), feed) for link in links))
    del others[feed.publisher_id]
    if 2 * others.total() <= len(links):
        return []
    name, count = others.most_common(1)[0]
    finding = f"domains: {count} of {len(links)} links belong to {name}, so their articles do not count for {feed.publisher_id}."
    return [f"{finding} If the publisher owns the domain, add it to the column domains of the publisher or of this row."]


def _advise(feed: Feed, answer: Answer, parsed: ParsedFeed) -> list[str]:
    advice = []
    if answer.is_permanent_move:
        advice.append(f"url: it has moved for good to {answer.final_url}")
    is_full = carries_full_text(parsed) if feed.kind == "feed" else None
    if is_full is not None and is_full != feed.has_full_text:
        what = "whole articles" if is_full else "only teasers"
        advice.append(f"has_full_text: its entries look like {what}; compare one with its page, then set {str(is_full).lower()}.")
    said = re.split(r"[-_]", (parsed.language or "").lower())[0]
    if said and feed.language and said != feed.language.lower().split("-")[0]:
        advice.append(f"language: it says {parsed.language}, the registry {feed.language}.")
    if not answer.etag and not answer.last_modified:
        advice.append("It sends no validators: it is asked at most once a day.")
    return advice
