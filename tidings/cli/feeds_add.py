"""``tidings feeds add``: show the sources of a URL, and write the row of the chosen one."""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

import typer

from tidings.base.languages.plural import counted
from tidings.base.records import Publisher
from tidings.base.settings import Settings
from tidings.base.urls import prepare_url
from tidings.cli.feed_list import (
    carries_full_text,
    missing_rows,
    name_feed,
    read_rows,
    save_rows,
    why_refused,
)
from tidings.cli.fetch import PATIENCE, now_utc
from tidings.cli.terminal import UserError, display, headed, print_progress, refuse, table_of
from tidings.fetch.client import client_settings, open_client
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.registry import read_registry
from tidings.fetch.source_search import Option, SourceSearch
from tidings.stages.prepare import known_publishers

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")  # form of a BCP 47 tag
_MAX_SHOWN = 10  # items
_SECONDS = 20.0  # CPU time for one page: it is read only once
_MAX_TRIED = 8  # failed addresses in an error message


class Addition(NamedTuple):
    """The arguments of the command. An empty text means the default."""

    url: str
    kind: str
    selector: str
    feed_id: str
    publisher_id: str
    name: str
    time_zone: str


def add_source(
    wanted: Addition, settings: Settings, *, is_dry_run: bool, is_confirmed: bool
) -> None:
    """Find the source of a URL, show it, and add its row to the feed list. Raises UserError."""
    rows = read_rows(settings.own_feeds)
    ids = [row["feed_id"] for row in rows]
    wanted = _check(wanted, ids, settings)
    known = known_publishers(settings)
    publisher = _publisher(wanted, rows, known)
    print_progress(
        f"searching {wanted.url}. Requests to the same site are {settings.host_gap:g} s apart."
    )
    found = asyncio.run(_search(wanted, settings, publisher.time_zone))
    chosen = found.chosen
    if chosen is None:
        raise UserError(_explain_failure(found, wanted))
    _print_options(found)
    _print_items(chosen, publisher.time_zone)
    added = missing_rows(rows, [_make_row(found, chosen, wanted)])
    refuse(not added, f"The feed list already contains {chosen.url}.")
    (row,) = added
    _print_row(row, publisher, is_known=publisher in known, path=str(settings.own_feeds))
    if is_dry_run:
        return
    refuse(
        not (is_confirmed or found.is_certain or _ask()),
        "Nothing was added, because the choice is uncertain. Compare the items with the page,"
        " then repeat the command with"
        " --yes, or with --select CSS or --kind to correct the choice.",
    )
    save_rows(settings, [*rows, *added], f"\nAdded to {settings.own_feeds}.")


def _check(wanted: Addition, ids: Sequence[str], settings: Settings) -> Addition:
    """Return the arguments with a complete URL. Raise UserError if one of them is invalid."""
    text = wanted.url.strip()
    url = prepare_url(text if "://" in text else f"https://{text}")
    refusal = why_refused(url, settings)
    refuse(refusal, f"Cannot read {url or 'this URL'}. {refusal}")
    refuse(
        wanted.selector and wanted.kind not in {"", "listing"},
        "Only a listing has a selector. Omit --select, or use --kind listing.",
    )
    refuse(wanted.feed_id in ids, f"The feed list already contains the ID {wanted.feed_id}.")
    return wanted._replace(url=str(url))


def _publisher(
    wanted: Addition, rows: Sequence[Mapping[str, str]], known: Sequence[Publisher]
) -> Publisher:
    """Return the publisher of the new row. Raise UserError if its name or time zone differ."""
    feed_id = name_feed(wanted.url, [row["feed_id"] for row in rows])
    row = {"feed_id": feed_id, "url": wanted.url, **_described(wanted)}
    (own,) = read_registry([row], known)[1]
    publishers = read_registry([*rows, row], known)[1]
    listed = next(other for other in publishers if other.publisher_id == own.publisher_id)
    refuse(
        wanted.name not in {"", listed.name} or wanted.time_zone not in {"", listed.time_zone},
        f"The publisher {listed.publisher_id} already has the name {listed.name!r} and the time"
        f" zone {listed.time_zone}: omit --name and --time-zone, correct it in publishers.csv"
        " or in your list, or add --publisher with a new ID.",
    )
    return listed


def _described(wanted: Addition) -> dict[str, str]:
    """Return the cells of a row that describe its publisher."""
    cells = {"publisher_name": wanted.name, "time_zone": wanted.time_zone}
    return {"publisher_id": wanted.publisher_id} | {n: cell for n, cell in cells.items() if cell}


