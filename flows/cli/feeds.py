"""``tidings feeds``: list, check, add, import and export the sources of the feed list."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.terminal import UserError
from tidings.flows.fetch.address_check import check_url
from tidings.flows.fetch.client import ClientSettings, open_client
from tidings.flows.fetch.feed import ParsedFeed
from tidings.flows.fetch.feed_check import FeedCheck, carries_full_text, check_feed, find_feeds
from tidings.flows.fetch.feed_reader import FeedReader
from tidings.flows.fetch.opml import OpmlError, read_opml, write_opml
from tidings.flows.fetch.rate_limit import domain_of
from tidings.flows.fetch.registry import read_publishers, read_registry
from tidings.flows.fetch.response import Outcome, Response
from tidings.flows.fetch.response_body import detect_format
from tidings.flows.fetch.worker_pool import FetchRequest
from tidings.flows.owners import Owners
from tidings.flows.settings import Settings, read_settings
from tidings.flows.urls import host_of, prepare_url
from tidings.warehouse.reference import read_csv, read_seed, write_csv

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from tidings.warehouse.records import Feed, Publisher

feeds = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="List, check, add, import and export the sources of the feed list.",
)
_MOST_CANDIDATES = 5


@feeds.command("list")
def list_feeds() -> None:
    """Print each source of the feed list: ID, kind, language, on or off, date of the last check, and URL."""
    settings = read_settings()
    rows = read_rows(settings.feeds)
    if not rows:
        raise UserError(f"{settings.feeds} contains no feeds. Add one: `tidings feeds add URL`.")
    for row in rows:
        polled = "off" if row.get("is_enabled", "").lower() in ("false", "0", "no") else "on"
        checked = row.get("checked_on") or "unchecked"
        print("\t".join([row["feed_id"], row.get("kind") or "feed", row.get("language") or "-", polled, checked, row["url"]]))


@feeds.command()
def check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="IDs of the sources to check. Default: all.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Set checked_on to today for each working source.")] = False,
) -> None:
    """Request each source, and print its content and recommended changes to its row."""
    settings = read_settings()
    rows = read_rows(settings.feeds)
    known = {row["feed_id"] for row in rows}
    unknown = sorted(set(ids or ()) - known)
    if unknown or not rows:
        raise UserError(
            f"Unknown feed ID: {unknown[0]}. `tidings feeds list` lists all IDs."
            if unknown
            else f"Feed list not found: {settings.feeds}."
        )
    chosen = [row for row in rows if not ids or row["feed_id"] in ids]
    working = asyncio.run(_check_all(chosen, settings))
    print(f"Working sources: {len(working)} of {len(chosen)}")
    if write:
        today = dt.datetime.now(dt.UTC).date().isoformat()
        write_rows(settings.feeds, [row | {"checked_on": today} if row["feed_id"] in working else row for row in rows])


@feeds.command()
def add(
    url: Annotated[str, typer.Argument(help="URL of a feed, or of a page that links to one.")],
    feed_id: Annotated[str, typer.Option("--id", help="ID of the new feed. Default: derived from the URL.")] = "",
    publisher: Annotated[str, typer.Option(help="publisher_id of the feed. Default: derived from its domain.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the row and change nothing.")] = False,
) -> None:
    """Find the feed of a URL and add it to the feed list."""
    settings = read_settings()
    rows = read_rows(settings.feeds)
    url = url.strip() if ":" in url.partition("/")[0] else f"https://{url.strip()}"
    answer, parsed = asyncio.run(_find_feed(url, settings))
    feed_url = answer.final_url if answer.is_permanent_move and answer.final_url else answer.url
    known_ids = [row["feed_id"] for row in rows]
    if any(row["url"] == feed_url for row in rows) or feed_id in known_ids:
        raise UserError(f"The feed list already contains {'the ID ' + feed_id if feed_id in known_ids else feed_url}.")
    row = {
        "feed_id": feed_id or name_feed(feed_url, known_ids, parsed.title),
        "url": feed_url,
        "publisher_id": publisher,
        "kind": "feed",
        "language": parsed.language or "",
        "is_enabled": "true",
        "has_full_text": str(bool(carries_full_text(parsed))).lower(),
        "ignores_robots": "false",
        "checked_on": dt.datetime.now(dt.UTC).date().isoformat(),
        "source": url if url != feed_url else "",
    }
    print("\n".join(f"{name}: {value}" for name, value in row.items() if value))
    print(f"The feed currently contains {_count(parsed.entry_count)}.")
    if not dry_run:
        write_rows(settings.feeds, [*rows, row])


@feeds.command("import")
def import_feeds(
    opml: Annotated[Path, typer.Argument(help="OPML file from any feed reader.")],
    trust: Annotated[
        bool,
        typer.Option(
            "--trust", help="Import all columns. Use this only for a file that you exported with `tidings feeds export`."
        ),
    ] = False,
) -> None:
    """Add the feeds of an OPML file to the feed list.

    New feeds have no check date. Feeds that the list already contains do not change.

    Without `--trust`, the command imports URL, title and folder, but no column that grants rights, such as publisher_id,
    has_full_text or ignores_robots.
    """
    settings = read_settings()
    rows = read_rows(settings.feeds)
    try:
        outlines, ignored = read_opml(opml.read_bytes(), is_trusted=trust)
    except OSError as error:
        raise UserError(f"Cannot read {opml}: {error.strerror or error}.") from error
    except OpmlError as error:
        raise UserError(f"{opml}: {error}") from error
    if not outlines:
        raise UserError(f"{opml} contains no feeds: no outline has an xmlUrl attribute.")
    count = len(rows)
    refused = _add_rows(rows, outlines, settings)
    added = len(rows) - count
    if added:
        write_rows(settings.feeds, rows)
    present = len(outlines) - added - refused
    print(f"Added {added} of {len(outlines)} feeds to {settings.feeds}{f' ({present} already present)' if present else ''}.")
    if ignored:
        feeds_text = f"{ignored} feed{'s' * (ignored != 1)}"
        print(f"Ignored other columns of {feeds_text}. Use --trust if you exported the file yourself.")


def _add_rows(rows: list[dict[str, str]], outlines: Sequence[dict[str, str]], settings: Settings) -> int:
    """Add the new feeds of an OPML file to the rows, print the refused URLs, and return their number."""
    known = {prepare_url(row["url"]) for row in rows}
    ids = [row["feed_id"] for row in rows]
    refused = 0
    for row in outlines:
        refusal = check_url(row["url"], settings.allow_hosts)
        if refusal:
            refused += 1
            print(f"{row['url']}: not added. {refusal}")
        elif prepare_url(row["url"]) not in known:
            known.add(prepare_url(row["url"]))
            title, feed_id = row.pop("title", ""), row.get("feed_id", "")
            row["feed_id"] = feed_id if feed_id and feed_id not in ids else name_feed(row["url"], ids, title)
            ids.append(row["feed_id"])
            rows.append(row)
    return refused


@feeds.command()
def export(out: Annotated[Path | None, typer.Argument(help="Output file. Default: standard output.")] = None) -> None:
    """Write the feed list as OPML, for feed readers and for a lossless import with `--trust`."""
    document = write_opml(read_rows(read_settings().feeds), "Tidings")
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        try:
            out.write_bytes(document)
        except OSError as error:
            raise UserError(f"Cannot write {out}: {error.strerror}.") from error


def _client_settings(settings: Settings) -> ClientSettings:
    return ClientSettings(settings.user_agent, allow_hosts=settings.allow_hosts, host_gap=settings.host_gap, deadline=30.0)


def _count(entries: int) -> str:
    return f"{entries or 'no'} {'entry' if entries in (0, 1) else 'entries'}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def _check_all(rows: Sequence[Mapping[str, str]], settings: Settings) -> set[str]:
    """Print the result for each source as it arrives, and return the IDs of the working sources."""
    known = read_publishers(read_seed("publishers", settings.seeds, ("publisher_id",)))
    sources, used = read_registry(rows, known)
    publishers = {publisher.publisher_id: publisher for publisher in (*known, *used)}
    working = set()
    async for checkup in _check_sources(sources, publishers, settings):
        newest = f"newest {checkup.newest_at:%Y-%m-%d}" if checkup.newest_at else "no dates"
        content = f"{_count(checkup.entry_count)}, {newest}, {checkup.title or 'no title'}" if checkup.entry_count else ""
        print(" ".join(part for part in (f"{checkup.feed_id}: {checkup.outcome}.", checkup.reason, content) if part))
        for advice in checkup.advice:
            print(f"  {advice}")
        if checkup.outcome is Outcome.OK and checkup.entry_count:
            working.add(checkup.feed_id)
    return working


async def _check_sources(
    sources: Sequence[Feed], publishers: Mapping[str, Publisher], settings: Settings
) -> AsyncIterator[FeedCheck]:
    owners = Owners(publishers.values())
    async with open_client(_client_settings(settings), _now) as client, FeedReader(settings.workers) as reader:
        requests = [FetchRequest(feed.url, feed.kind, ignores_robots=feed.ignores_robots, key=feed) for feed in sources]
        async for request, response in client.fetch_many(requests):
            feed: Feed = request.key
            zone, url = publishers[feed.publisher_id].time_zone, response.final_url or feed.url
            is_ok = response.is_ok
            parsed = await reader.read(response.body, response.content_type, url, zone, _now(), feed) if is_ok else None
            yield check_feed(feed, response, parsed, owners, _now())


async def _find_feed(url: str, settings: Settings) -> tuple[Response, ParsedFeed]:
    """Return the feed at a URL, or the first feed with entries that the page links to, or an empty feed if there is no other.

    Raises:
        UserError: If there is no feed. The message gives the reason for each candidate URL.
    """
    failures: list[str] = []
    empty: tuple[Response, ParsedFeed] | None = None
    async with open_client(_client_settings(settings), _now) as client, FeedReader(1) as reader:
        response = await client.fetch(url)
        if not response.is_ok:
            raise UserError(f"{url}: {response.reason}")
        is_feed = detect_format(response.body) in ("feed", "json_feed")
        links = [] if is_feed else find_feeds(response.body, response.content_type, response.final_url or url)[:_MOST_CANDIDATES]
        responses = [response] if is_feed else []
        while responses or links:
            response = responses.pop() if responses else await client.fetch(links.pop(0).url, "feed")
            base = response.final_url or response.url
            parsed = await reader.read(response.body, response.content_type, base, "UTC", _now()) if response.is_ok else None
            if isinstance(parsed, ParsedFeed):
                if parsed.entries:
                    return response, parsed
                empty = empty or (response, parsed)
            else:
                failures.append(f"{response.url}: {parsed.reason if parsed else response.reason}")
    if empty:
        return empty
    raise UserError(
        f"{url} links to no readable feed. {' '.join(failures)}" if failures else f"{url} is not a feed and links to none."
    )


COLUMNS = (
    "feed_id", "url", "publisher_id", "kind", "language", "topics", "is_enabled", "has_full_text", "ignores_robots",
    "item_selector", "next_selector", "day_url", "checked_on", "source",
)  # fmt: skip


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of the feed list, or an empty list if the file does not exist. Raise WarehouseError if it is invalid."""
    return read_csv(path, ("feed_id", "url")) if path.exists() else []


def write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write the feed list with its additional columns. Replace the file by rename, so that an interruption leaves the old one."""
    extra = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    write_csv(path, [*COLUMNS, *extra], rows)


def name_feed(url: str, known_ids: Iterable[str], title: str | None = None) -> str:
    """Return a new unique feed ID from the domain of the URL and the distinctive words of its path, or else of the title."""
    host = host_of(url)
    words = re.findall(r"[a-z0-9]+", url.partition("://")[2].partition("/")[2].lower().rpartition(".")[0])
    distinctive = [word for word in words if word not in {"rss", "feed", "feeds", "xml", "atom", "index", "all", "php", "www"}]
    chosen = distinctive or re.findall(r"[a-z0-9]+", (title or "").lower())
    base = "-".join([domain_of(host).split(".")[0] if not host[:1].isdigit() else host.replace(".", "-"), *chosen[:3]])
    used = set(known_ids)
    return next(name for name in (base, *(f"{base}-{number}" for number in range(2, 10_000))) if name not in used)
