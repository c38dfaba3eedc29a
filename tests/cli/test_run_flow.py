"""A flow that fails for an expected reason ends the command with one sentence and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.cli.in_terminal import run_in_terminal

if TYPE_CHECKING:
    from pathlib import Path


def test_a_failed_flow_ends_with_one_sentence(tmp_path: Path) -> None:
    """Maintenance of a missing warehouse prints one line, although a Prefect task failed."""
    shown = subprocess.run(
        [sys.executable, "-m", "tidings.cli", "maintain"],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert shown.returncode == 1
    assert shown.stderr.splitlines() == [
        (
            f"tidings: There is no warehouse in {tmp_path} yet: run `tidings demo` or `tidings"
            f" nightly` first."
        )
    ]


def test_no_notice_precedes_a_run(tmp_path: Path) -> None:
    """On a terminal, the first lines are Tidings' own: Prefect prints no notice of its
    telemetry.
    """
    (tmp_path / "feeds.csv").write_text(
        "feed_id,url\nlocal,http://127.0.0.1:9/feed.xml\n", encoding="utf-8"
    )
    folder = tmp_path / "data"
    _, shown = run_in_terminal(
        "nightly",
        "--feeds",
        tmp_path / "feeds.csv",
        TIDINGS_WAREHOUSE=str(folder),
        HOME=str(tmp_path),
    )
    assert "schema" in shown.splitlines()[0], shown
    assert "opt out" not in shown
    assert "telemetry" not in shown
