"""``tidings demo`` replaces only a folder that a demo wrote, and ``tidings nightly`` announces a
long first run.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from tidings.cli import app, nightly
from tidings.storage.lake import Lake
from tidings.storage.writer_lock import writer_lock

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_foreign_folder_named_demo_does_not_change(command: Any, tmp_path: Path) -> None:
    """The demo refuses a folder with this name that no demo wrote, and its files do not change."""
    kept = tmp_path / "demo" / "archive" / "mine.warc.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"kept")
    shown = command("demo", TIDINGS_WAREHOUSE=str(tmp_path / "demo"))
    assert shown.returncode == 1
    assert (
        shown.stderr
        == f"tidings: {tmp_path / 'demo'} contains files that no demo wrote. Set TIDINGS_WAREHOUSE"
        f" to another folder.\n"
    )
    assert kept.read_bytes() == b"kept"


def test_a_second_demo_does_not_delete_the_files_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a demo is active, also before its nightly run starts, a second one fails. Afterwards it
    empties the folder.
    """
    monkeypatch.setenv("TIDINGS_WAREHOUSE", str(tmp_path))
    for name in ("TIDINGS_ALLOW_HOSTS", "TIDINGS_HOST_GAP", "TIDINGS_SEEDS"):
        monkeypatch.setenv(name, "")  # the demo sets them
    stored = tmp_path / "demo" / "lake" / "catalog.sqlite"
    with writer_lock(Lake(tmp_path / "demo"), name=nightly.LOCK, patience=0):
        (tmp_path / "demo" / nightly.FEEDS).write_text("feed_id,url\n")
        stored.parent.mkdir()
        stored.touch()
        refused = CliRunner().invoke(app, ["demo"]).exception
        assert str(refused).startswith(
            f"Another demo is running in {tmp_path / 'demo'} (process {os.getpid()}, since "
        )
        assert stored.exists()
    monkeypatch.setattr(nightly, "run_nightly", lambda *_: stored.exists() or sys.exit(7))
    assert CliRunner().invoke(app, ["demo"]).exit_code == 7


def test_the_first_run_of_a_long_list_states_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first run of many sources, the command states the number of pages and names the
    packs.
    """
    for name in ("run_flow", "print_summary", "print_findings"):
        monkeypatch.setattr(nightly, name, lambda *_, **__: None)
    for count, is_announced in ((400, True), (40, False)):
        feeds = tmp_path / f"{count}.csv"
        rows = "".join(f"f{number},https://example.org/{number}\n" for number in range(count))
        feeds.write_text(f"feed_id,url\n{rows}")
        done = CliRunner().invoke(
            app,
            ["nightly", "--feeds", str(feeds)],
            env={"TIDINGS_WAREHOUSE": str(tmp_path / "data")},
        )
        assert done.exit_code == 0
        assert (
            "400 sources downloads about 10,000 pages" in done.output
            and "feeds pack" in done.output
        ) == is_announced
