"""``tidings forget``: takes a page out everywhere, for good."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.places import UserError
from tidings.flows.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tidings.warehouse.forget import Traces


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

    run = start_run(read_settings(), now=None, log=lambda text: print(f"tidings: {text}", file=sys.stderr))
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
