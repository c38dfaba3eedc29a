"""``tidings rebuild``: the lake again, from the archive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.places import UserError
from flows.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable


def _progress() -> Callable[[str, int, int], None]:
    """Return a listener that prints a line for each tenth of a stage."""
    shown: dict[str, tuple[int, int]] = {}

    def progress(stage: str, done: int, total: int) -> None:
        tenth = (total, done * 10 // max(total, 1))
        if shown.get(stage) != tenth:
            shown[stage] = tenth
            print(f"tidings: {stage}: {done:,} of {total:,}", file=sys.stderr)

    return progress


def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a lake that is there is replaced.")] = False,
) -> None:
    """Make the lake again from the archive, when its files are damaged or lost.

    The command reads every WARC file in the order of the runs, lands its captures, reads feeds again, cleans pages with
    today's rules, builds the tables, tests them and releases. Nothing is fetched. The new lake is built in `rebuild/` and
    then takes the place of the old one, which is kept in `replaced-…/`: delete it when you trust the new one. Interrupted
    anywhere, start the command again; it goes on where it was.

    The archive does not hold past releases, robots files and pauses of hosts. Archives of versions before this command lack
    failed requests and the states of feeds too. Expect an hour for 250,000 pages on two cores.
    """
    from flows.stages.rebuild import rebuild as rebuild_lake
    from flows.stages.run import start_run

    run = start_run(read_settings(), now=None, tell=lambda text: print(f"tidings: {text}", file=sys.stderr), progress=_progress())
    if run.lake.exists and not yes and sys.stdin.isatty() and not typer.confirm(f"Replace the lake in {run.lake.root}?"):
        raise UserError("Nothing was rebuilt.")
    made = rebuild_lake(run)
    print(", ".join(f"{count:,} {name}" for name, count in made.row_counts.items()))
    if made.replaced:
        print(f"The lake before is in {made.replaced}.", file=sys.stderr)
    if made.damaged:
        raise UserError(f"{made.damaged:,} archive records are damaged and missing; `tidings doctor --deep` names them.")