def _ask() -> bool:
    """Return whether the user wants the row, or False without a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and typer.confirm("Add this row?")


async def _search(wanted: Addition, settings: Settings, zone: str) -> SourceSearch:
    async with (
        open_client(client_settings(settings, deadline=PATIENCE), now_utc) as client,
        FeedReader(1, _SECONDS) as reader,
    ):
        search = SourceSearch(
            client, reader, zone, now_utc(), wanted.url, wanted.kind, wanted.selector
        )
        await search.run()
        return search


def _explain_failure(found: SourceSearch, wanted: Addition) -> str:
    """Print the addresses that were tried, and return why there is no source."""
    if not found.is_page and not found.options:
        return f"Cannot read {found.tried[0]}"
    for failure in dict.fromkeys(found.tried[:_MAX_TRIED]):
        display(f"  {failure}", soft_wrap=True)
    advice = "Try the URL of the page that lists the news, or name its items with --select CSS."
    if wanted.selector:
        advice = "Correct --select, or omit it: the command then proposes a selector."
    elif others := " and ".join(dict.fromkeys(option.kind for option in found.options)):
        advice = f"The URL has another source: {others}. Repeat the command without --kind."
    return f"Found no {wanted.kind or 'feed or listing'} at {wanted.url}. {advice}"


def _print_options(found: SourceSearch) -> None:
    rows = [
        (
            "→" if option is found.chosen else "",
            option.kind,
            option.parsed.entry_count,
            f"{option.newest_at:%Y-%m-%d}" if option.newest_at else "-",
            f"{option.dated_share:.0%}" if option.parsed.entries else "-",
            option.url + (f"\n{option.proposal.item_selector}" if option.proposal else ""),
        )
        for option in found.options
    ]
    columns = ("", "Found", ">Items", "Newest", ">Dated", "URL, and selector of a listing")
    display(table_of(columns, rows))
    display(found.reason)


def _print_items(option: Option, zone: str) -> None:
    parsed = option.parsed
    days = [
        (f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" if (at := entry.stated_at) else "", entry)
        for entry in parsed.entries
    ]
    if option.kind == "sitemap":
        days.sort(key=itemgetter(0), reverse=True)
    display(headed("\nItems", f"  {_describe_count(option)}"))
    for day, entry in days[:_MAX_SHOWN]:
        title = f"  {day or 'no date':<10}  {entry.title or '(no title)'}"
        for line in (title, f"{'':14}{entry.link or '(no link)'}"):
            display(line, no_wrap=True, overflow="ellipsis")
    if parsed.next_link:
        display(f"  older items: {parsed.next_link}", no_wrap=True, overflow="ellipsis")


def _describe_count(option: Option) -> str:
    parsed = option.parsed
    if parsed.entry_count:
        shown = f"; the first {_MAX_SHOWN}:" if len(parsed.entries) > _MAX_SHOWN else ""
        return f"{counted(parsed.entry_count, 'entry')}{shown}"
    maps = f"names {counted(len(parsed.links), 'sitemap')}" if parsed.links else ""
    return f"The {option.kind} {maps or 'currently contains no entries'}."


def _make_row(found: SourceSearch, option: Option, wanted: Addition) -> dict[str, str]:
    parsed, proposal = option.parsed, option.proposal
    has_full_text = option.kind == "feed" and carries_full_text(parsed)
    stated = [parsed.language, *(entry.language for entry in parsed.entries)]
    selectors = (proposal.item_selector, proposal.next_selector) if proposal else ("", "")
    return {
        "feed_id": wanted.feed_id,
        "title": parsed.title or found.title or "",
        "url": option.url,
        **_described(wanted),
        "kind": option.kind,
        "language": next(filter(_LANGUAGE.fullmatch, filter(None, stated)), ""),
        "is_enabled": "true",
        "has_full_text": str(bool(has_full_text)).lower(),
        "ignores_robots": "false",
        "item_selector": selectors[0],
        "next_selector": "" if option.day_url else selectors[1] or "",
        "day_url": option.day_url or "",
        "checked_on": now_utc().date().isoformat(),
        "source": wanted.url if wanted.url != option.url else "",
    }


def _print_row(row: Mapping[str, str], publisher: Publisher, *, is_known: bool, path: str) -> None:
    display(headed("\nRow", f"  for {path}"), soft_wrap=True)
    for name, value in row.items():
        if value:
            display(f"  {name}: {value}", soft_wrap=True)
    origin = "of publishers.csv" if is_known else "derived from the domain"
    display(f"Publisher {publisher.publisher_id} ({origin}, time zone {publisher.time_zone}).")
    if not is_known and "time_zone" not in row:
        display(
            "Other name or time zone: use --name and --time-zone, or add columns publisher_name"
            " and time_zone to the list."
        )
