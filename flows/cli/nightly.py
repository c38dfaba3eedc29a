"""``tidings nightly`` and ``demo``: run the nightly pipeline on real feeds or on the sample newsroom."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tidings.flows.cli.run_flow import run_flow
from tidings.flows.cli.summary import print_summary
from tidings.flows.cli.terminal import SafeConsole, UserError
from tidings.flows.settings import read_instant, read_settings
from tidings.flows.stages.prepare import registry_of
from tidings.warehouse.lake import NIGHT, Lake, writing

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tidings.sample.serve import Newsroom

WEEK = 7 * 86400.0  # seconds


def nightly(
    feeds: Annotated[
        Path | None, typer.Option(help="A feed list: CSV with feed_id and url. Without it, the registry in seeds/.")
    ] = None,
    now: Annotated[str | None, typer.Option(help="The night's instant, ISO 8601 with a zone, as 2026-08-31T22:00:00Z.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for a running night to end instead of exiting with an error.")
    ] = False,
) -> None:
    """Run the night once: poll, obtain, clean, model, audit, release.

    The command runs the same flow as the schedule and needs no Prefect server. The next night completes an interrupted one.
    While another night runs on the same warehouse, the command exits with status 1, or waits with `--wait`.
    """
    if feeds is not None and not feeds.is_file():
        raise UserError(f"There is no feed list {feeds}.")
    if now:
        read_instant(now)  # a slip is told before anything starts
    env = {**os.environ, "TIDINGS_FEEDS": str(feeds)} if feeds else os.environ
    registry_of(read_settings(env))
    run_night(str(feeds.resolve()) if feeds else "", now or "", is_patient=wait)
    print_summary(read_settings().lake)


def run_night(feeds: str, now: str, *, is_patient: bool = False) -> None:
    """Run the nightly flow with a Prefect API of its own, or with the API that PREFECT_API_URL names.

    If another night runs on the same warehouse, wait for it if ``is_patient``; else raise LockedError before anything starts.
    """
    with writing(read_settings().lake, name=NIGHT, patience=WEEK if is_patient else 0):
        pass  # the flow itself takes the lock again, as the scheduled flow does
    run_flow("tidings.flows.nightly:nightly", {"feeds": feeds, "now": now})


FEEDS = "feeds.csv"  # the first that a demo writes, so that its folder is known by it
PORT = 8765  # the same each time where it is free, so that addresses in the demo can be followed while it runs


def demo() -> None:
    """Run the night on the bundled sample newsroom: five invented outlets over loopback HTTP, ninety days at once.

    It writes a warehouse of its own, `demo` below the data folder, anew each time.
    """
    from tidings import sample
    from tidings.sample.serve import END

    console = SafeConsole()
    root = read_settings().warehouse
    root = root if root.name == "demo" else root / "demo"
    if root.is_dir() and any(root.iterdir()) and not (root / FEEDS).exists():
        raise UserError(f"{root} holds something else than a demo: name another folder in TIDINGS_WAREHOUSE.")
    with writing(Lake(root), name=NIGHT, patience=0):  # never delete the folder of a running demo
        shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    with _open_newsroom() as newsroom:
        console.print(
            f"[bold]Tidings demo[/bold]: five invented outlets on loopback, {len(newsroom.truth.articles)} items of ninety days.",
            highlight=False,
        )
        feeds = root / FEEDS
        feeds.write_text(newsroom.feeds_csv(), encoding="utf-8")
        hosts = ",".join(url.removeprefix("http://") for url in newsroom.base_urls.values())
        os.environ.update(
            TIDINGS_WAREHOUSE=str(root),
            TIDINGS_ALLOW_HOSTS=hosts,
            TIDINGS_HOST_GAP="0",
            TIDINGS_SEEDS=str(Path(sample.__file__).resolve().parent / "seeds"),
        )
        run_night(str(feeds), END.isoformat())
    print_summary(Lake(root), console)


def _open_newsroom() -> AbstractContextManager[Newsroom]:
    """Return the newsroom on its usual port, or on a free one where something else holds that."""
    import socket

    from tidings.sample.outlets import OUTLETS
    from tidings.sample.serve import start

    for outlet in OUTLETS.values():
        with socket.socket() as probe:
            if probe.connect_ex((outlet.address, PORT)) == 0:
                return start()
    return start(PORT)
