"""``tidings demo``: the night on the bundled sample newsroom, in a warehouse of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tidings.flows.cli.nightly import run_night
from tidings.flows.cli.places import UserError
from tidings.flows.cli.screen import Screen
from tidings.flows.cli.summary import print_summary
from tidings.flows.settings import read_settings
from tidings.warehouse.lake import Lake
from tidings.warehouse.writer_lock import NIGHTLY_LOCK, writer_lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tidings.sample.serve import Newsroom

FEEDS = "feeds.csv"  # the first that a demo writes, so that its folder is known by it
PORT = 8765  # the same each time where it is free, so that addresses in the demo can be followed while it runs


def demo() -> None:
    """Run the night on the bundled sample newsroom: five invented outlets over loopback HTTP, ninety days at once.

    It writes a warehouse of its own, `demo` below the data folder, anew each time.
    """
    from tidings import sample
    from tidings.sample.serve import END

    console = Screen()
    root = read_settings().warehouse
    root = root if root.name == "demo" else root / "demo"
    if root.is_dir() and any(root.iterdir()) and not (root / FEEDS).exists():
        raise UserError(f"{root} holds something else than a demo: name another folder in TIDINGS_WAREHOUSE.")
    with writer_lock(Lake(root), name=NIGHTLY_LOCK, patience=0):  # never delete the folder of a running demo
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
