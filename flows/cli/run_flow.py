"""Running a flow from the command line: with an API, plain lines on standard error, and one sentence when it fails."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tidings.flows.cli.terminal import UserError
from tidings.flows.messages import explain
from tidings.flows.server import prefect_api
from tidings.flows.settings import read_settings


def run_flow(name: str, parameters: dict[str, Any]) -> Any:
    """Run a flow given as ``module:function`` and return what it returns.

    Raises UserError with one sentence when it fails for a reason that a person can put right.
    """
    settings = read_settings()
    _check_folder(settings.warehouse)
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "tidings")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    # Prefect would print the traceback of what a person is told in one sentence; it stays in the run's log.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    module, function = name.split(":")
    with prefect_api(settings.warehouse / "prefect"):
        flow = getattr(importlib.import_module(module), function)
        _show_lines()
        try:
            return _result(flow(**parameters, return_state=True))
        finally:
            from prefect.logging.handlers import APILogWorker

            APILogWorker.drain_all(timeout=5)


def _result(state: Any) -> Any:
    """Return a flow run's result. Raises UserError with the message of a failed run, and raises a programming error again."""
    if state.is_completed():
        return state.result()
    found = state.result(raise_on_failure=False)
    if isinstance(found, BaseException) and explain(found) is None:
        raise found
    raise UserError(state.message or "The run did not complete.")


def _check_folder(root: Path) -> None:
    """Raise OSError, which names the path, if the warehouse's folder cannot be created or written."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root):
        pass


def _show_lines() -> None:
    """Send what the stages tell to standard error, a line each with its time, and nothing of Prefect's own."""
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    for name in ("prefect", "prefect.flow_runs", "prefect.task_runs"):
        logger = logging.getLogger(name)
        logger.handlers = [handler for handler in logger.handlers if type(handler).__name__ != "PrefectConsoleHandler"]
    own = logging.getLogger("tidings")
    own.setLevel(logging.INFO)
    own.propagate = False
    own.handlers = [handler for handler in own.handlers if type(handler).__name__ == "APILogHandler"] + [shown]
