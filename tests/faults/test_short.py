"""A short run of the fault tests; ``make faults`` runs all of them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures import DEMO_SEEDS
from tests.flows.nights import settings_for

pytestmark = pytest.mark.slow

MAX_SECONDS = 480  # seconds; each run has its own limit


def test_a_night_killed_four_times_in_a_row_leaves_the_rows_of_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    """SIGKILL before indexing, around the models' commit, before the rename: no difference."""
    settings_for(tmp_path / "reference", tmp_path / "feeds.csv", [], DEMO_SEEDS)
    command = [sys.executable, "-m", "tests.faults.run", "--short", "--folder", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as harness:
        try:
            output = harness.communicate(timeout=MAX_SECONDS)[0]
        finally:
            # after the time limit it stops the newsroom and its run
            harness.send_signal(signal.SIGTERM)
    assert harness.returncode == 0, output
    assert "night, kills at commits and renames: 4" in output
    assert "runs after kills: 1" in output
    assert "0 differences" in output
