"""Signals that end a command."""

import subprocess
import sys

WITHIN_A_COLLECTION = """
import os, signal, time, weakref
from tidings.cli import signals

def stop(reference):
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.1)

signals.watch()
signals.extend(0.2)
held = type("Held", (), {})()
watched = weakref.ref(held, stop)
del held
time.sleep(60)
"""


def test_a_signal_within_a_garbage_collection_ends_without_a_traceback() -> None:
    """Python cannot raise the interrupt there; the command ends with its sentence all the same."""
    done = subprocess.run(
        [sys.executable, "-c", WITHIN_A_COLLECTION], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (143, "Stopped. Run the command again to finish.\n")
