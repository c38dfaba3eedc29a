"""Turn failures into messages: which failures a user can fix, and which details may leave the process."""

from __future__ import annotations

import errno
import functools
import inspect
import logging
import os
import tempfile
import traceback
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tidings.flows.messages import message, printable, redact

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

OURS = {"flows", "warehouse", "transforms", "seeds", "sample"}  # packages whose own exceptions have a message for users
ENDED_RUNS = {"FailedRun", "CrashedRun", "CancelledRun"}  # Prefect's exceptions with the message of an ended run


def explain(error: BaseException) -> str | None:
    """Return the message for a failure that a user can fix, or None for a programming error."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    package, text = type(error).__module__.partition(".")[0], message(str(error))
    if package in OURS or type(error).__name__ in ENDED_RUNS:
        return text
    if isinstance(error, MemoryError):
        return "There is not enough memory: close other programs, or set TIDINGS_WORKERS or TIDINGS_THREADS lower."
    if package in {"httpx", "httpcore"}:
        return f"Prefect's API does not answer ({text or type(error).__name__}). Start that server, or unset PREFECT_API_URL."
    if isinstance(error, OSError):
        return _explain_os(error)
    return _explain_duckdb(error) if package in {"duckdb", "_duckdb"} else None


def _explain_os(error: OSError) -> str:
    place = message(str(error.filename)) if error.filename else "A file or folder"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full{f' at {place}' if error.filename else ''}: make room, and run it again."
    return f"{place} cannot be used: {error.strerror}." if error.strerror else message(str(error))


def _explain_duckdb(error: BaseException) -> str | None:
    import duckdb  # noqa: PLC0415 - already loaded when it raises an error

    if not isinstance(error, duckdb.OperationalError | duckdb.FatalException | duckdb.InterruptException):
        return None
    return f"The warehouse could not be read or written: {message(str(error).strip().partition(chr(10))[0])}"


def guard_logs() -> None:
    """Apply ``message`` to every log record of this process, whichever library writes the record.

    A record keeps the traceback of a programming error, and with TIDINGS_DEBUG the traceback of every failure. Otherwise a
    failure that ``explain`` knows has no traceback, because the record contains its message.
    """
    if getattr(logging.getLogRecordFactory(), "is_guarded", False):
        return
    make = logging.getLogRecordFactory()

    def make_guarded(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.msg, record.args = message(record.getMessage()), ()
        if record.exc_info and record.exc_info[1]:
            if explain(record.exc_info[1]) is not None and not os.environ.get("TIDINGS_DEBUG"):
                record.exc_info = None
            else:
                record.exc_text = printable(redact("".join(traceback.format_exception(*record.exc_info)).rstrip()))
        return record

    make_guarded.is_guarded = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_guarded)


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Return a flow's function that returns a failed state with the message of ``explain`` and raises all other exceptions.

    If another run has the lock, the state is Cancelled: this is not a failure and sends no notification.
    """
    from prefect.states import Cancelled, Failed  # noqa: PLC0415 - the command line starts without Prefect

    from tidings.warehouse.writer_lock import LockedError  # noqa: PLC0415 - as above

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        guard_logs()
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - exceptions unknown to explain are raised again
            sentence = explain(error)
            if sentence is None:
                raise scrub(error) from None
            ended: Any = Cancelled if isinstance(error, LockedError) else Failed
            return ended(message=sentence)  # type: ignore[no-any-return]

    # Prefect builds the form from the signature, and would resolve the names in its annotations in this module.
    run.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    run.__annotations__ = inspect.get_annotations(function, eval_str=True)
    return run


def scrubbed(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose exceptions, which Prefect stores and shows, contain no secrets."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - all are raised
            raise scrub(error) from None

    return run


def scrub(error: Exception) -> Exception:
    """Return an exception whose text contains no secret."""
    error.args = tuple(redact(arg) if isinstance(arg, str) else arg for arg in error.args)
    return error if redact(str(error)) == str(error) else RuntimeError(f"{type(error).__name__}: {redact(str(error))}")


def describe(error: BaseException) -> str:
    """Return the message for any failure; for a programming error it names the file with the traceback.

    With TIDINGS_DEBUG set, the traceback precedes the message of every failure.
    """
    sentence = explain(error)
    trace = printable(redact("".join(traceback.format_exception(error))))
    if os.environ.get("TIDINGS_DEBUG"):
        return f"{trace}{sentence or f'Unexpected {type(error).__name__}.'}"
    if sentence is not None:
        return sentence
    what = f"Unexpected {type(error).__name__}: {message(str(error))[:300].rstrip('.')}."
    try:
        handle, name = tempfile.mkstemp(prefix="tidings-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(trace)
    except OSError:
        return f"{trace}{what} Please report it."
    return f"{what} This is a bug in Tidings: please report it with {name}, which contains the traceback."
