"""``tidings forget``: takes a page out everywhere, for good."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.cli.places import UserError
from flows.settings import read_settings


def forget(
    url: Annotated[str, typer.Argument(metavar="URL", help="The page's address, in any form that was fetched or stored.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: what goes cannot be brought back.")] = False,
) -> None:
    """Take a page out of the archive, the lake, past releases, the report and the exports known of; it does not come back.

    Its captures, its rows, and the bodies of feeds that showed it go, in every release. Figures of past releases stay as they
    were published. Backups are named, not changed. Broken off, it is done again or finished by `tidings maintain`.
    """
    from flows.stages.forget import forget_page
    from flows.stages.run import start_run

    if not yes and sys.stdin.isatty() and not typer.confirm(f"Take {url} out for good?"):
        raise UserError("Nothing was forgotten.")
    run = start_run(read_settings(), now=None, tell=lambda text: print(f"tidings: {text}", file=sys.stderr))
    gone = forget_page(run, url)
    print(f"{gone.row_count} rows, {len(gone.traces.captures)} captures")
