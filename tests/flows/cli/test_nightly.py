"""``tidings demo`` writes its folder anew, and nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys


def test_a_warehouse_that_is_called_demo_is_left_alone(tmp_path):
    """A folder of that name that no demo has written is refused in one sentence, and keeps what it holds."""
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
        == f"tidings: {tmp_path / 'demo'} holds something else than a demo: name another folder in TIDINGS_WAREHOUSE.\n"
    )
    assert kept.read_bytes() == b"kept"
