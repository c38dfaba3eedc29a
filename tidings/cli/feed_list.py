"""Read, check and write the feed list, and name its rows."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from statistics import median

from tidings.analysis.own_seeds import read_own
from tidings.base.languages import primary_language
from tidings.base.languages.months import without_accents
from tidings.base.languages.plural import counted
from tidings.base.owners import Owners
from tidings.base.records import Feed
from tidings.base.settings import Settings
from tidings.base.urls import host_of, prepare_url
from tidings.cli.fetch import PATIENCE, now_utc
from tidings.fetch.address_check import check_url
from tidings.fetch.client import client_settings, open_client
from tidings.fetch.feed.entry import ParsedFeed, Unreadable
from tidings.fetch.feed.text import plain_text
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.rate_limit import domain_of
from tidings.fetch.registry import read_registry
from tidings.fetch.response import Outcome, Response
from tidings.fetch.source_search import SourceSearch
from tidings.fetch.source_verdict import Poll, Verdict, is_mostly_silent, next_step
from tidings.fetch.worker_pool import FetchRequest
from tidings.stages.prepare import known_publishers
from tidings.storage.reference import is_enabled, write_csv

COLUMNS = (
    "feed_id", "url", "publisher_id", "kind", "language", "topics", "is_enabled", "has_full_text",
    "ignores_robots", "item_selector", "next_selector", "day_url", "checked_on", "source",
)  # fmt: skip
_COMMON_WORDS = frozenset(["rss", "feed", "feeds", "xml", "atom", "index", "all", "php", "www"])


def why_refused(url: str | None, settings: Settings) -> str:
    """Return why the items of a URL cannot be collected, or an empty text."""
    if url is None:
        return "Use an http or https URL without a user name."
    return check_url(url, settings.allow_hosts) or _GOOGLE_NEWS * (
        host_of(url) == "news.google.com"
    )


_GOOGLE_NEWS = (
    "Google News links cannot be used: the items lead to pages of news.google.com, not to the"
    " articles. Add the publishers' own feeds."
)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of the feed list, none without a file. Raises WarehouseError."""
    return read_own(path, ("feed_id", "url"))


def missing_rows(
    rows: Iterable[Mapping[str, str]], new: Iterable[Mapping[str, str]]
) -> list[dict[str, str]]:
    """Return the new rows whose ID and URL the list lacks, with an ID instead of a ``title``."""
    urls, ids = {prepare_url(row["url"]) for row in rows}, {row["feed_id"] for row in rows}
    missing = []
    for given in new:
        row = dict(given)
        url, title = prepare_url(row["url"]), row.pop("title", "")
        if url not in urls and row.get("feed_id") not in ids:
            row["feed_id"] = row.get("feed_id") or name_feed(row["url"], ids, title)
            urls.add(url)
            ids.add(row["feed_id"])
            missing.append(row)
    return missing


def save_rows(settings: Settings, rows: Sequence[Mapping[str, str]], done: str) -> None:
    """Write the user's own feed list, and print ``done`` and whether the list now replaces the
    bundled one.
    """
    write_csv(settings.own_feeds, list(dict.fromkeys(chain(COLUMNS, *rows))), rows)
    print(done)
    if settings.is_bundled:
        print(
            f"This list now replaces the bundled one, with {counted(len(rows), 'source')}."
            " `tidings feeds pack` adds bundled sources to it."
        )


def name_feed(url: str, known_ids: Collection[str], title: str = "") -> str:
    """Return a new feed ID from the URL's domain and distinctive words of its path or the title."""
    host = host_of(url)
    path = url.partition("://")[2].partition("/")[2].lower()
    words = re.findall(r"[a-z0-9]+", path.rpartition(".")[0]) or re.findall(r"[a-z0-9]{3,}", path)
    distinctive = [word for word in words if word not in _COMMON_WORDS]
    chosen = distinctive or re.findall(r"[a-z0-9]+", without_accents(title))
    site = host.replace(".", "-") if host[:1].isdigit() else domain_of(host).split(".")[0]
    base = "-".join([site, *chosen[:3]])
    return next(
        name for n in count(1) if (name := f"{base}-{n}" if n > 1 else base) not in known_ids
    )


