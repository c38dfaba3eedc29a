"""``tidings rebuild``: rebuild the lake from the archive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.places import UserError
from tidings.flows.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable


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

    run = start_run(read_settings(), now=None, log=lambda text: print(f"tidings: {text}", file=sys.stderr), progress=_progress())
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
