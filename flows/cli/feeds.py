"""``tidings feeds``: list, check, add, import and export the sources of the feed list."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.feed_list import name_feed, read_rows, write_rows
from tidings.flows.cli.feeds_add import Addition, add_source
from tidings.flows.cli.terminal import UserError
from tidings.flows.fetch.address_check import check_url
from tidings.flows.fetch.client import ClientSettings, open_client
from tidings.flows.fetch.feed_check import FeedCheck, advise_selectors, check_feed
from tidings.flows.fetch.feed_reader import FeedReader
from tidings.flows.fetch.opml import OpmlError, read_opml, write_opml
from tidings.flows.fetch.page_study import PageStudy, study_page
from tidings.flows.fetch.registry import read_publishers, read_registry
from tidings.flows.fetch.response import Outcome
from tidings.flows.fetch.worker_pool import FetchRequest
from tidings.flows.owners import Owners
from tidings.flows.settings import Settings, read_settings
from tidings.flows.urls import prepare_url
from tidings.warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from tidings.warehouse.records import Feed, Publisher


class Kind(StrEnum):
    """The kinds of sources that the feed list may contain."""

    FEED = "feed"
    LISTING = "listing"
    SITEMAP = "sitemap"


feeds = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="List, check, add, import and export the sources of the feed list.",
)


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
        write_rows(settings.feeds_to_write, [row | {"checked_on": today} if row["feed_id"] in working else row for row in rows])


@feeds.command()
def add(
    url: Annotated[str, typer.Argument(help="URL of a feed, sitemap, news section or home page.")],
    kind: Annotated[Kind | None, typer.Option(help="Kind of source to add. Default: the best that is found.")] = None,
    select: Annotated[str, typer.Option(metavar="CSS", help="Selector of a listing's items, instead of the proposed one.")] = "",
    feed_id: Annotated[str, typer.Option("--id", help="ID of the new feed. Default: derived from the URL.")] = "",
    publisher: Annotated[str, typer.Option(help="publisher_id of the feed. Default: derived from its domain.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the items and the row, and change nothing.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Add the row without a question, even if the choice is uncertain.")
    ] = False,
) -> None:
    """Find the feed, listing or sitemap of a URL, show its items, and add it to the feed list.

    The command looks for feeds that the page links or that its software usually offers, for sitemaps, and for links of the same
    structure on the page. It proposes the CSS selectors of such a listing. If the choice is uncertain, you confirm it; without
    a terminal, nothing is then added unless you pass `--yes`.

    - `tidings feeds add ministry.example/press --dry-run` shows what it would collect.
    - `tidings feeds add ministry.example/press --kind listing` adds the page itself, although it has a feed.
    - `tidings feeds add ministry.example/press --select "ul.news li"` corrects the proposed selector.
    """
    settings = read_settings()
    request = Addition(url, kind.value if kind else "", select, feed_id, publisher)
    add_source(request, settings, client_settings(settings), is_dry_run=dry_run, is_confirmed=yes)


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
        write_rows(settings.feeds_to_write, rows)
    present = len(outlines) - added - refused
    also = f" ({present} already present)" if present else ""
    print(f"Added {added} of {len(outlines)} feeds to {settings.feeds_to_write}{also}.")
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


def client_settings(settings: Settings) -> ClientSettings:
    """Return the client's settings for a command that a person waits for."""
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
    async with open_client(client_settings(settings), _now) as client, FeedReader(settings.workers, timeout=20.0) as reader:
        requests = [FetchRequest(feed.url, feed.kind, ignores_robots=feed.ignores_robots, key=feed) for feed in sources]
        async for request, response in client.fetch_many(requests):
            feed: Feed = request.key
            zone, url = publishers[feed.publisher_id].time_zone, response.final_url or feed.url
            is_ok = response.is_ok
            parsed = await reader.read(response.body, response.content_type, url, zone, _now(), feed) if is_ok else None
            checkup = check_feed(feed, response, parsed, owners, _now())
            if feed.kind == "listing" and is_ok and not checkup.entry_count:
                study = await reader.run(study_page, response.body, response.content_type, url, zone, _now())
                checkup.advice.extend(advise_selectors(feed, study.proposals if isinstance(study, PageStudy) else []))
            yield checkup