# as ``update_rows`` writes it into a row's source
_DEAD = re.compile(r"(?:; )?dead on \d{4}-\d\d-\d\d: [^;]*")


_FULL_TEXT_CHARS = 1_500  # teasers seldom reach it, articles seldom stay below


async def check_sources(rows: Sequence[Mapping[str, str]], settings: Settings) -> list[Poll]:
    """Request the sources, print the result of each as it arrives, and return their polls."""
    known = known_publishers(settings)
    sources, used = read_registry(rows, known)
    publishers = {publisher.publisher_id: publisher for publisher in (*known, *used)}
    owners, polls = Owners(publishers.values()), []
    async with (
        open_client(client_settings(settings, deadline=PATIENCE), now_utc) as client,
        FeedReader(settings.workers, timeout=20.0) as reader,
    ):
        requests = [
            FetchRequest(feed.url, feed.kind, ignores_robots=feed.ignores_robots, key=feed)
            for feed in sources
        ]
        async for request, response in client.fetch_many(requests):
            feed: Feed = request.key
            zone, url = publishers[feed.publisher_id].time_zone, response.final_url or feed.url
            page = (response.body, response.content_type, url, zone, now_utc())
            parsed = await reader.read(*page, feed) if response.is_ok else None
            poll, title, advice = _check(feed, response, parsed, owners)
            verdict = poll.verdict(now_utc())
            if verdict in {Verdict.NOT_FEED, Verdict.EMPTY}:
                advice += await _propose(SourceSearch(client, reader, zone, now_utc(), feed.url))
            elif verdict in {Verdict.MOVED, Verdict.STALE}:
                advice.append(next_step(verdict, poll))
            print(_describe(poll, title), *advice, sep="\n  ")
            polls.append(poll)
    return polls


def _describe(poll: Poll, title: str | None) -> str:
    newest = f"newest {poll.newest_at:%Y-%m-%d}" if poll.newest_at else "no dates"
    content = f"{counted(poll.entry_count, 'entry')}, {newest}, {title or 'no title'}"
    parts = (poll.outcome, poll.reason, content * poll.is_ok)
    return f"{poll.feed_id}: {'. '.join(part.rstrip('.') for part in parts if part)}."


def _check(
    feed: Feed, response: Response, parsed: ParsedFeed | Unreadable | None, owners: Owners
) -> tuple[Poll, str | None, list[str]]:
    """Return the poll of a source, its title, and sentences of advice about its row."""
    if not isinstance(parsed, ParsedFeed):
        failure = parsed or response
        poll = Poll(feed.feed_id, Outcome(failure.outcome), failure.reason)
        return poll, None, []
    newest = max(parsed.dates, default=None)
    poll = Poll(
        feed.feed_id,
        response.outcome,
        parsed.degraded_reason,
        response.final_url if response.is_permanent_move else None,
        parsed.entry_count,
        newest,
        url=feed.url,
    )
    return poll, parsed.title, [*_advise(feed, parsed), *_advise_domains(feed, parsed, owners)]


def _advise(feed: Feed, parsed: ParsedFeed) -> Iterator[str]:
    is_full = carries_full_text(parsed) if feed.kind == "feed" else None
    if is_full not in {None, feed.has_full_text}:
        content = "whole articles" if is_full else "only teasers"
        yield (
            f"has_full_text: its entries seem to contain {content}."
            f" Compare an entry with its page, then set {str(is_full).lower()}."
        )
    stated, registered = parsed.language or "", feed.language or ""
    codes = {primary_language(stated), primary_language(registered)}
    if len(codes - {""}) == 2:
        yield f"language: the feed states {stated}, the registry {registered}."
    if parsed.entries and not parsed.dates:
        yield "No entry has a readable date, so each gets the time at which it was first seen."


