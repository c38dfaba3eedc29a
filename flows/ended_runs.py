"""Turn the end of a run into a Prefect state: failed with a message, cancelled, or to be tried
again.
"""

from __future__ import annotations

import functools
import inspect
import logging
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from prefect._internal.control_listener import get_intent
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRunPolicy
from prefect.runtime import flow_run
from prefect.states import Cancelled, Failed

from tidings.base.catalog_failures import is_connection_lost
from tidings.base.messages import explain, guard_logs, scrub
from tidings.storage.writer_lock import LockedError

if TYPE_CHECKING:
    from collections.abc import Callable

CANCELLED = "This run was cancelled. The next run completes its work."
log = logging.getLogger("tidings")
P = ParamSpec("P")
R = TypeVar("R")


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Return a flow's function that returns a failed state with the message of ``explain`` and
    raises all other exceptions.

    If another run has the lock, or if the run was cancelled, the state is Cancelled: this is not a
    failure and sends no notification. Prefect runs the flow again, as its ``retries`` allow, only
    if the connection to the catalog was lost.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        guard_logs()
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if is_cancelled():
                log.info(CANCELLED)
                return Cancelled(message=CANCELLED)  # type: ignore[return-value]
            if not isinstance(error, Exception):
                raise
            sentence = explain(error)
            if is_connection_lost(error):
                log.info(
                    "the connection to the catalog was lost; the run starts again in 20"
                    " seconds, at most three times"
                )
            else:
                _end_retries()
            if sentence is None:
                raise scrub(error) from None
            ended: Any = Cancelled if isinstance(error, LockedError) else Failed
            return ended(message=sentence)  # type: ignore[no-any-return]

    # Prefect builds the form from the signature, and would resolve the names in its annotations in
    # this module.
    run.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    run.__annotations__ = inspect.get_annotations(function, eval_str=True)
    return run


def _end_retries() -> None:
    """Disable the retries of the current flow run, because the same failure would occur again."""
    if flow_run.id is None:
        return
    with get_client(sync_client=True) as client:
        client.update_flow_run(
            flow_run.id, empirical_policy=FlowRunPolicy(retries=0, retry_delay=0)
        )


def is_cancelled() -> bool:
    """Return whether a user has cancelled this process's run, or its server is stopping.

    Prefect then sends SIGTERM. Its handler raises an exception, which libraries may replace, such
    as DuckDB in a query.
    """
    return get_intent() == "cancel"


def scrubbed(function: Callable[P, R]) -> Callable[P, R]:
    """Return a task's function whose exceptions, which Prefect stores and shows, contain no
    secrets.

    If the run was cancelled, the function returns a cancelled state, because Prefect logs each
    exception as an error.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            if is_cancelled():
                # Prefect logs this state as an error
                logging.getLogger("prefect.task_runs").setLevel(logging.CRITICAL)
                return Cancelled(message=CANCELLED)  # type: ignore[return-value]
            if isinstance(error, Exception):
                raise scrub(error) from None
            raise

    return run
