"""A flow that fails for a reason that a person can put right ends the command with one sentence, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys


def test_a_failed_flow_ends_with_one_sentence(tmp_path):
    """Upkeep of a warehouse that is not there says so in one line, though a task of Prefect's failed on the way."""
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
