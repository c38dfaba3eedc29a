"""A flow that fails for an expected reason ends the command with one sentence and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys


def test_a_failed_flow_ends_with_one_sentence(tmp_path):
    """Maintenance of a missing warehouse prints one line, although a Prefect task failed."""
    shown = subprocess.run(
        [sys.executable, "-m", "tidings.flows.cli", "maintain"],
        env=os.environ | {"TIDINGS_WAREHOUSE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert shown.returncode == 1
    assert shown.stderr.splitlines() == [f"tidings: There is no warehouse in {tmp_path} yet: run a night first."]
