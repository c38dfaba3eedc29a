"""``tidings feeds``: the registry of sources."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.feed_list import name_feed, read_rows, write_rows
from tidings.flows.cli.places import UserError
from tidings.flows.fetch.address_check import check_url
from tidings.flows.fetch.client import ClientSettings, open_client
from tidings.flows.fetch.feed import ParsedFeed
from tidings.flows.fetch.feed_check import FeedCheck, carries_full_text, check_feed, find_feeds
from tidings.flows.fetch.feed_reader import FeedReader
from tidings.flows.fetch.opml import OpmlError, read_opml, write_opml
from tidings.flows.fetch.registry import read_publishers, read_registry
from tidings.flows.fetch.response import Outcome, Response
from tidings.flows.fetch.response_body import detect_format
from tidings.flows.fetch.worker_pool import FetchRequest
from tidings.flows.owners import Owners
from tidings.flows.settings import Settings, read_settings
from tidings.flows.urls import prepare_url
from tidings.warehouse.reference import read_seed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from tidings.warehouse.records import Feed, Publisher

feeds = typer.Typer(add_completion=False, no_args_is_help=True, help="The registry of sources: what it holds and how it is.")
_TRIED = 5


@feeds.command("list")
def list_feeds() -> None:
    """Print the registry: id, kind, language, whether it is polled, when it was last checked, and the address."""
    settings = read_settings()
    rows = read_rows(settings.feeds)
    if not rows:
        raise UserError(f"There is no feed in {settings.feeds} yet: `tidings feeds add URL` finds one.")
    for row in rows:
        polled = "off" if row.get("is_enabled", "").lower() in ("false", "0", "no") else "on"
        checked = row.get("checked_on") or "unchecked"
        print("\t".join([row["feed_id"], row.get("kind") or "feed", row.get("language") or "-", polled, checked, row["url"]]))


@feeds.command()
def check(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Sources to look at; all when none is named.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Note today as checked_on for each that is in order.")] = False,
) -> None:
    """Fetch each source and print what was found and what to change in its row."""
    settings = read_settings()
    rows = read_rows(settings.feeds)
    known = {row["feed_id"] for row in rows}
    unknown = sorted(set(ids or ()) - known)
    if unknown or not rows:
        raise UserError(f"The registry has no feed {unknown[0]}." if unknown else f"There is no feed list at {settings.feeds}.")
    chosen = [row for row in rows if not ids or row["feed_id"] in ids]
    good = asyncio.run(_check_all(chosen, settings))
    print(f"{len(good)} of {len(chosen)} in order")
    if write:
        today = dt.datetime.now(dt.UTC).date().isoformat()
        write_rows(settings.feeds, [row | {"checked_on": today} if row["feed_id"] in good else row for row in rows])


@feeds.command()
def add(
    url: Annotated[str, typer.Argument(help="A feed, or a page that names one.")],
    feed_id: Annotated[str, typer.Option("--id", help="The new feed's id; made from the address when not given.")] = "",
    publisher: Annotated[str, typer.Option(help="Its publisher_id; found by its domain when not given.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the row.")] = False,
) -> None:
    """Find the feed at an address and add it to the registry."""
    settings = read_settings()
    rows = read_rows(settings.feeds)
    url = url.strip() if ":" in url.partition("/")[0] else f"https://{url.strip()}"
    response, parsed = asyncio.run(_find_feed(url, settings))
    place = response.final_url if response.is_permanent_move and response.final_url else response.url
    taken = [row["feed_id"] for row in rows]
    if any(row["url"] == place for row in rows) or feed_id in taken:
        raise UserError(f"The registry has {'an id ' + feed_id if feed_id in taken else place} already.")
    row = {
        "feed_id": feed_id or name_feed(place, taken, parsed.title),
        "url": place,
        "publisher_id": publisher,
        "kind": "feed",
        "language": parsed.language or "",
        "is_enabled": "true",
        "has_full_text": str(bool(carries_full_text(parsed))).lower(),
        "ignores_robots": "false",
        "checked_on": dt.datetime.now(dt.UTC).date().isoformat(),
        "source": url if url != place else "",
    }
    print("\n".join(f"{name}: {value}" for name, value in row.items() if value))
    print(f"It shows {_count(parsed.entry_count)} now.")
    if not dry_run:
        write_rows(settings.feeds, [*rows, row])


@feeds.command("import")
def import_feeds(
    opml: Annotated[Path, typer.Argument(help="An OPML file of any reader.")],
    trust: Annotated[
        bool, typer.Option("--trust", help="Import all columns of a file that you exported with `tidings feeds export`.")
    ] = False,
) -> None:
    """Add the feeds of an OPML file that the registry does not contain yet, and mark them as unchecked.

    From a file by somebody else, the command imports URL, title and folder, but no column that grants rights, such as
    publisher_id, has_full_text or ignores_robots.
    """
    settings = read_settings()
    rows = read_rows(settings.feeds)
    try:
        told, ignored = read_opml(opml.read_bytes(), is_trusted=trust)
    except OSError as error:
        raise UserError(f"{opml} cannot be read: {error.strerror or error}.") from error
    except OpmlError as error:
        raise UserError(f"{opml}: {error}") from error
    if not told:
        raise UserError(f"{opml} contains no feed: no outline has an xmlUrl.")
    known = {prepare_url(row["url"]) for row in rows}
    ids = [row["feed_id"] for row in rows]
    count, refused = len(rows), 0
    for found in told:
        refusal = check_url(found["url"], settings.allow_hosts)
        if refusal:
            refused += 1
            print(f"{found['url']}: left out. {refusal}")
        elif prepare_url(found["url"]) not in known:
            known.add(prepare_url(found["url"]))
            title, wanted = found.pop("title", ""), found.get("feed_id", "")
            found["feed_id"] = wanted if wanted and wanted not in ids else name_feed(found["url"], ids, title)
            ids.append(found["feed_id"])
            rows.append(found)
    added = len(rows) - count
    if added:
        write_rows(settings.feeds, rows)
    there = f", {len(told) - added - refused} there already" if len(told) > added + refused else ""
    print(f"{added} of {len(told)} feeds added to {settings.feeds}{there}")
    if ignored:
        named = f"{ignored} feed{'s' * (ignored != 1)}"
        print(f"Ignored the other columns of {named} in the file. Add --trust if you exported the file yourself.")


@feeds.command()
def export(out: Annotated[Path | None, typer.Argument(help="Where to write; standard output when not given.")] = None) -> None:
    """Write the registry as OPML, for other readers and to be imported again without loss."""
    document = write_opml(read_rows(read_settings().feeds), "Tidings")
    if out is None:
        sys.stdout.buffer.write(document)
    else:
        try:
            out.write_bytes(document)
        except OSError as error:
            raise UserError(f"{out} cannot be written: {error.strerror}.") from error


def _client_settings(settings: Settings) -> ClientSettings:
    return ClientSettings(settings.user_agent, allow_hosts=settings.allow_hosts, host_gap=settings.host_gap, deadline=30.0)


def _count(entries: int) -> str:
    return f"{entries or 'no'} {'entry' if entries in (0, 1) else 'entries'}"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def _check_all(rows: Sequence[Mapping[str, str]], settings: Settings) -> set[str]:
    """Print each source's checkup as it comes and return the ids of those in order."""
    known = read_publishers(read_seed("publishers", settings.seeds, ("publisher_id",)))
    sources, used = read_registry(rows, known)
    publishers = {publisher.publisher_id: publisher for publisher in (*known, *used)}
    good = set()
    async for found in _look_at(sources, publishers, settings):
        newest = f"newest {found.newest_at:%Y-%m-%d}" if found.newest_at else "no dates"
        what = f"{_count(found.entry_count)}, {newest}, {found.title or 'no title'}" if found.entry_count else ""
        print(" ".join(part for part in (f"{found.feed_id}: {found.outcome}.", found.reason, what) if part))
        for advice in found.advice:
            print(f"  {advice}")
        if found.outcome is Outcome.OK and found.entry_count:
            good.add(found.feed_id)
    return good


