"""``tidings feeds``: list, check, add, move, import and export sources."""

import asyncio
import re
import sys
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Literal

from typer import Argument, Option

from tidings.base.languages.plural import counted
from tidings.base.settings import Settings, read_settings
from tidings.base.urls import prepare_url
from tidings.cli.feed_list import (
    check_sources,
    missing_rows,
    move_row,
    read_rows,
    save_rows,
    update_rows,
    why_refused,
)
from tidings.cli.feeds_add import Addition, add_source
from tidings.cli.fetch import now_utc
from tidings.cli.findings import print_verdicts
from tidings.cli.terminal import (
    FeedList,
    display,
    file_errors,
    group,
    print_progress,
    refuse,
    table_of,
    use_feeds,
)
from tidings.fetch.opml import OpmlError, read_opml, write_opml
from tidings.fetch.source_verdict import ACTIONS, is_offline, judge
from tidings.paths import SEEDS
from tidings.storage.reference import is_enabled, read_csv, read_seed, select_feeds


def read_packs(settings: Settings) -> dict[str, tuple[str, list[dict[str, str]]]]:
    """Return the description and the bundled sources of each starter pack by ID."""
    feeds = read_csv(SEEDS / "feeds.csv", ("feed_id", "url"))
    publishers = {row["publisher_id"]: row for row in read_seed("publishers", settings.seeds)}
    return {
        row["pack_id"]: (
            row["description"],
            [dict(feed) for feed in select_feeds(row["conditions"], feeds, publishers)],
        )
        for row in read_seed("packs", settings.seeds)
    }


def read_pack_feeds(settings: Settings, ids: Iterable[str]) -> list[dict[str, str]]:
    """Return the bundled sources of some starter packs, each once. Raises UserError for an unknown
    pack.
    """
    packs = read_packs(settings)
    unknown = ", ".join(sorted(set(ids) - packs.keys()))
    refuse(unknown, f"Unknown pack: {unknown}. `tidings feeds pack` lists the packs.")
    return list({feed["feed_id"]: feed for name in ids for feed in packs[name][1]}.values())


feeds = group(
    "List, check, add, move, import and export the sources of the feed list.", no_args_is_help=True
)


_UNKNOWN = "Unknown feed ID: {}. `tidings feeds list` lists all IDs."


def _listed_rows(settings: Settings) -> list[dict[str, str]]:
    """Return the rows of the list in use. Raises UserError if there are none."""
    rows = read_rows(settings.feeds)
    refuse(not rows, f"{settings.feeds} contains no feeds. Add one: `tidings feeds add URL`.")
    return rows


@feeds.command("list")
def list_feeds() -> None:
    """Print each source of the feed list: ID, kind, language, on or off, date of the last check,
    and URL.

    The first line, on standard error, names the list in use: `TIDINGS_FEEDS`, else `feeds.csv` in
    the data folder, else the bundled list.
    """
    settings = read_settings()
    rows = _listed_rows(settings)
    owner = "bundled" if settings.is_bundled else "your own"
    enabled = sum(map(is_enabled, rows))
    print_progress(
        f"{counted(len(rows), 'source')} of {owner} list {settings.feeds}, {enabled} of them on"
    )
    defaults = {"kind": "feed", "language": "-", "checked_on": "unchecked"}
    for row in rows:
        cells = defaults | {name: cell for name, cell in row.items() if cell}
        cells["on"] = "on" if is_enabled(row) else "off"
        print(*map(cells.get, ("feed_id", "kind", "language", "on", "checked_on", "url")), sep="\t")


@feeds.command()
def check(
    ids: list[str] | None = Argument(
        None, metavar="[ID]...", help="IDs of the sources to check. Default: all."
    ),
    write: bool = Option(
        False, "--write", help="Enter check dates and new URLs, and disable dead sources."
    ),
    feeds: FeedList = None,
) -> None:
    """Request each source, and print its content, recommended changes, and the sources that need an
    action.

    With `--write`, the command sets checked_on to today for each working source, enters the new URL
    of each source that moved permanently, and disables each dead source with the reason in its row.
    If most sources do not respond, a host name that was not found disables no source.
    """
    use_feeds(feeds)
    settings = read_settings()
    rows = _listed_rows(settings)
    known = set(map(itemgetter("feed_id"), rows))
    chosen = set(ids or known)
    unknown = ", ".join(sorted(chosen - known))
    refuse(unknown, _UNKNOWN.format(unknown))
    polls = asyncio.run(check_sources([r for r in rows if r["feed_id"] in chosen], settings))
    done = re.compile("check ID" + "|--write" * write)
    actions = {name: "" if done.search(text) else text for name, text in ACTIONS.items()}
    print_verdicts(judge(polls, now_utc()), most_named=len(polls), actions=actions)
    if not write:
        return
    if is_offline(polls):
        print_progress("Nothing was changed.")
        return
    updated = update_rows(rows, polls, settings)
    pairs = list(zip(rows, updated, strict=True))
    moved = sum(old["url"] != new["url"] for old, new in pairs)
    disabled = sum(is_enabled(old) > is_enabled(new) for old, new in pairs)
    changes = f"check dates, new URLs: {moved}, disabled sources: {disabled}"
    save_rows(settings, updated, f"Wrote {settings.own_feeds}: {changes}.")


