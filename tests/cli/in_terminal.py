"""Run a command with a pseudo-terminal as its input and outputs, as a user does."""

import contextlib
import os
import pty
import subprocess
import sys
from typing import Any


def run_in_terminal(*words: Any, **variables: str) -> tuple[int, str]:
    """Run ``tidings`` with these words; return its status and all that the terminal shows."""
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tidings.cli", *map(str, words)],
        env={
            name: value for name, value in os.environ.items() if name not in {"CI", "DO_NOT_TRACK"}
        }
        | variables,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        with contextlib.suppress(OSError):  # the end of the terminal on Linux
            while part := os.read(controller, 65536):
                shown += part
        os.close(controller)
    return process.returncode, shown.decode("utf-8", "replace").replace("\r\n", "\n")
