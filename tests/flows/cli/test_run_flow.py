"""A flow that fails for an expected reason ends the command with one sentence and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_a_failed_flow_ends_with_one_sentence(tmp_path: Path) -> None:
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
    assert shown.stderr.splitlines() == [
        f"tidings: There is no warehouse in {tmp_path} yet: run `tidings demo` or `tidings nightly` first."
    ]
