"""Check sources of the feed list over the network, and enter the results in their rows."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from tidings.base.languages.plural import counted
from tidings.base.owners import Owners
from tidings.fetch.client import ClientSettings, open_client
from tidings.fetch.feed_check import FeedCheck, advise_selectors, check_feed
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.page_study import study_page
from tidings.fetch.registry import read_publishers, read_registry
from tidings.fetch.response import Outcome
from tidings.fetch.source_verdict import Poll, Verdict, is_mostly_silent
from tidings.fetch.worker_pool import FetchRequest
from tidings.storage.reference import read_seed
from tidings.storage.seed_packs import is_enabled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tidings.base.records import Feed, Publisher
    from tidings.base.settings import Settings

# as ``update_rows`` writes it into a row's source
_DEAD = re.compile(r"(?:; )?dead on \d{4}-\d\d-\d\d: [^;]*")


def now_utc() -> dt.datetime:
    """Return the current time in UTC."""
    return dt.datetime.now(dt.UTC)


def client_settings(settings: Settings) -> ClientSettings:
    """Return the client's settings for a command that a person waits for."""
    return ClientSettings(
        settings.user_agent,
        allow_hosts=settings.allow_hosts,
        host_gap=settings.host_gap,
        deadline=30.0,
    )


async def check_sources(rows: Sequence[Mapping[str, str]], settings: Settings) -> list[Poll]:
    """Request the sources, print the result of each as it arrives, and return their polls."""
    known = known_publishers(settings)
    sources, used = read_registry(rows, known)
    publishers = {publisher.publisher_id: publisher for publisher in (*known, *used)}
    owners, polls = Owners(publishers.values()), []
    async with (
        open_client(client_settings(settings), now_utc) as client,
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
            checkup = check_feed(feed, response, parsed, owners, now_utc())
            if parsed and feed.kind == "listing" and not checkup.poll.entry_count:
                study = await reader.run(study_page, *page)
                checkup.advice.extend(advise_selectors(feed, getattr(study, "proposals", [])))
            _print_check(checkup)
            polls.append(checkup.poll)
    return polls


def _print_check(checkup: FeedCheck) -> None:
    poll, content = checkup.poll, ""
    if poll.entry_count:
        newest = f"newest {poll.newest_at:%Y-%m-%d}" if poll.newest_at else "no dates"
        content = f"{counted(poll.entry_count, 'entry')}, {newest}, {checkup.title or 'no title'}"
    print(*filter(None, (f"{poll.feed_id}: {poll.outcome}.", poll.reason, content)))
    for advice in checkup.advice:
        print(f"  {advice}")


def update_rows(
    rows: Sequence[dict[str, str]], polls: Sequence[Poll], settings: Settings
) -> list[dict[str, str]]:
    """Return the rows with the check dates and new URLs of the working sources, and with the dead
    sources disabled.

    A source that moved to the URL of another row is disabled. A source that was disabled as dead
    and works again is enabled. If most sources did not respond, a host name that was not found
    disables no source.
    """
    doubtful = {Outcome.DNS_ERROR} if is_mostly_silent(polls) else set()
    by_id = {poll.feed_id: poll for poll in polls if poll.outcome not in doubtful}
    owners = {row["url"]: row["feed_id"] for row in reversed(rows)}
    return [
        _update_row(row, by_id[row["feed_id"]], owners, settings)
        if row["feed_id"] in by_id
        else row
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
    """Return a row with a new URL. It keeps its publisher, and a publisher that only the list names
    keeps its old domains.
    """
    known = known_publishers(settings)
    (publisher,) = read_registry([row], known)[1]
    moved = {**row, "url": url, "publisher_id": publisher.publisher_id, "checked_on": ""}
    if publisher.publisher_id not in {other.publisher_id for other in known}:
        moved["domains"] = "|".join(publisher.domains)
    return {**moved, "source": _note(row, f"moved from {row['url']} on {now_utc():%Y-%m-%d}")}


def _note(row: Mapping[str, str], text: str) -> str:
    return "; ".join(filter(None, (row.get("source", ""), text.rstrip("."))))


def known_publishers(settings: Settings) -> list[Publisher]:
    """Return the publishers of ``publishers.csv``."""
    return read_publishers(read_seed("publishers", settings.seeds, ("publisher_id",)))
