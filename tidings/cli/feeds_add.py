"""``tidings feeds add``: show the sources of a URL, the items of the chosen one, and write its
row.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import typer
from rich.table import Column, Table
from rich.text import Text

from tidings.base.languages.plural import counted
from tidings.base.urls import prepare_url
from tidings.cli.feed_list import name_feed, read_rows, save_rows, why_unusable
from tidings.cli.terminal import SafeConsole, UserError, headed, print_progress
from tidings.fetch.address_check import check_url
from tidings.fetch.client import open_client
from tidings.fetch.feed_check import carries_full_text
from tidings.fetch.feed_reader import FeedReader
from tidings.fetch.registry import read_publishers, read_registry
from tidings.fetch.source_search import SourceSearch
from tidings.storage.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from tidings.base.records import Publisher
    from tidings.base.settings import Settings
    from tidings.fetch.client import ClientSettings
    from tidings.fetch.feed.entry import ParsedEntry
    from tidings.fetch.source_search import Found, Option

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
    wanted: Addition,
    settings: Settings,
    client: ClientSettings,
    *,
    is_dry_run: bool,
    is_confirmed: bool,
) -> None:
    """Find the source of a URL, show it, and add its row to the feed list.

    Raises UserError if nothing is found, if the list already contains the source, or if the choice
    is uncertain and there is no terminal to confirm it.
    """
    rows = read_rows(settings.own_feeds)
    wanted = wanted._replace(url=_usable_url(wanted.url.strip(), settings))
    if wanted.selector and wanted.kind not in {"", "listing"}:
        raise UserError("Only a listing has a selector. Omit --select, or use --kind listing.")
    if any(row["feed_id"] == wanted.feed_id for row in rows):
        raise UserError(f"The feed list already contains the ID {wanted.feed_id}.")
    _check_zone(wanted.time_zone)
    known = read_publishers(read_seed("publishers", settings.seeds, ("publisher_id",)))
    publisher = _publisher(wanted, rows, known)
    print_progress(
        f"searching {wanted.url}. Requests to the same site are {settings.host_gap:g} s apart."
    )
    found = asyncio.run(_search(wanted, client, publisher.time_zone))
    console = SafeConsole()
    if found.chosen is None:
        if not found.is_page and not found.options:
            raise UserError(f"Cannot read {found.tried[0]}")
        for failure in dict.fromkeys(found.tried[:_MAX_TRIED] if len(found.tried) > 1 else ()):
            console.print(f"  {failure}", highlight=False, markup=False, soft_wrap=True)
        raise UserError(_explain_failure(found, wanted))
    _print_options(console, found)
    _print_items(console, found.chosen, publisher.time_zone)
    if row := next((row for row in rows if row["url"] == found.chosen.url), None):
        raise UserError(
            f"The feed list already contains {found.chosen.url}, with the ID {row['feed_id']}."
        )
    row = _make_row(found, found.chosen, wanted, [row["feed_id"] for row in rows])
    _print_row(console, row, publisher, is_known=publisher in known, path=str(settings.own_feeds))
    if is_dry_run:
        return
    if not (is_confirmed or found.is_certain) and not _ask():
        raise UserError(
            "Nothing was added, because the choice is uncertain. Compare the items with the page,"
            " then repeat the command with"
            " --yes, or with --select CSS or --kind to correct the choice."
        )
    save_rows(settings, [*rows, row], f"\nAdded to {settings.own_feeds}.")


def _usable_url(text: str, settings: Settings) -> str:
    """Return the URL of a text, which may lack https://. Raise UserError if its sources cannot be
    collected.
    """
    url = prepare_url(text if "://" in text else f"https://{text}")
    if not url:
        raise UserError("Cannot read this URL. Use an http or https URL without a user name.")
    if refusal := check_url(url, settings.allow_hosts) or why_unusable(url):
        raise UserError(f"Cannot read {url}. {refusal}")
    return url


def _check_zone(name: str) -> None:
    """Raise UserError, with the most similar name, if a name is not an IANA time zone. An empty
    name is valid.
    """
    zones = sorted(available_timezones())
    if not name or name in zones:
        return
    known = {zone.rpartition("/")[2].casefold(): zone for zone in zones} | {
        zone.casefold(): zone for zone in zones
    }
    similar = get_close_matches(name.casefold().replace(" ", "_"), known, n=1)
    hint = f" Did you mean {known[similar[0]]}?" if similar else ""
    raise UserError(f"Unknown time zone {name!r}: use an IANA name such as Europe/Zurich.{hint}")


def _publisher(
    wanted: Addition, rows: Sequence[Mapping[str, str]], known: Sequence[Publisher]
) -> Publisher:
    """Return the publisher of the new row. Raise UserError if it already has another name or time
    zone.
    """
    row = {
        "feed_id": name_feed(wanted.url, [row["feed_id"] for row in rows]),
        "url": wanted.url,
        **_described(wanted),
    }
    (own,) = read_registry([row], known)[1]
    listed = {
        publisher.publisher_id: publisher for publisher in read_registry([*rows, row], known)[1]
    }[own.publisher_id]
    if (wanted.name or listed.name, wanted.time_zone or listed.time_zone) != (
        listed.name,
        listed.time_zone,
    ):
        raise UserError(
            f"The publisher {listed.publisher_id} already has the name {listed.name!r} and the"
            f" time zone {listed.time_zone}: omit"
            " --name and --time-zone, correct it in publishers.csv or in your list, or add"
            " --publisher with a new ID."
        )
    return listed


def _described(wanted: Addition) -> dict[str, str]:
    """Return the cells of a row that describe its publisher."""
    cells = {
        "publisher_id": wanted.publisher_id,
        "publisher_name": wanted.name,
        "time_zone": wanted.time_zone,
    }
    return {name: cell for name, cell in cells.items() if cell or name == "publisher_id"}


def _ask() -> bool:
    """Return whether the user wants the row, or False without a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and typer.confirm("Add this row?")


