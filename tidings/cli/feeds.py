"""``tidings feeds``: list, check, add, move, import and export the sources of the feed list, and
add packs of sources.
"""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.base.languages.plural import counted
from tidings.base.settings import Settings, read_settings
from tidings.base.urls import prepare_url
from tidings.cli.feed_list import name_feed, read_rows, save_rows, why_unusable
from tidings.cli.feeds_add import Addition, add_source
from tidings.cli.feeds_check import check_sources, client_settings, move_row, now_utc, update_rows
from tidings.cli.feeds_pack import add_packs, print_packs, read_packs
from tidings.cli.source_table import print_verdicts
from tidings.cli.terminal import SafeConsole, UserError, print_progress
from tidings.fetch.address_check import check_url
from tidings.fetch.opml import OpmlError, read_opml, write_opml
from tidings.fetch.source_verdict import is_offline
from tidings.storage.seed_packs import is_enabled

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(StrEnum):
    """The kinds of sources that the feed list may contain."""

    FEED = "feed"
    LISTING = "listing"
    SITEMAP = "sitemap"


feeds = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="List, check, add, move, import and export the sources of the feed list.",
)


@feeds.command("list")
def list_feeds() -> None:
    """Print each source of the feed list: ID, kind, language, on or off, date of the last check,
    and URL.

    The first line, on standard error, names the list in use: `TIDINGS_FEEDS`, else `feeds.csv` in
    the data folder, else the bundled list.
    """
    settings = read_settings()
    rows = read_rows(settings.feeds)
    if not rows:
        raise UserError(f"{settings.feeds} contains no feeds. Add one: `tidings feeds add URL`.")
    owner = "bundled" if settings.is_bundled else "your own"
    enabled = sum(map(is_enabled, rows))
    print_progress(
        f"{counted(len(rows), 'source')} of {owner} list {settings.feeds}, {enabled} of them on"
    )
    for row in rows:
        polled = "on" if is_enabled(row) else "off"
        checked = row.get("checked_on") or "unchecked"
        print(
            "\t".join(
                [
                    row["feed_id"],
                    row.get("kind") or "feed",
                    row.get("language") or "-",
                    polled,
                    checked,
                    row["url"],
                ]
            )
        )


@feeds.command()
def check(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="IDs of the sources to check. Default: all."),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Enter check dates and new URLs, and disable dead sources."),
    ] = False,
) -> None:
    """Request each source, print its content and recommended changes, and a table of the sources
    that need an action.

    With `--write`, the command sets checked_on to today for each working source, enters the new URL
    of each source that moved permanently, and disables each dead source with the reason in its row.
    If most sources do not respond, a host name that was not found disables no source.
    """
    settings = read_settings()
    rows = read_rows(settings.feeds)
    known = {row["feed_id"] for row in rows}
    unknown = sorted(set(ids or ()) - known)
    if unknown or not rows:
        raise UserError(
            _unknown(unknown[0]) if unknown else f"Feed list not found: {settings.feeds}."
        )
    polls = asyncio.run(
        check_sources([row for row in rows if not ids or row["feed_id"] in ids], settings)
    )
    print_verdicts(SafeConsole(), polls, now_utc(), most_named=len(polls))
    if write and is_offline(polls):
        print_progress("Nothing was changed.")
    elif write:
        updated = update_rows(rows, polls, settings)
        pairs = list(zip(rows, updated, strict=True))
        moved = sum(old["url"] != new["url"] for old, new in pairs)
        disabled = sum(is_enabled(old) > is_enabled(new) for old, new in pairs)
        done = (
            f"Wrote {settings.own_feeds}: check dates, new URLs: {moved}, disabled sources:"
            f" {disabled}."
        )
        save_rows(settings, updated, done)


@feeds.command()
def move(
    feed_id: Annotated[str, typer.Argument(metavar="ID", help="ID of the source.")],
    url: Annotated[str, typer.Argument(help="New URL of the same source.")],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Enter the URL even if it does not work at present.")
    ] = False,
) -> None:
    """Enter the new URL of a source, which keeps its ID, its publisher and its history.

    The publisher also gets the new domain, so that articles there count for it. An article that was
    already collected from the old domain is not counted again.
    """
    settings = read_settings()
    rows = read_rows(settings.feeds)
    row = next((row for row in rows if row["feed_id"] == feed_id), None)
    if row is None:
        raise UserError(_unknown(feed_id))
    target = prepare_url(url)
    if target and target == prepare_url(row["url"]):
        raise UserError(f"{feed_id} already has this URL.")
    if not target or (refusal := check_url(target, settings.allow_hosts) or why_unusable(target)):
        raise UserError(
            f"Cannot read {url}."
            f" {refusal if target else 'Use an http or https URL without a user name.'}"
        )
    moved = move_row(row, target, settings)
    (poll,) = asyncio.run(check_sources([moved], settings))
    if not poll.is_working and not yes:
        raise UserError(
            "Nothing was changed, because the new URL does not work. Correct it, or"
            " repeat the command with --yes."
        )
    save_rows(
        settings,
        [moved if other is row else other for other in rows],
        f"{feed_id}: {row['url']} → {target}",
    )


