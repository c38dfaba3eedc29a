"""Run a Prefect flow from the command line."""

import contextlib
import gc
import importlib
import logging
import os
import sys
from typing import Any

from tidings.base.messages import explain
from tidings.base.settings import read_instant, read_settings
from tidings.cli.terminal import UserError, refuse
from tidings.flows.prefect_server import prefect_server
from tidings.storage.remote_lake import lake_of


def run_flow(name: str, parameters: dict[str, Any]) -> Any:
    """Run a flow, given as ``module:function``, and return its result. Raises SettingsError for an
    invalid ``now``, and UserError for a failure that the user can fix.
    """
    settings = read_settings()
    if now := parameters.get("now"):
        read_instant(now)
    lake_of(settings)  # an invalid address ends the command before a server starts
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    refuse(
        not os.access(settings.warehouse, os.W_OK),
        f"The warehouse in {settings.warehouse} cannot be written.",
    )
    os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "tidings")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    # The command prints a failure as one sentence. Prefect's traceback stays in the log of the run.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    module, function = name.split(":")
    with contextlib.ExitStack() as stack:
        gc.disable()  # collections take a quarter of the CPU time of importing Prefect (.8 of 3 s)
        try:
            stack.enter_context(prefect_server(settings.warehouse / "prefect"))
            flow = getattr(importlib.import_module(module), function)
        finally:
            gc.freeze()
            gc.enable()
        _show_lines()
        try:
            state = flow(**parameters, return_state=True)
            if state.is_completed():
                return state.result()
            failure = state.result(raise_on_failure=False)
            if isinstance(failure, BaseException) and explain(failure) is None:
                raise failure
            raise UserError(state.message or "The run did not complete.")
        finally:
            from prefect.logging.handlers import APILogWorker

            APILogWorker.drain_all(timeout=5)


def _show_lines() -> None:
    """Send the stages' log lines to standard error."""
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%H:%M:%S"))
    own = logging.getLogger("tidings")
    own.setLevel(logging.INFO)
    own.propagate = False
    own.handlers = [
        handler for handler in own.handlers if type(handler).__name__ == "APILogHandler"
    ] + [shown]