def _advise_domains(feed: Feed, parsed: ParsedFeed, owners: Owners) -> Iterator[str]:
    links = [entry.link for entry in parsed.entries if entry.link]
    others = Counter(owners.publisher_of(link, now_utc().date(), feed) for link in links)
    del others[feed.publisher_id]
    if 2 * others.total() > len(links):
        name, count = others.most_common(1)[0]
        yield (
            f"domains: {count} of {len(links)} links belong to {name}, so their articles do not"
            f" count for {feed.publisher_id}. If the publisher owns the domain, add it to the"
            " column domains of the publisher or of this row."
        )


async def _propose(search: SourceSearch) -> list[str]:
    """Return advice that replaces the row of a source by the best source of its page."""
    await search.run()
    if (best := search.chosen) is None:
        return [f"No other source was found. {' '.join(search.tried)}"]
    if not best.parsed.entries:  # the source itself
        return []
    cells = {"url": best.url, "kind": best.kind}
    if best.proposal:
        cells |= {"item_selector": best.proposal.item_selector}
        cells |= {"next_selector": best.proposal.next_selector or "empty"}
    listed = ", ".join(f"{name}: {cell}" for name, cell in cells.items())
    found = f"{counted(best.parsed.entry_count, 'item')}, first: {best.parsed.entries[0].title}"
    return [f"{found}. Set {listed}."]


def carries_full_text(parsed: ParsedFeed) -> bool | None:
    """Return whether a feed's entries are whole articles by their length; None without entries."""
    lengths = [len(plain_text(entry.content_html, 100_000) or "") for entry in parsed.entries[:20]]
    return median(lengths) >= _FULL_TEXT_CHARS if lengths else None


def update_rows(
    rows: Sequence[dict[str, str]], polls: Sequence[Poll], settings: Settings
) -> list[dict[str, str]]:
    """Return the rows with the check dates and new URLs of the working sources.

    Dead sources, and those that moved to the URL of another row, are disabled; dead ones that work
    again are enabled. If most sources are silent, a missing host name disables none.
    """
    doubtful = Outcome.DNS_ERROR if is_mostly_silent(polls) else None
    by_id = {poll.feed_id: poll for poll in polls if poll.outcome != doubtful}
    owners = {row["url"]: row["feed_id"] for row in reversed(rows)}
    return [
        _update_row(row, poll, owners, settings) if (poll := by_id.get(row["feed_id"])) else row
        for row in rows
    ]


def _update_row(
    row: dict[str, str], poll: Poll, owners: Mapping[str, str], settings: Settings
) -> dict[str, str]:
    today, note = now_utc().date(), ""
    if poll.verdict(now_utc()) is Verdict.DEAD:
        note = f"dead on {today}: {poll.reason or poll.outcome}"
    elif not poll.is_working:
        return row
    elif poll.moved_to and poll.moved_to in owners:
        note = f"moved to the URL of {owners[poll.moved_to]} on {today}"
    if note:
        disabled = {**row, "is_enabled": "false", "source": _note(row, note)}
        return disabled if is_enabled(row) else row
    source = _DEAD.sub("", row.get("source", ""))
    if source != row.get("source", ""):
        row = {**row, "is_enabled": "true", "source": source}
    if poll.moved_to:
        row = move_row(row, poll.moved_to, settings)
    return {**row, "checked_on": today.isoformat()}


def move_row(row: Mapping[str, str], url: str, settings: Settings) -> dict[str, str]:
    """Return a row with a new URL, the same publisher, and the domains that only it names."""
    known = known_publishers(settings)
    (publisher,) = read_registry([row], known)[1]
    moved = {**row, "url": url, "publisher_id": publisher.publisher_id, "checked_on": ""}
    if publisher.publisher_id not in {other.publisher_id for other in known}:
        moved["domains"] = "|".join(publisher.domains)
    return {**moved, "source": _note(row, f"moved from {row['url']} on {now_utc():%Y-%m-%d}")}


def _note(row: Mapping[str, str], text: str) -> str:
    return "; ".join(filter(None, (row.get("source", ""), text.rstrip("."))))
