"""``tidings warehouse``, ``maintain``, ``backup``, ``restore``, ``rebuild`` and ``forget``: manage the stored data."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.run_flow import run_flow
from tidings.flows.cli.terminal import UserError
from tidings.flows.settings import read_settings
from tidings.warehouse.address import lake_at
from tidings.warehouse.adopt import adopt as adopt_lake
from tidings.warehouse.lake import Lake
from tidings.warehouse.move import move as move_lake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tidings.warehouse.forget import Traces

warehouse = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Move the warehouse to another location and back, or adopt a copy."
)


@warehouse.callback()
def start() -> None:
    """Move the warehouse to another location and back, or adopt a copy."""


@warehouse.command()
def move(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The warehouse as it is: a folder or a lake address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A place that holds none yet.")],
) -> None:
    """Copy a warehouse to another address, releases included, and check that it is the same.

    A lake address is `postgresql://USER@HOST/DATABASE?data=s3://BUCKET/PREFIX`; see docs/scale.md.

    Files are read back and compared, then every table by count and hash, now and as each release has it. The old one is left
    as it is: set `TIDINGS_WAREHOUSE` to the new address, and take the old one away when you trust it. Stopped anywhere, start
    it again.
    """
    folder = read_settings().warehouse
    moved = move_lake(lake_at(source, folder), lake_at(target, folder), lambda text: print(text, file=sys.stderr))
    print(
        f"Moved: {moved.files:,} files ({moved.byte_count:,} bytes), {moved.tables} tables, {moved.releases} releases."
        " Set TIDINGS_WAREHOUSE to the new address."
    )


@warehouse.command()
def adopt(
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="The copy. Without it, TIDINGS_WAREHOUSE.")] = None,
) -> None:
    """Make a warehouse that was copied or moved by hand usable at its new location.

    A catalog stores the full path of its tables' folder. Tidings refuses a copy until you adopt it, so that two copies never
    write into each other. Before it changes that path, the command checks that no run is writing, that the catalog is intact,
    that every file in the catalog exists below FOLDER, and that no part of FOLDER is a link to the original.

    The original, if it still exists, remains a separate warehouse: let only one of the two run every night.
    """
    lake = read_settings().lake if folder is None else Lake(folder.resolve())
    before = adopt_lake(lake, lambda text: print(f"tidings: {text}", file=sys.stderr))
    if before is None:
        print(f"The catalog of {lake.root} already names this folder; nothing was changed.")
        return
    print(f"{lake.root} is now a separate warehouse; its catalog named {before}.")
    if Path(before).is_dir():
        print(f"{before} still exists: let only one of the two run every night.", file=sys.stderr)


def maintain(
    keep_nights: Annotated[
        int, typer.Option(envvar="TIDINGS_KEEP_NIGHTS", min=1, help="Days of nightly releases; month-ends are kept for ever.")
    ] = 35,
    keep_raw_days: Annotated[
        int, typer.Option(envvar="TIDINGS_KEEP_RAW_DAYS", min=0, help="Delete raw files older than this; 0 keeps them for ever.")
    ] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    now: Annotated[str, typer.Option(help="The instant to reckon from, ISO 8601 with a zone. Empty: the present.")] = "",
) -> None:
    """Merge files, let go of what no kept release needs, vacuum the databases, and say how many bytes that gave back.

    Every kept release stays readable: each is counted again before anything is deleted. A night that is under way is waited
    for. `tidings serve` does it every week.
    """
    run_flow(
        "tidings.flows.maintain:maintain",
        {"keep_nights": keep_nights, "keep_raw_days": keep_raw_days, "dry_run": dry_run, "now": now},
    )


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder, on another disk at best.")],
) -> None:
    """Copy archive, lake, releases, report and Prefect's memory of runs into a folder, as of one moment.

    Readers are not interrupted. A running night waits until the copy is complete. `tidings restore DIR` restores the copy.

    The command reads every file completely. If a file is damaged, the command still makes the backup, but it names the file and
    exits with status 1.
    """
    from tidings.warehouse.backup import back_up
    from tidings.warehouse.exports import note_copy

    lake = read_settings().lake
    made = back_up(lake, folder, dt.datetime.now(dt.UTC), lambda text: print(f"tidings: {text}", file=sys.stderr))
    note_copy(lake, "backup", folder, made.release_id or "", dt.datetime.now(dt.UTC))
    last = f"up to release {made.release_id}" if made.release_id else "before any release"
    print(f"{len(made.files):,} files, {made.byte_count:,} bytes, {last}", file=sys.stderr)
    print(folder)
    if made.damage:
        lines = "\n".join(made.damage)
        raise UserError(
            f"{len(made.damage)} files are damaged in the warehouse and in this backup: keep your earlier backups.\n{lines}"
        )


def restore(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `tidings backup` wrote.")]) -> None:
    """Make a warehouse of a backup, in the folder that TIDINGS_WAREHOUSE names; an existing warehouse is never overwritten.

    Before it writes anything, the command compares the names, sizes and SHA-256 hashes of all files with the backup's own list.
    It refuses links, and files that the list does not name. Afterwards it reads every table and every archive record. If a file
    was already damaged in the backup, the command names it and exits with status 1.
    """
    from tidings.warehouse.restore import restore as restore_warehouse

    lake = read_settings().lake
    made, damage = restore_warehouse(folder, lake, lambda text: print(f"tidings: {text}", file=sys.stderr))
    print(f"{len(made.files):,} files, {made.byte_count:,} bytes, as of {made.made_at}", file=sys.stderr)
    print(lake.root)
    if damage:
        raise UserError(f"{len(damage)} restored files were damaged before the backup:\n" + "\n".join(map(str, damage)))


def _progress() -> Callable[[str, int, int], None]:
    """Return a progress function that prints a line for each tenth of a stage."""
    shown: dict[str, tuple[int, int]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        tenth = (total, done * 10 // max(total, 1))
        if shown.get(stage) != tenth:
            shown[stage] = tenth
            print(f"tidings: {stage}: {done:,} of {total:,}", file=sys.stderr)

    return progress


def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="Replace an existing lake without asking.")] = False,
    allow_unlisted: Annotated[
        bool, typer.Option("--allow-unlisted", help="Rebuild although sources in the archive are missing in the feed list.")
    ] = False,
) -> None:
    """Rebuild the lake from the archive, when its files are damaged or lost.

    The command reads every WARC file in the order of the runs, stores its captures, parses feeds again, cleans pages with
    the current rules, builds and tests the tables, and releases them. It makes no network requests. It builds the new lake in
    `rebuild/`, moves the old lake to `replaced-…/` and puts the new one in its place. Delete the old lake when you trust the
    new one. If the command is interrupted, start it again: it continues where it stopped.

    Set `TIDINGS_FEEDS` and `TIDINGS_SEEDS` as the nights had them: the feed list and the seeds decide which outlet an article
    counts for.

    The archive does not contain past releases, robots files and pauses of hosts. Archives of versions before this command also
    lack failed requests and feed states. Expect one hour for 250,000 pages on two cores.
    """
    from tidings.flows.stages.rebuild import rebuild as rebuild_lake
    from tidings.flows.stages.run import start_run

    run = start_run(read_settings(), now=None, tell=lambda text: print(f"tidings: {text}", file=sys.stderr), progress=_progress())
    if run.lake.exists and not yes:
        if not sys.stdin.isatty():
            raise UserError(f"{run.lake.root} has a lake: pass --yes to replace it.")
        if not typer.confirm(f"Replace the lake in {run.lake.root}?"):
            raise UserError("Nothing was rebuilt.")
    result = rebuild_lake(run, allows_unlisted=allow_unlisted)
    print(", ".join(f"{count:,} {name}" for name, count in result.row_counts.items()))
    if result.replaced:
        print(f"The old lake is in {result.replaced}.", file=sys.stderr)
    if result.damaged:
        raise UserError(
            f"{result.damaged:,} archive records are damaged, and their rows are missing; `tidings doctor --deep` names them."
        )


def forget(
    url: Annotated[str, typer.Argument(metavar="URL", help="The page's address, in any form that was fetched or stored.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: what goes cannot be brought back.")] = False,
) -> None:
    """Take a page out of the archive, the lake, past releases, the report and the exports known of; it does not come back.

    Its captures, its rows, and the bodies of feeds that showed it go, in every release. Figures of past releases stay as they
    were published. Its addresses and articles are listed before you are asked. Backups are named, not changed. Broken off, it is
    done again or finished by `tidings maintain`.
    """
    from tidings.flows.stages.forget import forget_page, trace_page
    from tidings.flows.stages.run import start_run

    run = start_run(read_settings(), now=None, tell=lambda text: print(f"tidings: {text}", file=sys.stderr))
    for line in _listed(trace_page(run, url)):
        print(line)
    if dry_run:
        return
    if not yes and sys.stdin.isatty() and not typer.confirm("Take all of this out for good?"):
        raise UserError("Nothing was forgotten.")
    gone = forget_page(run, url)
    print(f"{gone.row_count} rows, {len(gone.traces.captures)} captures")


def _listed(traces: Traces) -> Iterator[str]:
    """Yield a line for each address and each article that go."""
    yield from (f"address  {one}" for one in sorted(traces.urls))
    for row in sorted(traces.articles, key=lambda row: row.url):
        yield f"article  {row.published_on or 'no day'}  {row.title or 'no title'}"
    yield f"captures {len(traces.captures)} of the page, {len(traces.sources)} of sources that showed it"