async def _look_at(sources: Sequence[Feed], publishers: Mapping[str, Publisher], settings: Settings) -> AsyncIterator[FeedCheck]:
    owners = Owners(publishers.values())
    async with open_client(_client_settings(settings), _now) as client, FeedReader(settings.workers) as reader:
        requests = [FetchRequest(feed.url, feed.kind, ignores_robots=feed.ignores_robots, key=feed) for feed in sources]
        async for request, response in client.fetch_many(requests):
            feed: Feed = request.key
            parsed = None
            if response.is_ok:
                zone = publishers[feed.publisher_id].time_zone
                parsed = await reader.read(
                    response.body, response.content_type, response.final_url or feed.url, zone, _now(), feed
                )
            yield check_feed(feed, response, parsed, owners, _now())


async def _find_feed(url: str, settings: Settings) -> tuple[Response, ParsedFeed]:
    """Return the first feed at an address: itself, or one that the page names, one that shows entries before one that does not.

    Raises UserError when there is none, which says what each place came to.
    """
    tried: list[str] = []
    empty: tuple[Response, ParsedFeed] | None = None
    async with open_client(_client_settings(settings), _now) as client, FeedReader(1) as reader:
        response = await client.fetch(url)
        if not response.is_ok:
            raise UserError(f"{url}: {response.reason}")
        is_feed = detect_format(response.body) in ("feed", "json_feed")
        named = [] if is_feed else find_feeds(response.body, response.content_type, response.final_url or url)[:_TRIED]
        responses = [response] if is_feed else []
        while responses or named:
            response = responses.pop() if responses else await client.fetch(named.pop(0).url, "feed")
            place = response.final_url or response.url
            parsed = await reader.read(response.body, response.content_type, place, "UTC", _now()) if response.is_ok else None
            if isinstance(parsed, ParsedFeed):
                if parsed.entries:
                    return response, parsed
                empty = empty or (response, parsed)
            else:
                tried.append(f"{response.url}: {parsed.reason if parsed else response.reason}")
    if empty:
        return empty
    raise UserError(f"{url} names no feed that can be read. {' '.join(tried)}" if tried else f"{url} is no feed and names none.")