async def _search(wanted: Addition, client_settings: ClientSettings, zone: str) -> Found:
    async with open_client(client_settings, _now) as client, FeedReader(1, _SECONDS) as reader:
        return await SourceSearch(client, reader, zone, _now()).search(
            wanted.url, wanted.kind, wanted.selector
        )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _explain_failure(found: Found, wanted: Addition) -> str:
    name = wanted.kind or "feed, listing or sitemap"
    if wanted.selector and found.tried:
        reason = found.tried[-1].removeprefix(f"{wanted.url}: ")
        return (
            f"{reason} Correct --select {wanted.selector!r}, or omit it: the command then"
            f" proposes a selector."
        )
    advice = "Try the URL of the page that lists the news, or name its items with --select CSS."
    if others := " and ".join(dict.fromkeys(option.kind for option in found.options)):
        advice = (
            f"The URL has another source: {others}. Repeat the command without --kind and --select."
        )
    return (
        f"Found no {name} at {found.tried[0] if len(found.tried) == 1 else f'{wanted.url}.'}"
        f" {advice}"
    )


def _print_options(console: Console, found: Found) -> None:
    items, dated = (Column(name, justify="right") for name in ("Items", "Dated"))
    place = Column("URL, and selector of a listing", overflow="fold")
    table = Table(
        "",
        "Found",
        items,
        "Newest",
        dated,
        place,
        show_edge=False,
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for option in found.options:
        is_chosen = option is found.chosen
        newest = f"{option.newest_at:%Y-%m-%d}" if option.newest_at else "-"
        share = f"{option.dated_share:.0%}" if option.parsed.entries else "-"
        found_at = Text(
            option.url + (f"\n{option.proposal.item_selector}" if option.proposal else "")
        )
        style = "bold" if is_chosen else ""
        table.add_row(
            "→" if is_chosen else "",
            option.kind,
            f"{option.parsed.entry_count:,}",
            newest,
            share,
            found_at,
            style=style,
        )
    console.print(table)
    console.print()
    console.print(Text(found.reason))


def _print_items(console: Console, option: Option, zone: str) -> None:
    entries = option.parsed.entries
    if option.kind == "sitemap":
        entries = sorted(
            entries, key=lambda entry: _day(entry, zone).replace("no date", ""), reverse=True
        )
    console.print(headed("\nItems", f"  {_count(option, entries)}"))
    for entry in entries[:_MAX_SHOWN]:
        link = entry.link or "(no link)"
        line = Text.assemble((f"  {_day(entry, zone):<10}  ", "dim"), entry.title or link)
        console.print(line, no_wrap=True, overflow="ellipsis")
        if entry.title:
            console.print(Text(f"{'':14}{link}", "dim"), no_wrap=True, overflow="ellipsis")
    if option.parsed.next_link:
        console.print(
            Text(f"  older items: {option.parsed.next_link}", "dim"),
            no_wrap=True,
            overflow="ellipsis",
        )


def _count(option: Option, entries: Sequence[ParsedEntry]) -> str:
    count = option.parsed.entry_count
    if not count:
        others = len(option.parsed.links)
        names = f"names {counted(others, 'sitemap')}" if others else "currently contains no entries"
        return f"The {option.kind} {names}."
    shown = "" if len(entries) <= _MAX_SHOWN else f"; the first {_MAX_SHOWN}:"
    return f"{counted(count, 'entry')}{shown}"


def _day(entry: ParsedEntry, zone: str) -> str:
    return (
        f"{entry.stated_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" if entry.stated_at else ("no date")
    )


def _make_row(
    found: Found, option: Option, wanted: Addition, known_ids: Sequence[str]
) -> dict[str, str]:
    title = option.parsed.title or found.title
    proposal = option.proposal
    has_full_text = option.kind == "feed" and carries_full_text(option.parsed)
    return {
        "feed_id": wanted.feed_id or name_feed(option.url, known_ids, title),
        "url": option.url,
        **_described(wanted),
        "kind": option.kind,
        "language": _language(option),
        "is_enabled": "true",
        "has_full_text": str(bool(has_full_text)).lower(),
        "ignores_robots": "false",
        "item_selector": proposal.item_selector if proposal else "",
        "next_selector": (proposal.next_selector or "") if proposal and not option.day_url else "",
        "day_url": option.day_url or "",
        "checked_on": _now().date().isoformat(),
        "source": wanted.url if wanted.url != option.url else "",
    }


def _language(option: Option) -> str:
    """Return the language that the source or an entry states, if it has the form of a BCP 47 tag,
    else an empty text.
    """
    stated = [option.parsed.language, *(entry.language for entry in option.parsed.entries)]
    return next(
        (
            tag
            for tag in stated
            if tag and re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", tag)
        ),
        "",
    )


def _print_row(
    console: Console, row: Mapping[str, str], publisher: Publisher, *, is_known: bool, path: str
) -> None:
    console.print(headed("\nRow", f"  for {path}"), soft_wrap=True)
    for name, value in row.items():
        if value:
            console.print(Text.assemble((f"  {name}: ", "dim"), value), soft_wrap=True)
    origin = "of publishers.csv" if is_known else "derived from the domain"
    console.print(
        f"Publisher {publisher.publisher_id} ({origin}, time zone {publisher.time_zone}).",
        highlight=False,
    )
    if not is_known and "time_zone" not in row:
        note = (
            "Other name or time zone: use --name and --time-zone, or add columns publisher_name"
            " and time_zone to the list."
        )
        console.print(note, style="dim", highlight=False)