@feeds.command()
def move(
    feed_id: str = Argument(metavar="ID", help="ID of the source."),
    url: str = Argument(help="New URL of the same source."),
    yes: bool = Option(
        False, "--yes", "-y", help="Enter the URL even if it does not work at present."
    ),
) -> None:
    """Enter the new URL of a source, which keeps its ID, its publisher and its history.

    The publisher also gets the new domain, so that articles there count for it. An article that was
    already collected from the old domain is not counted again.
    """
    settings = read_settings()
    rows = read_rows(settings.feeds)
    ids = [row["feed_id"] for row in rows]
    refuse(feed_id not in ids, _UNKNOWN.format(feed_id))
    number = ids.index(feed_id)
    old, target = rows[number]["url"], prepare_url(url)
    refuse(target and target == prepare_url(old), f"{feed_id} already has this URL.")
    refusal = why_refused(target, settings)
    refuse(refusal, f"Cannot read {url}. {refusal}")
    rows[number] = move_row(rows[number], str(target), settings)
    (poll,) = asyncio.run(check_sources([rows[number]], settings))
    refuse(
        not poll.is_working and not yes,
        "Nothing was changed, because the new URL does not work. Correct it, or"
        " repeat the command with --yes.",
    )
    save_rows(settings, rows, f"{feed_id}: {old} → {target}")


@feeds.command()
def pack(
    ids: list[str] | None = Argument(
        None, metavar="[PACK]...", help="IDs of packs. Default: list the packs."
    ),
    dry_run: bool = Option(False, "--dry-run", help="Show the rows, and change nothing."),
) -> None:
    """List the starter packs, or add the sources of some packs to your own list.

    A pack is a selection of the bundled sources, such as `china`, `eu` or `central_banks`. Your
    list replaces the bundled one. Sources that it already contains do not change.

    Example: `tidings feeds pack china central_banks` adds two packs.
    """
    settings = read_settings()
    if ids:
        _add_rows(settings, read_pack_feeds(settings, ids), "sources", is_dry_run=dry_run)
    else:
        packs = read_packs(settings).items()
        rows = [(name, text, len(sources)) for name, (text, sources) in packs]
        display(table_of(("Pack", "Content", ">Sources"), rows))
        print("Add packs to your own list: `tidings feeds pack PACK…`, with --dry-run to see them.")


@feeds.command()
def add(
    url: str = Argument(help="URL of a feed, news section or home page, or of a sitemap."),
    kind: Literal["feed", "listing"] | None = Option(
        None, help="Kind of source to add. Default: the best that is found."
    ),
    select: str = Option(
        "", metavar="CSS", help="Selector of a listing's items, instead of the proposed one."
    ),
    feed_id: str = Option("", "--id", help="ID of the new feed. Default: derived from the URL."),
    publisher: str = Option("", help="publisher_id of the feed. Default: derived from its domain."),
    name: str = Option(
        "", help="Name of a publisher that publishers.csv lacks. Default: its domain."
    ),
    time_zone: str = Option(
        "",
        metavar="ZONE",
        help="Its time zone, such as Europe/Zurich, which sets the day of an"
        " article. Default: UTC.",
    ),
    dry_run: bool = Option(
        False, "--dry-run", help="Show the items and the row, and change nothing."
    ),
    yes: bool = Option(
        False,
        "--yes",
        "-y",
        help="Add the row without a question, even if the choice is uncertain.",
    ),
) -> None:
    """Find the feed or listing of a URL, show its items, and add it to the feed list.

    The command looks for feeds that the page links or that its software usually offers, and for
    links of the same structure on the page. It proposes the CSS selectors of such
    a listing. If the choice is uncertain, you confirm it; without a terminal, nothing is then added
    unless you pass `--yes`.

    - `tidings feeds add ministry.example/press --dry-run` shows what it would collect.
    - `tidings feeds add ministry.example/press --kind listing` adds the page itself, although it
      has a feed.
    - `tidings feeds add ministry.example/press --name "Ministry of Ports" --time-zone
      Europe/Zurich` describes the publisher.
    """
    settings = read_settings()
    request = Addition(url, kind or "", select, feed_id, publisher, name.strip(), time_zone.strip())
    add_source(request, settings, is_dry_run=dry_run, is_confirmed=yes)


@feeds.command("import")
def import_feeds(
    opml: Path = Argument(help="OPML file from any feed reader."),
) -> None:
    """Add the feeds of an OPML file to the feed list.

    The command imports URL, title and folder. New feeds have no check date. Feeds that the list
    already contains do not change.
    """
    settings = read_settings()
    with file_errors("read", opml, OpmlError):
        outlines = read_opml(opml.read_bytes())
    refuse(not outlines, f"{opml} contains no feeds: no outline has an xmlUrl attribute.")
    _add_rows(settings, outlines, "feeds")


def _add_rows(
    settings: Settings, new: Sequence[dict[str, str]], noun: str, *, is_dry_run: bool = False
) -> None:
    """Add the rows that the user's own list lacks, or print them. Print why a URL is refused."""
    rows, allowed = read_rows(settings.own_feeds), []
    for row in new:
        if refusal := why_refused(row["url"], settings):
            print(f"{row['url']}: not added. {refusal}")
        else:
            allowed.append(row)
    added = missing_rows(rows, allowed)
    present = len(allowed) - len(added)
    already = f" ({present} already present)" if present else ""
    verb = "Would add" if is_dry_run else "Added"
    done = f"{verb} {len(added)} of {len(new)} {noun} to {settings.own_feeds}{already}."
    if added and not is_dry_run:
        save_rows(settings, [*rows, *added], done)
        return
    for row in added:
        print(row["feed_id"], row["kind"], row["language"] or "-", row["url"], sep="\t")
    print(done)


@feeds.command()
def export(
    out: Path | None = Argument(None, help="Output file. Default: standard output."),
) -> None:
    """Write the feeds of the list as OPML, for feed readers."""
    document = write_opml(read_rows(read_settings().feeds))
    if out:
        with file_errors("write", out):
            out.write_bytes(document)
    else:
        sys.stdout.buffer.write(document)
