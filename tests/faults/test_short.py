"""The fault harness in short; ``make faults`` runs it in full."""

import signal
import subprocess
import sys

LONGEST = 480  # seconds; each run in it has a limit of its own


def test_a_night_killed_three_times_in_a_row_leaves_the_rows_of_an_undisturbed_one() -> None:
    """After SIGKILL behind an unindexed archive file, amid the models and before the release file's rename nothing differs."""
    command = [sys.executable, "-m", "tests.faults.run", "--short"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as harness:
        try:
            told = harness.communicate(timeout=LONGEST)[0]
        finally:
            harness.send_signal(signal.SIGTERM)  # where it was late, it ends the newsroom and its run, and then itself
    assert harness.returncode == 0, told
    assert "night, kills at commits and renames: 3" in told
    assert "runs after kills: 1" in told
    assert "0 differences" in told
