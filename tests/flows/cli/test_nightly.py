"""``tidings demo`` replaces only a folder that a demo wrote."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_a_foreign_folder_named_demo_does_not_change(tmp_path: Path) -> None:
    """The demo refuses a folder with this name that no demo wrote, and its files do not change."""
    kept = tmp_path / "demo" / "archive" / "mine.warc.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"kept")
    shown = subprocess.run(
        [sys.executable, "-m", "tidings.flows.cli", "demo"],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(tmp_path / "demo")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert shown.returncode == 1
    assert (
        shown.stderr
        == f"tidings: {tmp_path / 'demo'} contains files that no demo wrote. Set TIDINGS_WAREHOUSE to another folder.\n"
    )
    assert kept.read_bytes() == b"kept"
