"""Failures as sentences: which of them a person can put right, and what of them may leave the process."""

from __future__ import annotations

import errno
import functools
import inspect
import logging
import os
import tempfile
import traceback
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from flows.messages import message, printable, redact

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

OURS = {"flows", "warehouse", "transforms", "seeds", "sample"}  # packages whose own exceptions carry a sentence for a person
ENDED_RUNS = {"FailedRun", "CrashedRun", "CancelledRun"}  # Prefect's, which carry the message of a run that ended so


def explain(error: BaseException) -> str | None:
    """Return the sentence about a failure that a person can put right, or None for a mistake of the program."""
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
    import duckdb  # noqa: PLC0415 - loaded already where its error is

    if not isinstance(error, duckdb.OperationalError | duckdb.FatalException | duckdb.InterruptException):
        return None
    return f"The warehouse could not be read or written: {message(str(error).strip().partition(chr(10))[0])}"


def guard_logs() -> None:
    """Make every log record of this process, whoever writes it, pass ``message``.

    A record keeps the traceback of a mistake of the program, and of every failure with TIDINGS_DEBUG. The traceback of a failure
    that ``explain`` knows is left out, because the sentence is in the record.
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
    """Return a flow's function that ends in a failed state with one sentence where ``explain`` has one; it raises the rest.

    Where another run holds its lock, the state is Cancelled: nothing is wrong, so nobody needs to hear of it.
    """
    from prefect.states import Cancelled, Failed  # noqa: PLC0415 - the command line starts without Prefect

    from warehouse.lake import LockedError  # noqa: PLC0415 - as above

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        guard_logs()
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - what explain does not know is raised
            sentence = explain(error)
            if sentence is None:
                raise scrub(error) from None
            ended: Any = Cancelled if isinstance(error, LockedError) else Failed
            return ended(message=sentence)  # type: ignore[no-any-return]

    # Prefect makes the form of the signature, and would look for the names in its annotations in this module.
    run.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
    run.__annotations__ = inspect.get_annotations(function, eval_str=True)
    return run


def scrubbed(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose exceptions, which Prefect stores and shows, hold no secrets."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - all are raised
            raise scrub(error) from None

    return run


def scrub(error: Exception) -> Exception:
    """Return an exception, without those that it came from, in whose text no secret stands."""
    error.args = tuple(redact(one) if isinstance(one, str) else one for one in error.args)
    return error if redact(str(error)) == str(error) else RuntimeError(f"{type(error).__name__}: {redact(str(error))}")


def describe(error: BaseException) -> str:
    """Return the sentence about any failure; for a mistake of the program it names the file that has its traceback.

    With TIDINGS_DEBUG set the traceback stands above the sentence, whatever the failure.
    """
    sentence = explain(error)
    told = printable(redact("".join(traceback.format_exception(error))))
    if os.environ.get("TIDINGS_DEBUG"):
        return f"{told}{sentence or f'Unexpected {type(error).__name__}.'}"
    if sentence is not None:
        return sentence
    what = f"Unexpected {type(error).__name__}: {message(str(error))[:300].rstrip('.')}."
    try:
        handle, name = tempfile.mkstemp(prefix="tidings-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(told)
    except OSError:
        return f"{told}{what} Please report it."
    return f"{what} This is a mistake of the program: please report it with {name}, which has the traceback."
