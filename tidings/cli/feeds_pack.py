"""``tidings feeds pack``: list the starter packs of bundled sources, and add their rows to the
user's own feed list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.table import Column, Table

from tidings.cli.feed_list import read_rows, save_rows
from tidings.paths import SEEDS
from tidings.storage.reference import read_csv, read_seed
from tidings.storage.seed_packs import select_feeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tidings.base.settings import Settings
    from tidings.cli.terminal import SafeConsole


@dataclass(frozen=True, slots=True)
class Pack:
    """A starter pack: its row of ``packs.csv``, its rows of the bundled feed list, and the
    countries of their publishers.
    """

    pack_id: str
    label: str
    description: str
    feeds: list[dict[str, str]]
    countries: set[str]

    @property
    def languages(self) -> set[str]:
        """The languages of its sources."""
        return {row["language"] for row in self.feeds if row["language"]}


def read_packs(settings: Settings) -> dict[str, Pack]:
    """Return the packs by ID, from the bundled ``packs.csv`` and the user's seeds."""
    feeds = read_csv(SEEDS / "feeds.csv", ("feed_id", "url"))
    publishers = {
        row["publisher_id"]: row
        for row in read_seed("publishers", settings.seeds, ("publisher_id",))
    }
    packs = {}
    for row in read_seed("packs", settings.seeds, ("pack_id",)):
        chosen = [dict(feed) for feed in select_feeds(row["conditions"], feeds, publishers)]
        countries = {publishers[feed["publisher_id"]]["country"] for feed in chosen} - {"INT"}
        packs[row["pack_id"]] = Pack(
            row["pack_id"], row["label"], row["description"], chosen, countries
        )
    return packs


def print_packs(console: SafeConsole, packs: Iterable[Pack]) -> None:
    """Print a table of the packs with their numbers of sources, countries and languages."""
    numbers = (Column(name, justify="right") for name in ("Sources", "Countries", "Languages"))
    table = Table(
        Column("Pack", no_wrap=True), "Content", *numbers, box=box.SIMPLE_HEAD, pad_edge=False
    )
    for pack in packs:
        counts = (len(pack.feeds), len(pack.countries), len(pack.languages))
        table.add_row(pack.pack_id, pack.description, *map(str, counts))
    console.print(table)
    console.print(
        "Add packs to your own list: `tidings feeds pack PACK…`. With --dry-run, the"
        " command only shows the rows."
    )


def add_packs(packs: Sequence[Pack], settings: Settings, *, is_dry_run: bool) -> None:
    """Add the rows of packs to the user's own feed list, or print them if ``is_dry_run``."""
    rows = read_rows(settings.own_feeds)
    known = {row[name] for row in rows for name in ("feed_id", "url")}
    chosen = {feed["feed_id"]: feed for pack in packs for feed in pack.feeds}
    new = [
        feed
        for feed in chosen.values()
        if feed["feed_id"] not in known and feed["url"] not in known
    ]
    if is_dry_run:
        for feed in new:
            print("\t".join([feed["feed_id"], feed["kind"], feed["language"] or "-", feed["url"]]))
    present = len(chosen) - len(new)
    already = f" ({present} already present)" if present else ""
    verb, labels = "Would add" if is_dry_run else "Added", ", ".join(pack.label for pack in packs)
    done = f"{labels}. {verb} {len(new)} of {len(chosen)} sources to {settings.own_feeds}{already}."
    if new and not is_dry_run:
        save_rows(settings, [*rows, *new], done)
    else:
        print(done)