@feeds.command()
def pack(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PACK]...", help="IDs of packs. Default: list the packs."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the rows, and change nothing.")
    ] = False,
) -> None:
    """List the starter packs, or add the sources of some packs to your own list.

    A pack is a selection of the bundled sources, such as `china`, `eu` or `central_banks`. Your
    list replaces the bundled one. Sources that it already contains do not change.

    - `tidings feeds pack` lists the packs.
    - `tidings feeds pack china central_banks` adds the sources of two packs.
    """
    settings = read_settings()
    packs = read_packs(settings)
    unknown = sorted(set(ids or ()) - packs.keys())
    if unknown:
        raise UserError(f"Unknown pack: {unknown[0]}. `tidings feeds pack` lists the packs.")
    if not ids:
        print_packs(SafeConsole(), packs.values())
    else:
        add_packs([packs[name] for name in ids], settings, is_dry_run=dry_run)


@feeds.command()
def add(
    url: Annotated[str, typer.Argument(help="URL of a feed, sitemap, news section or home page.")],
    kind: Annotated[
        Kind | None, typer.Option(help="Kind of source to add. Default: the best that is found.")
    ] = None,
    select: Annotated[
        str,
        typer.Option(
            metavar="CSS", help="Selector of a listing's items, instead of the proposed one."
        ),
    ] = "",
    feed_id: Annotated[
        str, typer.Option("--id", help="ID of the new feed. Default: derived from the URL.")
    ] = "",
    publisher: Annotated[
        str, typer.Option(help="publisher_id of the feed. Default: derived from its domain.")
    ] = "",
    name: Annotated[
        str,
        typer.Option(help="Name of a publisher that publishers.csv lacks. Default: its domain."),
    ] = "",
    time_zone: Annotated[
        str,
        typer.Option(
            metavar="ZONE",
            help="Its time zone, such as Europe/Zurich, which sets the day of an"
            " article. Default: UTC.",
        ),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the items and the row, and change nothing.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Add the row without a question, even if the choice is uncertain."
        ),
    ] = False,
) -> None:
    """Find the feed, listing or sitemap of a URL, show its items, and add it to the feed list.

    The command looks for feeds that the page links or that its software usually offers, for
    sitemaps, and for links of the same structure on the page. It proposes the CSS selectors of such
    a listing. If the choice is uncertain, you confirm it; without a terminal, nothing is then added
    unless you pass `--yes`.

    - `tidings feeds add ministry.example/press --dry-run` shows what it would collect.
    - `tidings feeds add ministry.example/press --kind listing` adds the page itself, although it
      has a feed.
    - `tidings feeds add ministry.example/press --select "ul.news li"` corrects the proposed
      selector.
    - `tidings feeds add ministry.example/press --name "Ministry of Ports" --time-zone
      Europe/Zurich` describes the publisher.

    Links of Google News cannot be added, because they lead to pages of Google and not to the
    articles.
    """
    settings = read_settings()
    request = Addition(
        url, kind.value if kind else "", select, feed_id, publisher, name.strip(), time_zone.strip()
    )
    add_source(request, settings, client_settings(settings), is_dry_run=dry_run, is_confirmed=yes)


@feeds.command("import")
def import_feeds(
    opml: Annotated[Path, typer.Argument(help="OPML file from any feed reader.")],
    trust: Annotated[
        bool,
        typer.Option(
            "--trust",
            help="Import all columns. Use this only for a file that you exported with"
            " `tidings feeds export`.",
        ),
    ] = False,
) -> None:
    """Add the feeds of an OPML file to the feed list.

    New feeds have no check date. Feeds that the list already contains do not change.

    Without `--trust`, the command imports URL, title and folder, but no column that grants rights,
    such as publisher_id, has_full_text or ignores_robots.
    """
    settings = read_settings()
    rows = read_rows(settings.own_feeds)
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
    present = len(outlines) - added - refused
    done = (
        f"Added {added} of {len(outlines)} feeds to"
        f" {settings.own_feeds}{f' ({present} already present)' if present else ''}."
    )
    if added:
        save_rows(settings, rows, done)
    else:
        print(done)
    if ignored:
        feeds_text = counted(ignored, "feed")
        print(
            f"Ignored other columns of {feeds_text}. Use --trust if you exported the file yourself."
        )


def _unknown(feed_id: str) -> str:
    return f"Unknown feed ID: {feed_id}. `tidings feeds list` lists all IDs."


def _add_rows(
    rows: list[dict[str, str]], outlines: Sequence[dict[str, str]], settings: Settings
) -> int:
    """Add the new feeds of an OPML file to the rows, print the refused URLs, and return their
    number.
    """
    known = {prepare_url(row["url"]) for row in rows}
    ids = [row["feed_id"] for row in rows]
    refused = 0
    for row in outlines:
        refusal = check_url(row["url"], settings.allow_hosts) or why_unusable(row["url"])
        if refusal:
            refused += 1
            print(f"{row['url']}: not added. {refusal}")
        elif prepare_url(row["url"]) not in known:
            known.add(prepare_url(row["url"]))
            title, feed_id = row.pop("title", ""), row.get("feed_id", "")
            row["feed_id"] = (
                feed_id if feed_id and feed_id not in ids else name_feed(row["url"], ids, title)
            )
            ids.append(row["feed_id"])
            rows.append(row)
    return refused


@feeds.command()
def export(
    out: Annotated[
        Path | None, typer.Argument(help="Output file. Default: standard output.")
    ] = None,
) -> None:
    """Write the feed list as OPML, for feed readers and for a lossless import with `--trust`."""
    document = write_opml(read_rows(read_settings().feeds), "Tidings")
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        try:
            out.write_bytes(document)
        except OSError as error:
            raise UserError(f"Cannot write {out}: {error.strerror}.") from error
